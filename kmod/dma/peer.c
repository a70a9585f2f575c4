// SPDX-License-Identifier: GPL-2.0-only
/*
 * ULDF_MEMORY_REGION: makes part of a BAR memory of a space, so that the space's devices reach the
 * registers of their peers, and of themselves. Nothing is pinned or charged. Such memory can be mapped
 * while the device that has the BAR stays open: uldf_peers_end() ends its mappings in all spaces before
 * that device is stopped.
 *
 * Takes uldf_device.lock of the device that has the BAR, then uldf_space.lock; never the locks of two devices.
 */
#include <linux/file.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/slab.h>

#include "dma/memory.h"
#include "dma/peer.h"
#include "dma/unmap.h"
#include "pci/region.h"

#define RUN_MAX (SZ_1G >> PAGE_SHIFT) /* pages */

/* Part of a BAR as memory. Holds a reference to @udev, whose lock guards @node. */
struct uldf_peer {
	struct uldf_memory memory;
	struct list_head node; /* in uldf_device.peers, or empty: the opening has ended */
	struct uldf_device *udev;
	struct uldf_space *space; /* outlives the memory */
};

static struct uldf_peer *peer_of(struct uldf_memory *memory)
{
	return container_of(memory, struct uldf_peer, memory);
}

static void peer_free(struct uldf_peer *peer)
{
	kvfree(peer->memory.runs);
	put_device(&peer->udev->dev);
	kfree(peer);
}

/* Frees the memory, which nobody finds and nothing maps any more. */
static void peer_end(struct uldf_memory *memory)
{
	struct uldf_peer *peer = peer_of(memory);

	mutex_lock(&peer->udev->lock);
	list_del(&peer->node);
	mutex_unlock(&peer->udev->lock);
	peer_free(peer);
}

static int runs_create(struct uldf_memory *memory, u64 physical)
{
	unsigned long i, count = DIV_ROUND_UP(memory->count, RUN_MAX);

	memory->runs = kvmalloc_array(count + 1, sizeof(*memory->runs), GFP_KERNEL_ACCOUNT);
	if (!memory->runs)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		memory->runs[i] = (struct uldf_run){i * RUN_MAX, physical + i * SZ_1G};
	memory->runs[count].first = memory->count;
	memory->runs_count = count;
	return 0;
}

static int peer_create(struct uldf_space *space, struct uldf_device *udev,
		       const struct uldf_ioc_memory_region *arg, struct uldf_peer **out)
{
	struct uldf_peer *peer = kzalloc(sizeof(*peer), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!peer)
		return -ENOMEM;
	peer->space = space;
	peer->udev = udev;
	get_device(&udev->dev);
	INIT_LIST_HEAD(&peer->node);
	INIT_LIST_HEAD(&peer->memory.bare_node);
	peer->memory.count = arg->size >> PAGE_SHIFT;
	peer->memory.prot = IOMMU_MMIO;
	peer->memory.end = peer_end;
	ret = runs_create(&peer->memory, pci_resource_start(udev->pdev, arg->region) + arg->offset);
	if (ret)
		peer_free(peer);
	else
		*out = peer;
	return ret;
}

/* Makes the memory and adds it to the space. The device's lock is held, so that the device stays open. */
static int peer_make(struct uldf_space *space, struct uldf_device *udev,
		     struct uldf_ioc_memory_region *arg, struct uldf_peer **out)
{
	int ret;

	if (!udev->gate)
		return -ENODEV;
	ret = uldf_region_mappable(udev, arg->region, arg->offset, arg->size);
	if (!ret)
		ret = peer_create(space, udev, arg, out);
	if (ret)
		return ret;
	ret = uldf_memory_enter(space, &(*out)->memory, &arg->id);
	if (ret) {
		peer_free(*out);
		return ret;
	}
	list_add(&(*out)->node, &udev->peers);
	return 0;
}

static int region_call(void *object, void *args)
{
	struct uldf_ioc_memory_region *arg = args;
	struct uldf_space *space = object;
	struct uldf_device *udev;
	struct uldf_peer *peer;
	struct file *file;
	int ret;

	if (arg->flags || arg->pad || arg->region >= ULDF_REGIONS || !arg->size ||
	    !PAGE_ALIGNED(arg->offset | arg->size))
		return -EINVAL;
	arg->region = array_index_nospec(arg->region, ULDF_REGIONS);
	/* in a bare space ULDF_REGION_INFO tells the bus address */
	if (space->bare)
		return -EOPNOTSUPP;
	file = fget(arg->device);
	if (!file)
		return -EBADF;
	udev = uldf_device_of_file(file);
	ret = udev ? uldf_device_enter(udev) : -EINVAL;
	if (!ret) {
		ret = peer_make(space, udev, arg, &peer);
		uldf_device_leave(udev);
	}
	fput(file);
	return ret;
}

static void region_undo(void *object, void *args)
{
	struct uldf_ioc_memory_region *arg = args;

	uldf_memory_unregister(object, arg->id);
}

const struct uldf_call uldf_peer_calls[] = {
	{ULDF_MEMORY_REGION, sizeof(struct uldf_ioc_memory_region), .run = region_call,
	 .undo = region_undo},
	{},
};

/**
 * uldf_peers_end - end the mappings that spaces have of a device's BARs
 * @udev: the device, its lock held; it is being closed or released
 *
 * No device reaches the BARs through a space any more. The memory keeps its id until it is unregistered, and
 * cannot be mapped.
 */
void uldf_peers_end(struct uldf_device *udev)
{
	struct uldf_peer *peer, *next;

	/* all of them first, so that one walk through a space ends the mappings of all that it has */
	list_for_each_entry(peer, &udev->peers, node) {
		mutex_lock(&peer->space->lock);
		peer->memory.count = 0;
		mutex_unlock(&peer->space->lock);
	}
	list_for_each_entry_safe(peer, next, &udev->peers, node) {
		mutex_lock(&peer->space->lock);
		if (peer->memory.mappings)
			uldf_unmap_ended(peer->space);
		mutex_unlock(&peer->space->lock);
		list_del_init(&peer->node);
		cond_resched();
	}
}
