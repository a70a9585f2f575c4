// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists the functions of an IOMMU group.
 *
 * No lock of the kernel guards a device's reference to its group, which the IOMMU core drops as the device goes, in a
 * notifier of the bus. Ours runs before that one, and waits for members_lock. The bus lost the device before either:
 * what is still found with members_lock held keeps its group until that is released.
 */
#include <linux/device/bus.h>
#include <linux/iommu.h>
#include <linux/slab.h>

#include "claim/member.h"
#include "core/compat.h"

static DEFINE_MUTEX(members_lock);

static int members_notify(struct notifier_block *block, unsigned long action, void *data)
{
	if (action == BUS_NOTIFY_REMOVED_DEVICE) {
		mutex_lock(&members_lock);
		mutex_unlock(&members_lock);
	}
	return 0;
}

static struct notifier_block members_block = {
	.notifier_call = members_notify, .priority = 1, /* the IOMMU core's has none */
};

int uldf_members_init(void)
{
	return bus_register_notifier(&pci_bus_type, &members_block);
}

void uldf_members_fini(void)
{
	bus_unregister_notifier(&pci_bus_type, &members_block);
}

/* Is @pdev a bridge? No claim takes one. */
bool uldf_member_is_bridge(const struct pci_dev *pdev)
{
	return pdev->hdr_type != PCI_HEADER_TYPE_NORMAL ||
	       pdev->class >> 16 == PCI_BASE_CLASS_BRIDGE;
}

static int member_add(struct device *dev, void *data)
{
	struct uldf_members *members = data;
	struct pci_dev *pdev;

	if (!dev_is_pci(dev))
		return 0;
	pdev = to_pci_dev(dev);
	if (pdev == members->pdev[0] || uldf_member_is_bridge(pdev))
		return 0;
	if (members->count == ULDF_MEMBERS_MAX)
		return -E2BIG;
	members->pdev[members->count++] = pci_dev_get(pdev);
	return 0;
}

/* Finds a device and its group, NULL where it has none, with a reference to each. */
static struct pci_dev *find_device(u32 segment, u16 bus, u8 devfn, struct iommu_group **group)
{
	struct pci_dev *pdev;

	if (segment > INT_MAX)
		return NULL;
	mutex_lock(&members_lock);
	pdev = pci_get_domain_bus_and_slot(segment, bus, devfn);
	/* the group of a device that comes may not stay: no claim takes it yet */
	*group = pdev && uldf_may_bind(pdev) ? iommu_group_get(&pdev->dev) : NULL;
	mutex_unlock(&members_lock);
	return pdev;
}

/**
 * uldf_members_get - list the functions of a device's IOMMU group, without its bridges
 * @segment: PCI segment of the device
 * @bus: its bus
 * @devfn: its slot and function; the device is the first of the list, and all of it where there is no IOMMU
 * @out: the list, ended by uldf_members_put()
 *
 * Return: 0; -ENODEV there is no such device; -E2BIG more than ULDF_MEMBERS_MAX; -ENOMEM
 */
int uldf_members_get(u32 segment, u16 bus, u8 devfn, struct uldf_members **out)
{
	struct uldf_members *members = kzalloc(sizeof(*members), GFP_KERNEL);
	struct iommu_group *group;
	int ret = 0;

	if (!members)
		return -ENOMEM;
	members->pdev[0] = find_device(segment, bus, devfn, &group);
	if (!members->pdev[0]) {
		kfree(members);
		return -ENODEV;
	}
	members->count = 1;
	members->number = -1;
	if (group) {
		members->number = iommu_group_id(group);
		ret = iommu_group_for_each_dev(group, members, member_add);
		iommu_group_put(group);
	}
	if (ret)
		uldf_members_put(members);
	else
		*out = members;
	return ret;
}

void uldf_members_put(struct uldf_members *members)
{
	while (members->count)
		pci_dev_put(members->pdev[--members->count]);
	kfree(members);
}
