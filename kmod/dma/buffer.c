// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coherent buffers of bare spaces: pages at adjacent bus addresses that a device and processes use together.
 *
 * The buffer owns its pages, and each mapping in a process holds references to them. The release of the
 * device only unmaps them from the DMA API: processes can go on using the pages.
 *
 * Takes uldf_device.lock and uldf_space.lock, one after the other.
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "core/compat.h"
#include "dma/account.h"
#include "dma/buffer.h"

#define OFFSET_SHIFT 32 /* a buffer's id stands above this bit of a file offset */

/* Owned by its space's xarray. */
struct uldf_buffer {
	struct list_head node; /* in uldf_bare.mapped, or empty; guarded by the device's lock */
	struct uldf_charge charge;
	void *pages;
	dma_addr_t bus;
	size_t size;
	atomic_t users; /* mappings of it in processes */
};

/* ---- making ------------------------------------------------------------------------------------- */

/* Allocates zeroed pages at adjacent addresses, none of them above @mask. Returns NULL if there are none. */
static void *pages_alloc(size_t size, u64 mask)
{
	static const struct {
		gfp_t flag;
		u64 mask; /* no page of it lies above */
	} zones[] = {{0, U64_MAX}, {GFP_DMA32, DMA_BIT_MASK(32)}, {GFP_DMA, DMA_BIT_MASK(24)}};
	unsigned int i = mask <= DMA_BIT_MASK(24) ? 2 : mask <= DMA_BIT_MASK(32) ? 1 : 0;
	void *pages;

	/* pages of a zone that reaches above the mask may lie below it, which those of the next one do sooner */
	for (; i < ARRAY_SIZE(zones); i++) {
		pages = alloc_pages_exact(size,
					  GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN | zones[i].flag);
		if (pages && virt_to_phys(pages) + size - 1 <= mask)
			return pages;
		if (pages)
			free_pages_exact(pages, size);
		if (zones[i].mask <= mask)
			break;
	}
	return NULL;
}

/* Maps the pages by the DMA API; fails if the API would bounce them. */
static int buffer_map(struct uldf_bare *bare, struct uldf_buffer *buffer)
{
	phys_addr_t physical = virt_to_phys(buffer->pages);
	struct device *dev;
	int ret;

	ret = uldf_bare_enter(bare, &dev);
	if (ret)
		return ret;
	ret = dev_is_dma_coherent(dev) ? 0 : -EOPNOTSUPP;
	if (ret)
		goto out;
	buffer->bus =
		dma_map_page(dev, virt_to_page(buffer->pages), 0, buffer->size, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, buffer->bus)) {
		ret = -ENOMEM;
	} else if (dma_to_phys(dev, buffer->bus) != physical ||
		   buffer->bus + buffer->size - 1 > bare->space->mask) {
		dma_unmap_page(dev, buffer->bus, buffer->size, DMA_BIDIRECTIONAL);
		ret = -ERANGE;
	} else {
		list_add(&buffer->node, &bare->mapped);
	}
out:
	uldf_bare_leave(bare);
	return ret;
}

/* Undoes buffer_map(); the lock of the device is held. */
static void buffer_unmap(struct uldf_bare *bare, struct uldf_buffer *buffer)
{
	dma_unmap_page(&bare->udev->pdev->dev, buffer->bus, buffer->size, DMA_BIDIRECTIONAL);
	list_del_init(&buffer->node);
}

static void buffer_destroy(struct uldf_bare *bare, struct uldf_buffer *buffer)
{
	mutex_lock(&bare->udev->lock);
	if (!list_empty(&buffer->node))
		buffer_unmap(bare, buffer);
	mutex_unlock(&bare->udev->lock);
	free_pages_exact(buffer->pages, buffer->size);
	uldf_charge_pinned(&buffer->charge, -(long)(buffer->size >> PAGE_SHIFT));
	uldf_charge_end(&buffer->charge);
	kfree(buffer);
}

static int buffer_create(struct uldf_bare *bare, u64 size, struct uldf_buffer **out)
{
	struct uldf_buffer *buffer;
	int ret;

	buffer = kzalloc(sizeof(*buffer), GFP_KERNEL_ACCOUNT);
	if (!buffer)
		return -ENOMEM;
	INIT_LIST_HEAD(&buffer->node);
	buffer->size = size;
	ret = uldf_charge_begin(&buffer->charge, size >> PAGE_SHIFT);
	if (ret)
		goto err_free;
	buffer->pages = pages_alloc(size, bare->space->mask);
	if (!buffer->pages) {
		ret = -ENOMEM;
		goto err_charge;
	}
	ret = buffer_map(bare, buffer);
	if (ret)
		goto err_pages;
	uldf_charge_pinned(&buffer->charge, size >> PAGE_SHIFT);
	*out = buffer;
	return 0;

err_pages:
	free_pages_exact(buffer->pages, size);
err_charge:
	uldf_charge_end(&buffer->charge);
err_free:
	kfree(buffer);
	return ret;
}

/* ---- calls -------------------------------------------------------------------------------------- */

static int coherent(void *object, void *args)
{
	struct uldf_ioc_coherent *arg = args;
	struct uldf_space *space = object;
	struct uldf_buffer *buffer;
	int ret;

	if (arg->flags || arg->pad || !arg->size || !PAGE_ALIGNED(arg->size))
		return -EINVAL;
	if (!space->bare)
		return -EOPNOTSUPP;
	/* the page allocator would warn of a size above its maximum */
	if (arg->size > ULDF_COHERENT_MAX)
		return -ENOMEM;
	ret = buffer_create(space->bare, arg->size, &buffer);
	if (ret)
		return ret;
	arg->address = buffer->bus;
	mutex_lock(&space->lock);
	ret = xa_alloc(&space->bare->buffers, &arg->id, buffer, xa_limit_31b, GFP_KERNEL_ACCOUNT);
	mutex_unlock(&space->lock);
	if (ret) {
		buffer_destroy(space->bare, buffer);
		return ret;
	}
	/* from here on another thread may end the buffer */
	arg->offset = (u64)arg->id << OFFSET_SHIFT;
	return 0;
}

static int buffer_end(struct uldf_space *space, u32 id)
{
	struct uldf_buffer *buffer;
	int ret = 0;

	mutex_lock(&space->lock);
	buffer = xa_load(&space->bare->buffers, id);
	if (!buffer)
		ret = -ENOENT;
	else if (atomic_read(&buffer->users))
		ret = -EBUSY;
	else
		xa_erase(&space->bare->buffers, id);
	mutex_unlock(&space->lock);
	if (!ret)
		buffer_destroy(space->bare, buffer);
	return ret;
}

static void coherent_undo(void *object, void *args)
{
	struct uldf_ioc_coherent *arg = args;

	buffer_end(object, arg->id);
}

static int coherent_end(void *object, void *args)
{
	struct uldf_ioc_coherent *arg = args;
	struct uldf_space *space = object;

	if (arg->flags || arg->pad || arg->size || arg->address || arg->offset)
		return -EINVAL;
	return space->bare ? buffer_end(space, arg->id) : -EOPNOTSUPP;
}

const struct uldf_call uldf_buffer_calls[] = {
	{ULDF_SPACE_COHERENT, sizeof(struct uldf_ioc_coherent), .run = coherent,
	 .undo = coherent_undo},
	{ULDF_SPACE_COHERENT_END, sizeof(struct uldf_ioc_coherent), .run = coherent_end},
	{},
};

/* ---- mappings in processes ---------------------------------------------------------------------- */

static void buffer_opened(struct vm_area_struct *vma)
{
	struct uldf_buffer *buffer = vma->vm_private_data;

	atomic_inc(&buffer->users);
}

static void buffer_closed(struct vm_area_struct *vma)
{
	struct uldf_buffer *buffer = vma->vm_private_data;

	atomic_dec(&buffer->users);
}

static const struct vm_operations_struct buffer_vm_ops = {
	.open = buffer_opened,
	.close = buffer_closed,
};

/* Maps a whole buffer. The mapping holds the file, and so the space, as long as it lives. */
int uldf_buffer_mmap(struct uldf_space *space, struct vm_area_struct *vma)
{
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT, at;
	struct uldf_buffer *buffer;
	int ret = 0;

	if (!space->bare)
		return -ENODEV;
	if (!(vma->vm_flags & VM_SHARED) || offset & (BIT_ULL(OFFSET_SHIFT) - 1))
		return -EINVAL;
	mutex_lock(&space->lock);
	buffer = xa_load(&space->bare->buffers, offset >> OFFSET_SHIFT);
	if (!buffer || vma->vm_end - vma->vm_start != buffer->size)
		ret = -EINVAL;
	else
		atomic_inc(&buffer->users);
	mutex_unlock(&space->lock);
	if (ret)
		return ret;
	/* VM_IO, so that the kernel does not take it for ordinary memory, which could be registered */
	uldf_vm_flags_set(vma, VM_IO | VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP);
	for (at = 0; at < buffer->size && !ret; at += PAGE_SIZE)
		ret = vm_insert_page(vma, vma->vm_start + at, virt_to_page(buffer->pages + at));
	if (ret) {
		atomic_dec(&buffer->users);
		return ret;
	}
	vma->vm_private_data = buffer;
	vma->vm_ops = &buffer_vm_ops;
	return 0;
}

/* ---- the end ------------------------------------------------------------------------------------ */

/* Unmaps all buffers from the DMA API; the device is being released, its lock is held. */
void uldf_buffers_unmap(struct uldf_bare *bare)
{
	struct uldf_buffer *buffer, *next;

	list_for_each_entry_safe(buffer, next, &bare->mapped, node)
		buffer_unmap(bare, buffer);
}

/* Frees all buffers of a dying space; no device is attached, and no process maps a buffer. */
void uldf_buffers_clear(struct uldf_bare *bare)
{
	struct uldf_buffer *buffer;
	unsigned long id;

	xa_for_each(&bare->buffers, id, buffer)
	{
		xa_erase(&bare->buffers, id);
		buffer_destroy(bare, buffer);
	}
	xa_destroy(&bare->buffers);
}
