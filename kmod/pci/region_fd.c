// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that can map parts of one region, and nothing else: for processes that may not have the device.
 * Such a file works only while the device file that it was made from is open, and never for the next
 * holder.
 *
 * Takes uldf_device.lock, memory_lock.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "pci/region.h"
#include "pci/region_fd.h"
#include "pci/region_map.h"

/* Constant. Holds a reference to the uldf_device, which does not keep the device claimed. */
struct region_fd {
	struct uldf_device *udev;
	u64 opening; /* uldf_device.opening when the file was made */
	u32 index;
	u64 base; /* offset in the region at which the file begins, bytes */
	u32 areas;
	struct uldf_ioc_region_area area[];
};

/* ---- mapping ----------------------------------------------------------------------------------- */

static vm_fault_t region_fd_huge_fault(struct vm_fault *vmf, unsigned int order)
{
	struct region_fd *region = vmf->vma->vm_private_data;
	struct uldf_device *udev = region->udev;
	vm_fault_t ret = VM_FAULT_SIGBUS;

	down_read(&udev->memory_lock);
	if (region->opening == udev->opening)
		ret = uldf_region_map_insert(udev, vmf, region->index,
					     region->base + ((u64)vmf->pgoff << PAGE_SHIFT), order);
	up_read(&udev->memory_lock);
	return ret;
}

static vm_fault_t region_fd_fault(struct vm_fault *vmf)
{
	return region_fd_huge_fault(vmf, 0);
}

static const struct vm_operations_struct region_fd_vm_ops = {
	.fault = region_fd_fault,
	.huge_fault = uldf_huge_fault(region_fd_huge_fault),
};

/* Does one of the areas hold all of @size bytes at @offset of the file? */
static bool region_fd_holds(const struct region_fd *region, u64 offset, u64 size)
{
	u64 at;
	u32 i;

	if (check_add_overflow(region->base, offset, &at))
		return false;
	for (i = 0; i < region->areas; i++) {
		const struct uldf_ioc_region_area *area = &region->area[i];

		if (at >= area->offset && at - area->offset < area->size &&
		    size <= area->size - (at - area->offset))
			return true;
	}
	return false;
}

static int region_fd_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct region_fd *region = file->private_data;
	struct uldf_device *udev = region->udev;
	bool there;

	down_read(&udev->memory_lock);
	there = udev->gate && region->opening == udev->opening;
	up_read(&udev->memory_lock);
	if (!there)
		return -ENODEV;
	/* mmap() does not set VM_SHARED for a file that cannot be written */
	if (!(vma->vm_flags & VM_MAYSHARE) ||
	    !region_fd_holds(region, (u64)vma->vm_pgoff << PAGE_SHIFT, vma->vm_end - vma->vm_start))
		return -EINVAL;
	uldf_region_map_vma(vma);
	vma->vm_private_data = region;
	vma->vm_ops = &region_fd_vm_ops;
	return 0;
}

#ifdef uldf_find_address
static unsigned long region_fd_address(struct file *file, unsigned long address, unsigned long size,
				       unsigned long pgoff, unsigned long flags)
{
	const struct region_fd *region = file->private_data;

	return uldf_region_map_address(file, address, size, pgoff + (region->base >> PAGE_SHIFT),
				       flags);
}
#else
#define region_fd_address NULL
#endif

/* ---- lifetime ---------------------------------------------------------------------------------- */

static void region_fd_destroy(struct region_fd *region)
{
	put_device(&region->udev->dev);
	kfree(region);
}

static int region_fd_release(struct inode *inode, struct file *file)
{
	region_fd_destroy(file->private_data);
	return 0;
}

static const struct file_operations region_fd_fops = {
	.owner = THIS_MODULE,
	.release = region_fd_release,
	.mmap = region_fd_mmap,
	.get_unmapped_area = region_fd_address,
	.llseek = noop_llseek,
};

/* Reads the areas from the caller: one by its offset and size, or a list. */
static int areas_fetch(struct region_fd *region, const struct uldf_ioc_region_fd *arg)
{
	if (!arg->areas) {
		region->base = arg->offset;
		region->area[0] = (struct uldf_ioc_region_area){arg->offset, arg->size};
		return 0;
	}
	return copy_from_user(region->area, u64_to_user_ptr(arg->area),
			      array_size(arg->areas, sizeof(*region->area)))
		       ? -EFAULT
		       : 0;
}

static bool areas_overlap(const struct uldf_ioc_region_area *a,
			  const struct uldf_ioc_region_area *b)
{
	return a->offset < b->offset ? b->offset - a->offset < a->size
				     : a->offset - b->offset < b->size;
}

/* Checks what does not depend on the device. */
static int areas_check(const struct region_fd *region)
{
	u32 i, other;

	for (i = 0; i < region->areas; i++) {
		const struct uldf_ioc_region_area *area = &region->area[i];

		if (!area->size || !PAGE_ALIGNED(area->offset) || !PAGE_ALIGNED(area->size))
			return -EINVAL;
		for (other = 0; other < i; other++)
			if (areas_overlap(area, &region->area[other]))
				return -EINVAL;
	}
	return 0;
}

/* Checks that the region has all areas, and notes the opening in which the file works. */
static int areas_admit(struct region_fd *region, struct uldf_device *udev)
{
	int ret;
	u32 i;

	ret = uldf_device_enter(udev);
	if (ret)
		return ret;
	for (i = 0; i < region->areas && !ret; i++)
		ret = uldf_region_mappable(udev, region->index, region->area[i].offset,
					   region->area[i].size);
	region->opening = udev->opening;
	uldf_device_leave(udev);
	return ret;
}

static int region_fd_create(struct uldf_device *udev, const struct uldf_ioc_region_fd *arg,
			    struct region_fd **out)
{
	u32 areas = arg->areas ?: 1;
	struct region_fd *region;
	int ret;

	region = kzalloc(struct_size(region, area, areas), GFP_KERNEL_ACCOUNT);
	if (!region)
		return -ENOMEM;
	region->index = array_index_nospec(arg->index, ULDF_REGIONS);
	region->areas = areas;
	ret = areas_fetch(region, arg);
	if (!ret)
		ret = areas_check(region);
	if (!ret)
		ret = areas_admit(region, udev);
	if (ret) {
		kfree(region);
		return ret;
	}
	get_device(&udev->dev);
	region->udev = udev;
	*out = region;
	return 0;
}

/* ---- ULDF_REGION_FD ---------------------------------------------------------------------------- */

/* What ULDF_REGION_FD keeps until its structure has been written back. */
struct region_fd_made {
	struct uldf_ioc_region_fd arg;
	struct file *file;
};

/* Checks the structure's own fields. */
static int arg_check(const struct uldf_ioc_region_fd *arg)
{
	if (arg->flags & ~ULDF_REGION_FD_WRITE || arg->pad || arg->index >= ULDF_REGIONS)
		return -EINVAL;
	if (!arg->areas)
		return arg->area ? -EINVAL : 0;
	if (arg->offset || arg->size)
		return -EINVAL;
	return arg->areas > ULDF_REGION_FD_AREAS ? -E2BIG : 0;
}

static int region_fd_make(void *object, void *args)
{
	struct region_fd_made *made = args;
	struct uldf_ioc_region_fd *arg = &made->arg;
	struct uldf_device *udev = object;
	struct region_fd *region;
	struct file *file;
	int fd, ret;

	ret = arg_check(arg);
	if (ret)
		return ret;
	ret = region_fd_create(udev, arg, &region);
	if (ret)
		return ret;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		region_fd_destroy(region);
		return fd;
	}
	file = anon_inode_getfile("[uldf-region]", &region_fd_fops, region,
				  arg->flags & ULDF_REGION_FD_WRITE ? O_RDWR : O_RDONLY);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		region_fd_destroy(region);
		return PTR_ERR(file);
	}
	file->f_mapping = udev->inode->i_mapping;
	arg->fd = fd;
	made->file = file;
	return 0;
}

static void region_fd_undo(void *object, void *args)
{
	struct region_fd_made *made = args;

	put_unused_fd(made->arg.fd);
	fput(made->file);
}

static void region_fd_finish(void *object, void *args)
{
	struct region_fd_made *made = args;

	fd_install(made->arg.fd, made->file);
}

const struct uldf_call uldf_region_fd_calls[] = {
	{ULDF_REGION_FD, offsetofend(struct uldf_ioc_region_fd, size),
	 offsetofend(struct uldf_ioc_region_fd, area), .run = region_fd_make,
	 .undo = region_fd_undo, .finish = region_fd_finish},
	{},
};
