// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups. The module owns a group's DMA from the first claim of one of its devices to the end of
 * the last claim, and lets it go to one space at a time. While the module owns the group and has it
 * attached to no space, the IOMMU blocks all DMA of the group.
 *
 * Takes groups_lock.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "dma/group.h"

/* Guarded by groups_lock. Freed with the last claim. */
struct uldf_group {
	struct list_head node;
	struct iommu_group *group;
	unsigned int claims;
	unsigned int attached; /* how many devices are attached */
	struct uldf_space *space;
	unsigned int opened; /* how many devices are open */
	kuid_t user; /* who has these; invalid: users of whom all but one have CAP_SYS_RAWIO */
};

static DEFINE_MUTEX(groups_lock);
static LIST_HEAD(groups);

struct holder {
	char name[32];
};

/*
 * Names one driver that uses the group's DMA. Holds a device's lock meanwhile, without which its driver
 * may go, and passes over a device whose lock somebody holds, like the one that is being claimed.
 */
static int name_holder(struct device *dev, void *data)
{
	struct holder *holder = data;
	bool uses;

	if (holder->name[0] || !device_trylock(dev))
		return 0;
	uses = dev->driver && !(dev_is_pci(dev) && to_pci_driver(dev->driver)->driver_managed_dma);
	if (uses)
		strscpy(holder->name, dev->driver->name, sizeof(holder->name));
	device_unlock(dev);
	return 0;
}

/* Refuses a group with memory that firmware wants mapped at all times: no space of ours maps that. */
static int group_check(struct iommu_group *group, char *reason)
{
	struct iommu_resv_region *region, *next;
	LIST_HEAD(regions);
	int ret;

	ret = iommu_get_group_resv_regions(group, &regions);
	list_for_each_entry_safe(region, next, &regions, list) {
		if (!ret && region->type == IOMMU_RESV_DIRECT) {
			strscpy(reason, "the firmware reserves memory for it", ULDF_REASON_SIZE);
			ret = -EPERM;
		}
		kfree(region);
	}
	return ret;
}

static struct uldf_group *group_find(struct iommu_group *iommu)
{
	struct uldf_group *group;

	list_for_each_entry(group, &groups, node)
		if (group->group == iommu)
			return group;
	return NULL;
}

/* Takes over the reference to @iommu on success. */
static int group_create(struct iommu_group *iommu, char *reason, struct uldf_group **out)
{
	struct uldf_group *group;
	struct holder holder = {};
	int ret;

	ret = group_check(iommu, reason);
	if (ret)
		return ret;
	group = kzalloc(sizeof(*group), GFP_KERNEL);
	if (!group)
		return -ENOMEM;
	ret = iommu_group_claim_dma_owner(iommu, group);
	if (ret) {
		kfree(group);
		if (ret == -ENOMEM)
			return ret;
		iommu_group_for_each_dev(iommu, &holder, name_holder);
		snprintf(reason, ULDF_REASON_SIZE, "its IOMMU group %d is used by %s",
			 iommu_group_id(iommu), holder.name[0] ? holder.name : "another driver");
		return -EBUSY;
	}
	group->group = iommu;
	list_add(&group->node, &groups);
	*out = group;
	return 0;
}

/**
 * uldf_group_get - take the DMA of a device's IOMMU group
 * @pdev: the device
 * @reason: room for ULDF_REASON_SIZE bytes, gets the reason of a refusal
 * @out: the group, for uldf_group_put(); NULL if the device stands behind no IOMMU
 *
 * Return: 0; -EBUSY another driver uses the group; -EPERM the firmware reserves memory for it; -ENOMEM
 */
int uldf_group_get(struct pci_dev *pdev, char *reason, struct uldf_group **out)
{
	struct iommu_group *iommu = iommu_group_get(&pdev->dev);
	struct uldf_group *group;
	int ret = 0;

	if (!iommu) {
		*out = NULL;
		return 0;
	}
	mutex_lock(&groups_lock);
	group = group_find(iommu);
	if (group)
		iommu_group_put(iommu);
	else
		ret = group_create(iommu, reason, &group);
	if (!ret) {
		group->claims++;
		*out = group;
	} else {
		iommu_group_put(iommu);
	}
	mutex_unlock(&groups_lock);
	return ret;
}

/* Undoes uldf_group_get(); the last call gives the group's DMA back. NULL is ignored. */
void uldf_group_put(struct uldf_group *group)
{
	if (!group)
		return;
	mutex_lock(&groups_lock);
	if (!--group->claims) {
		list_del(&group->node);
		iommu_group_release_dma_owner(group->group);
		iommu_group_put(group->group);
		kfree(group);
	}
	mutex_unlock(&groups_lock);
}

/**
 * uldf_group_open - note that a device is opened, and by whom
 * @udev: the device, its lock held
 *
 * The IOMMU does not tell the devices of a group apart: each reaches the memory that another one was given. So
 * only one user has devices of a group open, or who could reach all memory anyway.
 *
 * Return: 0; -EBUSY another user has a device of the group open
 */
int uldf_group_open(struct uldf_device *udev)
{
	struct uldf_group *group = udev->group;
	int ret = 0;

	if (!group)
		return 0;
	mutex_lock(&groups_lock);
	if (!group->opened)
		group->user = current_uid();
	else if (!uid_eq(group->user, current_uid()) && capable(CAP_SYS_RAWIO))
		group->user = INVALID_UID;
	else if (!uid_eq(group->user, current_uid()))
		ret = -EBUSY;
	if (!ret) {
		group->opened++;
		udev->group_opened = true;
	}
	mutex_unlock(&groups_lock);
	return ret;
}

/* Undoes uldf_group_open(), if it was not undone; the device is attached to no space, its lock is held. */
void uldf_group_close(struct uldf_device *udev)
{
	if (!udev->group_opened)
		return;
	mutex_lock(&groups_lock);
	udev->group->opened--;
	mutex_unlock(&groups_lock);
	udev->group_opened = false;
}

struct iommu_group *uldf_group_iommu(struct uldf_group *group)
{
	return group->group;
}

/**
 * uldf_group_attach - let the DMA of a group go to a space
 * @group: group of the device that is attached
 * @space: the space, used only to tell spaces apart
 * @domain: its domain
 *
 * Return: 0; -EBUSY the group goes to another space; what iommu_attach_group() returns
 */
int uldf_group_attach(struct uldf_group *group, struct uldf_space *space,
		      struct iommu_domain *domain)
{
	int ret = 0;

	mutex_lock(&groups_lock);
	if (group->attached && group->space != space)
		ret = -EBUSY;
	else if (!group->attached)
		ret = iommu_attach_group(domain, group->group);
	if (!ret) {
		group->space = space;
		group->attached++;
	}
	mutex_unlock(&groups_lock);
	return ret;
}

/* Undoes one uldf_group_attach(); after the last one the IOMMU blocks the group's DMA. */
void uldf_group_detach(struct uldf_group *group, struct iommu_domain *domain)
{
	mutex_lock(&groups_lock);
	if (!--group->attached) {
		iommu_detach_group(domain, group->group);
		group->space = NULL;
	}
	mutex_unlock(&groups_lock);
}
