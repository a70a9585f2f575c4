// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bare spaces: for hosts without an IOMMU. Bus addresses are the DMA API's, and nothing confines the
 * device: whoever may have one is as powerful as root, which dma/confine.c asks for.
 *
 * Registered memory is mapped when it is registered, run by run, as far as the declared mask reaches.
 * What the API would bounce is refused: a device would write to a copy that its holder never sees. A
 * call then only reads where memory is, and holds it.
 *
 * The DMA API is used in the name of the device that the space was made with, while that is claimed:
 * its driver's mask is ours then. The space keeps the object of the device, not the device.
 *
 * Takes uldf_device.lock, then uldf_space.lock.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core/compat.h"
#include "dma/confine.h"
#include "dma/space.h"

#define MASK_LEAST   0xfffffULL /* as few as no device has */
#define UNREACHABLE  U64_MAX	/* in place of a bus address */
#define OFFSET_SHIFT 32		/* a buffer's id stands above this bit of a file offset */

/* ---- creation ----------------------------------------------------------------------------------- */

/**
 * uldf_bare_create - make a new space bare
 * @space: the space
 * @udev: the device it is for, its lock held
 * @mask: the bus addresses that the device can master
 *
 * Return: 0; -EINVAL mask; -EOPNOTSUPP the device stands behind an IOMMU; -EPERM; -ERANGE the machine
 * cannot do with such a mask
 */
int uldf_bare_create(struct uldf_space *space, struct uldf_device *udev, u64 mask)
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
	get_device(&udev->dev);
	space->dma_device = udev;
	space->mask = mask;
	xa_init_flags(&space->buffers, XA_FLAGS_ALLOC1);
	return 0;
}

/* The device of the DMA API, with this space's mask set, to be left; -ENODEV when it is gone. */
static int dma_device_enter(struct uldf_space *space, struct device **out)
{
	int ret = uldf_device_enter(space->dma_device);

	if (ret)
		return ret;
	*out = &space->dma_device->pdev->dev;
	/* another space of the same device may have another */
	ret = dma_set_mask_and_coherent(*out, space->mask) ? -ERANGE : 0;
	if (ret)
		uldf_device_leave(space->dma_device);
	return ret;
}

static void dma_device_leave(struct uldf_space *space)
{
	uldf_device_leave(space->dma_device);
}

/* May this device, which is attached, use the addresses of the space? */
int uldf_bare_attach(struct uldf_space *space, struct uldf_device *udev)
{
	if (udev->group)
		return -EOPNOTSUPP;
	return dma_set_mask_and_coherent(&udev->pdev->dev, space->mask) ? -EOPNOTSUPP : 0;
}

/* ---- memory ------------------------------------------------------------------------------------- */

static enum dma_data_direction direction(const struct uldf_pinned *memory)
{
	return memory->readonly ? DMA_TO_DEVICE : DMA_BIDIRECTIONAL;
}

static u64 run_size(const struct uldf_run *run)
{
	return (u64)(run[1].first - run[0].first) << PAGE_SHIFT;
}

static u64 run_map(struct device *dev, struct uldf_pinned *memory, const struct uldf_run *run,
		   u64 mask)
{
	phys_addr_t physical = run->address;
	u64 size = run_size(run);
	dma_addr_t bus;

	/* not even asked for: it would be a bounce buffer */
	if (physical + size - 1 > mask)
		return UNREACHABLE;
	bus = dma_map_page_attrs(dev, pfn_to_page(PHYS_PFN(physical)), 0, size, direction(memory),
				 0);
	if (dma_mapping_error(dev, bus))
		return UNREACHABLE;
	if (dma_to_phys(dev, bus) == physical && bus + size - 1 <= mask)
		return bus;
	dma_unmap_page_attrs(dev, bus, size, direction(memory), DMA_ATTR_SKIP_CPU_SYNC);
	return UNREACHABLE;
}

/* Replaces the physical addresses of the memory's runs by bus addresses. */
int uldf_bare_memory_map(struct uldf_space *space, struct uldf_pinned *memory)
{
	struct device *dev;
	unsigned long i;
	int ret;

	ret = dma_device_enter(space, &dev);
	if (ret)
		return ret;
	for (i = 0; i < memory->runs_count; i++)
		memory->runs[i].address = run_map(dev, memory, &memory->runs[i], space->mask);
	dma_device_leave(space);
	return 0;
}

/* The device may be unbound by now; its structure is kept. */
void uldf_bare_memory_unmap(struct uldf_space *space, struct uldf_pinned *memory)
{
	struct device *dev = &space->dma_device->pdev->dev;
	unsigned long i;

	for (i = 0; i < memory->runs_count; i++)
		if (memory->runs[i].address != UNREACHABLE)
			dma_unmap_page_attrs(dev, memory->runs[i].address,
					     run_size(&memory->runs[i]), direction(memory), 0);
}

/* ---- segments ----------------------------------------------------------------------------------- */

static int segments_check(struct uldf_space *space, const struct uldf_ioc_segments *arg,
			  struct uldf_pinned **out)
{
	struct uldf_pinned *memory = xa_load(&space->memories, arg->memory);
	u64 end;

	if (!memory)
		return -ENOENT;
	if (check_add_overflow(arg->offset, arg->size, &end) || end > (u64)memory->count
										<< PAGE_SHIFT)
		return -ERANGE;
	if (memory->readonly && arg->flags & ULDF_MAP_WRITE)
		return -EPERM;
	*out = memory;
	return 0;
}

/* Writes up to @room segments to @list; @count says how many there are. */
static int segments_find(struct uldf_pinned *memory, u64 offset, u64 size,
			 struct uldf_ioc_segment *list, u32 room, u32 *count)
{
	struct uldf_run *run = uldf_memory_run(memory, offset >> PAGE_SHIFT);
	u64 skip = offset - ((u64)run->first << PAGE_SHIFT), next = UNREACHABLE, length;
	u32 found = 0;

	for (; size; size -= length, run++, skip = 0) {
		length = min(size, run_size(run) - skip);
		if (run->address == UNREACHABLE)
			return -ERANGE;
		if (found && run->address + skip == next) {
			if (found <= room)
				list[found - 1].length += length;
		} else if (found++ < room) {
			list[found - 1].address = run->address + skip;
			list[found - 1].length = length;
		}
		next = run->address + skip + length;
	}
	*count = found;
	return 0;
}

static int memory_let_go(struct uldf_space *space, u32 id)
{
	struct uldf_pinned *memory;
	int ret = -ENOENT;

	mutex_lock(&space->lock);
	memory = xa_load(&space->memories, id);
	if (memory && memory->mappings) {
		memory->mappings--;
		ret = 0;
	}
	mutex_unlock(&space->lock);
	return ret;
}

static int segments(void *object, void *args)
{
	struct uldf_ioc_segments *arg = args;
	struct uldf_ioc_segment *list = NULL;
	struct uldf_space *space = object;
	struct uldf_pinned *memory;
	u32 room = arg->count;
	int ret;

	arg->count = 0;
	if (arg->flags & ~(ULDF_MAP_READ | ULDF_MAP_WRITE) || !arg->flags || !arg->size)
		return -EINVAL;
	if (!space->dma_device)
		return -EOPNOTSUPP;
	if (room > ULDF_SEGMENTS)
		return -E2BIG;
	if (room) {
		list = kvmalloc_array(room, sizeof(*list), GFP_KERNEL_ACCOUNT);
		if (!list)
			return -ENOMEM;
	}
	mutex_lock(&space->lock);
	ret = segments_check(space, arg, &memory);
	if (!ret)
		ret = segments_find(memory, arg->offset, arg->size, list, room, &arg->count);
	if (!ret && arg->count > room)
		ret = -ENOSPC;
	if (!ret)
		memory->mappings++;
	mutex_unlock(&space->lock);
	if (!ret && copy_to_user(u64_to_user_ptr(arg->list), list, arg->count * sizeof(*list))) {
		memory_let_go(space, arg->memory);
		ret = -EFAULT;
	}
	kvfree(list);
	return ret;
}

static void segments_undo(void *object, void *args)
{
	struct uldf_ioc_segments *arg = args;

	memory_let_go(object, arg->memory);
}

static int segments_end(void *object, void *args)
{
	struct uldf_ioc_segments *arg = args;
	struct uldf_space *space = object;

	if (arg->flags || arg->offset || arg->size || arg->count || arg->list)
		return -EINVAL;
	return space->dma_device ? memory_let_go(space, arg->memory) : -EOPNOTSUPP;
}

/* ---- coherent buffers --------------------------------------------------------------------------- */

/* Owned by its space's xarray. */
struct uldf_coherent {
	struct mm_struct *mm; /* charged */
	void *address;
	dma_addr_t bus;
	size_t size;
	atomic_t users; /* mappings of it in processes */
};

static void coherent_destroy(struct uldf_space *space, struct uldf_coherent *buffer)
{
	dma_free_coherent(&space->dma_device->pdev->dev, buffer->size, buffer->address,
			  buffer->bus);
	uldf_memory_account(-(long)(buffer->size >> PAGE_SHIFT));
	account_locked_vm(buffer->mm, buffer->size >> PAGE_SHIFT, false);
	mmdrop(buffer->mm);
	kfree(buffer);
}

static int coherent_create(struct uldf_space *space, u64 size, struct uldf_coherent **out)
{
	struct uldf_coherent *buffer;
	struct device *dev;
	int ret;

	buffer = kzalloc(sizeof(*buffer), GFP_KERNEL_ACCOUNT);
	if (!buffer)
		return -ENOMEM;
	buffer->size = size;
	buffer->mm = current->mm;
	ret = account_locked_vm(buffer->mm, size >> PAGE_SHIFT, true);
	if (ret)
		goto err_free;
	ret = dma_device_enter(space, &dev);
	if (ret)
		goto err_charge;
	buffer->address = dma_alloc_coherent(dev, size, &buffer->bus, GFP_KERNEL | __GFP_NOWARN);
	dma_device_leave(space);
	if (!buffer->address) {
		ret = -ENOMEM;
		goto err_charge;
	}
	mmgrab(buffer->mm);
	uldf_memory_account(size >> PAGE_SHIFT);
	if (buffer->bus + size - 1 > space->mask) {
		coherent_destroy(space, buffer);
		return -ERANGE;
	}
	*out = buffer;
	return 0;

err_charge:
	account_locked_vm(buffer->mm, size >> PAGE_SHIFT, false);
err_free:
	kfree(buffer);
	return ret;
}

static int coherent_make(void *object, void *args)
{
	struct uldf_ioc_coherent *arg = args;
	struct uldf_space *space = object;
	struct uldf_coherent *buffer;
	int ret;

	if (arg->flags || arg->pad || !arg->size || !PAGE_ALIGNED(arg->size))
		return -EINVAL;
	if (!space->dma_device)
		return -EOPNOTSUPP;
	/* the allocator would say that it has no such sizes by a warning */
	if (arg->size > ULDF_COHERENT_MAX)
		return -ENOMEM;
	ret = coherent_create(space, arg->size, &buffer);
	if (ret)
		return ret;
	arg->address = buffer->bus;
	mutex_lock(&space->lock);
	ret = xa_alloc(&space->buffers, &arg->id, buffer, xa_limit_31b, GFP_KERNEL_ACCOUNT);
	mutex_unlock(&space->lock);
	if (ret) {
		coherent_destroy(space, buffer);
		return ret;
	}
	/* from here on another thread may end it */
	arg->offset = (u64)arg->id << OFFSET_SHIFT;
	return 0;
}

static int coherent_end(struct uldf_space *space, u32 id)
{
	struct uldf_coherent *buffer;
	int ret = 0;

	mutex_lock(&space->lock);
	buffer = xa_load(&space->buffers, id);
	if (!buffer)
		ret = -ENOENT;
	else if (atomic_read(&buffer->users))
		ret = -EBUSY;
	else
		xa_erase(&space->buffers, id);
	mutex_unlock(&space->lock);
	if (!ret)
		coherent_destroy(space, buffer);
	return ret;
}

static void coherent_undo(void *object, void *args)
{
	struct uldf_ioc_coherent *arg = args;

	coherent_end(object, arg->id);
}

static int coherent_end_call(void *object, void *args)
{
	struct uldf_ioc_coherent *arg = args;
	struct uldf_space *space = object;

	if (arg->flags || arg->pad || arg->size || arg->address || arg->offset)
		return -EINVAL;
	return space->dma_device ? coherent_end(space, arg->id) : -EOPNOTSUPP;
}

static void coherent_opened(struct vm_area_struct *vma)
{
	struct uldf_coherent *buffer = vma->vm_private_data;

	atomic_inc(&buffer->users);
}

static void coherent_closed(struct vm_area_struct *vma)
{
	struct uldf_coherent *buffer = vma->vm_private_data;

	atomic_dec(&buffer->users);
}

static const struct vm_operations_struct coherent_vm_ops = {
	.open = coherent_opened,
	.close = coherent_closed,
};

/* Maps a buffer whole. The file, and so the space, lives as long as the mapping. */
int uldf_bare_mmap(struct uldf_space *space, struct vm_area_struct *vma)
{
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	struct uldf_coherent *buffer;
	int ret = 0;

	if (!space->dma_device)
		return -ENODEV;
	if (!(vma->vm_flags & VM_SHARED) || offset & (BIT_ULL(OFFSET_SHIFT) - 1))
		return -EINVAL;
	mutex_lock(&space->lock);
	buffer = xa_load(&space->buffers, offset >> OFFSET_SHIFT);
	if (!buffer || vma->vm_end - vma->vm_start != buffer->size)
		ret = -EINVAL;
	else
		atomic_inc(&buffer->users);
	mutex_unlock(&space->lock);
	if (ret)
		return ret;
	uldf_vm_flags_set(vma, VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_pgoff = 0;
	ret = dma_mmap_coherent(&space->dma_device->pdev->dev, vma, buffer->address, buffer->bus,
				buffer->size);
	if (ret) {
		atomic_dec(&buffer->users);
		return ret;
	}
	vma->vm_private_data = buffer;
	vma->vm_ops = &coherent_vm_ops;
	return 0;
}

/* ---- the end ------------------------------------------------------------------------------------ */

/* No device is attached any more, and no process maps a buffer. */
void uldf_bare_clear(struct uldf_space *space)
{
	struct uldf_coherent *buffer;
	unsigned long id;

	if (!space->dma_device)
		return;
	xa_for_each(&space->buffers, id, buffer)
	{
		xa_erase(&space->buffers, id);
		coherent_destroy(space, buffer);
	}
	xa_destroy(&space->buffers);
}

/* The last that is needed of the device; memory was unmapped. */
void uldf_bare_end(struct uldf_space *space)
{
	if (space->dma_device)
		put_device(&space->dma_device->dev);
}

const struct uldf_call uldf_bare_calls[] = {
	{ULDF_SPACE_SEGMENTS, sizeof(struct uldf_ioc_segments), .always = true, .run = segments,
	 .undo = segments_undo},
	{ULDF_SPACE_SEGMENTS_END, sizeof(struct uldf_ioc_segments), .run = segments_end},
	{ULDF_SPACE_COHERENT, sizeof(struct uldf_ioc_coherent), .run = coherent_make,
	 .undo = coherent_undo},
	{ULDF_SPACE_COHERENT_END, sizeof(struct uldf_ioc_coherent), .run = coherent_end_call},
	{},
};
