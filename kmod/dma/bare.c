// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare spaces: for hosts without an IOMMU. The DMA API assigns the bus addresses, and nothing confines the
 * device: whoever has one is as powerful as root, so dma/confine.c asks for privilege.
 *
 * Registering memory maps it by the DMA API, run by run, as far as the mask reaches that the caller declared.
 * A run that the API would bounce is not mapped: the device would write to a copy that its holder never sees.
 *
 * When the device that the space was made with is released, the space ends all its mappings by the DMA
 * API before the driver is unbound. The memory stays pinned, at the addresses that were told, until the space
 * dies: other devices use it, and can be attached.
 *
 * Takes uldf_device.lock.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "dma/bare.h"
#include "dma/bare_device.h"
#include "dma/buffer.h"
#include "dma/confine.h"
#include "dma/memory.h"

#define MASK_LEAST 0xfffffULL /* no device has an address mask of fewer bits */

/* ---- memory ------------------------------------------------------------------------------------- */

static enum dma_data_direction direction(const struct uldf_memory *memory)
{
	return memory->readonly ? DMA_TO_DEVICE : DMA_BIDIRECTIONAL;
}

static u64 run_map(struct device *dev, struct uldf_memory *memory, const struct uldf_run *run,
		   u64 mask)
{
	phys_addr_t physical = run->address;
	u64 size = uldf_run_size(run);
	dma_addr_t bus;

	/* not even tried: the DMA API would use a bounce buffer */
	if (physical + size - 1 > mask)
		return ULDF_UNREACHABLE;
	bus = dma_map_page_attrs(dev, pfn_to_page(PHYS_PFN(physical)), 0, size, direction(memory),
				 0);
	if (dma_mapping_error(dev, bus))
		return ULDF_UNREACHABLE;
	if (dma_to_phys(dev, bus) == physical && bus + size - 1 <= mask)
		return bus;
	dma_unmap_page_attrs(dev, bus, size, direction(memory), DMA_ATTR_SKIP_CPU_SYNC);
	return ULDF_UNREACHABLE;
}

/* Replaces the physical addresses of the memory's runs by bus addresses. */
static int bare_memory_map(struct uldf_space *space, struct uldf_memory *memory)
{
	struct uldf_bare *bare = space->bare;
	struct device *dev;
	unsigned long i;
	int ret;

	ret = uldf_bare_enter(bare, &dev);
	if (ret)
		return ret;
	for (i = 0; i < memory->runs_count; i++)
		memory->runs[i].address = run_map(dev, memory, &memory->runs[i], space->mask);
	list_add(&memory->bare_node, &bare->memories);
	uldf_bare_leave(bare);
	return 0;
}

/* Undoes bare_memory_map(); the lock of the device is held. */
static void memory_unmap(struct uldf_bare *bare, struct uldf_memory *memory)
{
	struct device *dev = &bare->udev->pdev->dev;
	unsigned long i;

	for (i = 0; i < memory->runs_count; i++)
		if (memory->runs[i].address != ULDF_UNREACHABLE)
			dma_unmap_page_attrs(dev, memory->runs[i].address,
					     uldf_run_size(&memory->runs[i]), direction(memory), 0);
	list_del_init(&memory->bare_node);
}

static void bare_memory_unmap(struct uldf_space *space, struct uldf_memory *memory)
{
	struct uldf_bare *bare = space->bare;

	mutex_lock(&bare->udev->lock);
	if (!list_empty(&memory->bare_node))
		memory_unmap(bare, memory);
	mutex_unlock(&bare->udev->lock);
}

/* ---- devices ------------------------------------------------------------------------------------ */

static int bare_attach(struct uldf_space *space, struct uldf_device *udev)
{
	if (udev->group)
		return -EOPNOTSUPP;
	return dma_set_mask_and_coherent(&udev->pdev->dev, space->mask) ? -EOPNOTSUPP : 0;
}

/* Does nothing, as bare_attach() has set up nothing that confines the device. */
static void bare_detach(struct uldf_space *space, struct uldf_device *udev)
{
}

/**
 * uldf_bare_end - end all mappings that bare spaces have by the DMA API of a device
 * @udev: the device, its lock held; it is stopped, and still bound to its driver
 *
 * Calls on the spaces that were made with the device return -ENODEV from then on if they need the device.
 */
void uldf_bare_end(struct uldf_device *udev)
{
	struct uldf_memory *memory, *next;
	struct uldf_bare *bare, *after;

	list_for_each_entry_safe(bare, after, &udev->bare_spaces, node) {
		list_for_each_entry_safe(memory, next, &bare->memories, bare_node)
			memory_unmap(bare, memory);
		cond_resched();
		uldf_buffers_unmap(bare);
		list_del_init(&bare->node);
	}
}

/* ---- the life of a bare space ------------------------------------------------------------------- */

static void bare_info(struct uldf_space *space, struct uldf_ioc_space_info *info)
{
	info->flags = ULDF_SPACE_IS_BARE;
	info->aperture.last = space->mask;
}

static void bare_clear(struct uldf_space *space)
{
	uldf_buffers_clear(space->bare);
}

/* Frees what a bare space keeps, with its last use of the device; all memory was unmapped. */
static void bare_free(struct uldf_space *space)
{
	struct uldf_bare *bare = space->bare;

	mutex_lock(&bare->udev->lock);
	list_del(&bare->node);
	mutex_unlock(&bare->udev->lock);
	kfree(bare);
}

static const struct uldf_space_ops bare_ops = {
	.attach = bare_attach,
	.detach = bare_detach,
	.memory_map = bare_memory_map,
	.memory_unmap = bare_memory_unmap,
	.info = bare_info,
	.clear = bare_clear,
	.end = bare_free,
};

static int bare_alloc(struct uldf_device *udev, u64 mask, struct uldf_space **out)
{
	struct uldf_bare *bare = kzalloc(sizeof(*bare), GFP_KERNEL_ACCOUNT);
	struct uldf_space *space;
	int ret;

	if (!bare)
		return -ENOMEM;
	ret = uldf_space_create(&bare_ops, udev, &space);
	if (ret) {
		kfree(bare);
		return ret;
	}
	bare->udev = udev;
	bare->space = space;
	xa_init_flags(&bare->buffers, XA_FLAGS_ALLOC1);
	INIT_LIST_HEAD(&bare->memories);
	INIT_LIST_HEAD(&bare->mapped);
	list_add(&bare->node, &udev->bare_spaces);
	space->bare = bare;
	space->mask = mask;
	*out = space;
	return 0;
}

/**
 * uldf_bare_create - make a bare space
 * @udev: the device it is for, its lock held
 * @mask: the bus addresses that the device can master
 * @out: the space
 *
 * Return: 0; -EINVAL mask; -EOPNOTSUPP the device stands behind an IOMMU; -EPERM; -ERANGE the machine
 * does not support such a mask; -ENOSPC the device has ULDF_SPACES; -ENOMEM
 */
int uldf_bare_create(struct uldf_device *udev, u64 mask, struct uldf_space **out)
{
	int ret;

	if (mask & (mask + 1) || mask < MASK_LEAST)
		return -EINVAL;
	if (udev->group)
		return -EOPNOTSUPP;
	ret = uldf_confine_check(udev);
	if (ret)
		return ret;
	if (dma_set_mask_and_coherent(&udev->pdev->dev, mask))
		return -ERANGE;
	return bare_alloc(udev, mask, out);
}
