// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translated spaces: their IOMMU domain, and the addresses that devices can use in it.
 *
 * Attaching the first device makes the domain, which stays, with its mappings, until the space dies.
 *
 * Takes uldf_space.lock, then groups_lock (in group.c); the device's lock is held.
 */
#include <linux/iommu.h>
#include <linux/slab.h>

#include "core/compat.h"
#include "device/device.h"
#include "dma/batch.h"
#include "dma/extent.h"
#include "dma/group.h"
#include "dma/row.h"
#include "dma/unmap.h"
#include "dma/translated.h"

/* ---- reserved addresses ------------------------------------------------------------------------- */

static bool is_reserved(const struct uldf_space *space, u32 count,
			struct uldf_ioc_space_range range)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (space->reserved[i].first <= range.first &&
		    range.last <= space->reserved[i].last)
			return true;
	return false;
}

/* Is any of @first..@last mapped? */
static bool is_mapped(const struct uldf_space *space, u64 first, u64 last)
{
	struct uldf_extent *extent;

	while ((extent = uldf_extent_find(&space->extents, first, last))) {
		if (extent->memory)
			return true;
		if (extent->last >= last)
			break;
		first = extent->last + 1;
	}
	return false;
}

static void extents_free(struct uldf_extent *chain)
{
	struct uldf_extent *extent;

	while ((extent = chain)) {
		chain = extent->next;
		kfree(extent);
	}
}

/* Takes the addresses of a reserved range, which may overlap with other reserved ranges. */
static void extent_reserve(struct uldf_space *space, struct uldf_extent *extent)
{
	struct uldf_extent *other;

	extent->memory = NULL;
	while ((other = uldf_extent_find(&space->extents, extent->first, extent->last))) {
		extent->first = min(extent->first, other->first);
		extent->last = max(extent->last, other->last);
		uldf_extent_remove(&space->extents, other);
		kfree(other);
	}
	uldf_extent_insert(&space->extents, extent);
}

/*
 * Adds the addresses that the group's devices cannot use to the space's reserved ranges; fails if any of
 * them is mapped. Chains their extents in @chain, for extent_reserve() once the group is attached.
 */
static int reserve(struct uldf_space *space, struct iommu_group *group, struct uldf_extent **chain)
{
	struct iommu_resv_region *region, *next;
	struct uldf_ioc_space_range *ranges, range;
	u32 count = space->reserved_count, room = count;
	struct uldf_extent *extent;
	LIST_HEAD(regions);
	int ret;

	ret = iommu_get_group_resv_regions(group, &regions);
	if (ret)
		goto out;
	list_for_each_entry(region, &regions, list)
		room++;
	ranges = krealloc_array(space->reserved, room ?: 1, sizeof(*ranges), GFP_KERNEL_ACCOUNT);
	if (!ranges) {
		ret = -ENOMEM;
		goto out;
	}
	space->reserved = ranges;
	list_for_each_entry(region, &regions, list) {
		if (region->type == IOMMU_RESV_DIRECT_RELAXABLE || !region->length)
			continue;
		range.first = region->start;
		range.last = region->start + region->length - 1;
		/* the usual case: a device that was attached before has the same range */
		if (is_reserved(space, count, range))
			continue;
		extent = kzalloc(sizeof(*extent), GFP_KERNEL_ACCOUNT);
		if (!extent) {
			ret = -ENOMEM;
			break;
		}
		extent->first = ALIGN_DOWN(range.first, PAGE_SIZE);
		extent->last = range.last | ~PAGE_MASK;
		extent->next = *chain;
		*chain = extent;
		if (is_mapped(space, extent->first, extent->last))
			ret = -ERANGE;
		ranges[count++] = range;
	}
	if (!ret)
		space->reserved_count = count;
out:
	list_for_each_entry_safe(region, next, &regions, list)
		kfree(region);
	return ret;
}

/* ---- attaching ---------------------------------------------------------------------------------- */

/*
 * Can the device make DMA that the processors' caches do not see? The module keeps No Snoop off in the
 * PCIe devices that it has claimed, and a device in which the bit is off, or cannot be set, always
 * snoops. A virtual function uses the bit of its physical function (PCIe 6.0 section 9.3.5.4), which may
 * belong to another driver. PCI-X has the attribute and no bit to switch it off; conventional PCI has no
 * such attribute. A device with another way to the bit, such as registers that mirror configuration
 * space, snoops for sure only if the IOMMU enforces it.
 */
static bool may_not_snoop(struct pci_dev *pdev)
{
	u16 control;

	pdev = pci_physfn(pdev);
	if (!pci_is_pcie(pdev))
		return pci_find_capability(pdev, PCI_CAP_ID_PCIX);
	pcie_capability_read_word(pdev, PCI_EXP_DEVCTL, &control);
	return control & PCI_EXP_DEVCTL_NOSNOOP_EN;
}

static int domain_create(struct uldf_space *space, struct uldf_device *udev)
{
	struct iommu_domain *domain = uldf_domain_alloc(&udev->pdev->dev);
	int ret;

	if (IS_ERR(domain))
		return PTR_ERR(domain);
	ret = uldf_batch_prepare(space);
	if (!ret)
		ret = uldf_group_attach(udev->group, space, domain);
	if (ret) {
		iommu_domain_free(domain);
		return ret;
	}
	/* enforced before anything is mapped, and for all devices that are attached later */
	space->snoops = domain->ops->enforce_cache_coherency &&
			domain->ops->enforce_cache_coherency(domain);
	if (!space->snoops && may_not_snoop(udev->pdev)) {
		uldf_group_detach(udev->group, domain);
		iommu_domain_free(domain);
		return -EOPNOTSUPP;
	}
	space->domain = domain;
	return 0;
}

static int attach_error(int ret)
{
	return ret == -EBUSY || ret == -ENOMEM ? ret : -EOPNOTSUPP;
}

/* Attaches a device and takes the addresses that it reserves; the space's lock is held. */
static int space_join(struct uldf_space *space, struct uldf_device *udev)
{
	u32 reserved = space->reserved_count;
	struct uldf_extent *chain = NULL, *next;
	int ret;

	ret = reserve(space, uldf_group_iommu(udev->group), &chain);
	if (ret)
		goto err_extents;
	if (!space->domain)
		ret = domain_create(space, udev);
	else if (!space->snoops && may_not_snoop(udev->pdev))
		ret = -EOPNOTSUPP;
	else
		ret = uldf_group_attach(udev->group, space, space->domain);
	if (ret) {
		ret = attach_error(ret);
		goto err_reserve;
	}
	for (; chain; chain = next) {
		next = chain->next;
		extent_reserve(space, chain);
	}
	return 0;

err_reserve:
	space->reserved_count = reserved;
err_extents:
	extents_free(chain);
	return ret;
}

static int device_may_attach(struct uldf_device *udev)
{
	struct device *dev = &udev->pdev->dev;

	if (!udev->group || !device_iommu_capable(dev, IOMMU_CAP_CACHE_COHERENCY))
		return -EOPNOTSUPP;
	return 0;
}

static int translated_attach(struct uldf_space *space, struct uldf_device *udev)
{
	int ret = device_may_attach(udev);

	if (ret)
		return ret;
	mutex_lock(&space->lock);
	ret = space_join(space, udev);
	mutex_unlock(&space->lock);
	return ret;
}

/* Takes the space's lock, as mapping looks which IOMMUs the domain is on. The domain itself stays. */
static void translated_detach(struct uldf_space *space, struct uldf_device *udev)
{
	mutex_lock(&space->lock);
	uldf_group_detach(udev->group, space->domain);
	mutex_unlock(&space->lock);
}

/* ---- the rest ----------------------------------------------------------------------------------- */

static void translated_info(struct uldf_space *space, struct uldf_ioc_space_info *info)
{
	if (!space->domain)
		return;
	info->page_sizes = space->domain->pgsize_bitmap;
	info->aperture.first = space->domain->geometry.aperture_start;
	info->aperture.last = space->domain->geometry.aperture_end;
}

static void translated_clear(struct uldf_space *space)
{
	/* uldf_peers_end() works in a space until its memory is gone */
	mutex_lock(&space->lock);
	uldf_unmap_all(space, true);
	mutex_unlock(&space->lock);
	if (space->domain)
		iommu_domain_free(space->domain);
}

static void translated_end(struct uldf_space *space)
{
	struct uldf_extent *extent, *next;

	/* only reserved ranges are left */
	rbtree_postorder_for_each_entry_safe(extent, next, &space->extents, node) kfree(extent);
	uldf_rows_forget(space);
	uldf_tables_fini(&space->tables);
	kfree(space->reserved);
	kfree(space->sg);
}

static const struct uldf_space_ops translated_ops = {
	.attach = translated_attach,
	.detach = translated_detach,
	.info = translated_info,
	.clear = translated_clear,
	.end = translated_end,
};

/**
 * uldf_translated_create - make a space for devices behind an IOMMU
 * @udev: the device it is for, its lock held
 * @out: the space
 *
 * Return: 0; -EOPNOTSUPP the device stands behind no IOMMU; -ENOSPC it has ULDF_SPACES; -ENOMEM
 */
int uldf_translated_create(struct uldf_device *udev, struct uldf_space **out)
{
	struct uldf_space *space;
	int ret;

	if (!udev->group)
		return -EOPNOTSUPP;
	ret = uldf_space_create(&translated_ops, udev, &space);
	if (ret)
		return ret;
	uldf_tables_init(&space->tables);
	*out = space;
	return 0;
}
