// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that can map one part of one region, and nothing else: for those who may not have the device. They
 * are good for as long as the file is open that they were made from, and never for the next holder's.
 *
 * Takes uldf_device.lock, memory_lock.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "pci/region.h"
#include "pci/region_fd.h"
#include "pci/region_map.h"

/* Constant. Has a reference to the device's object, not to its claim. */
struct region_fd {
	struct uldf_device *udev;
	u64 opening; /* of the device, that it was made in */
	u32 index;
	u64 offset, size;
};

static vm_fault_t region_fd_fault(struct vm_fault *vmf)
{
	struct region_fd *region = vmf->vma->vm_private_data;
	struct uldf_device *udev = region->udev;
	vm_fault_t ret = VM_FAULT_SIGBUS;

	down_read(&udev->memory_lock);
	if (region->opening == udev->opening)
		ret = uldf_region_map_insert(udev, vmf, region->index,
					     region->offset + ((u64)vmf->pgoff << PAGE_SHIFT));
	up_read(&udev->memory_lock);
	return ret;
}

static const struct vm_operations_struct region_fd_vm_ops = {
	.fault = region_fd_fault,
};

static int region_fd_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct region_fd *region = file->private_data;
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 size = vma->vm_end - vma->vm_start;
	struct uldf_device *udev = region->udev;
	bool there;

	down_read(&udev->memory_lock);
	there = udev->gate && region->opening == udev->opening;
	up_read(&udev->memory_lock);
	if (!there)
		return -ENODEV;
	/* VM_SHARED is not set for a file that cannot be written */
	if (!(vma->vm_flags & VM_MAYSHARE) || vma->vm_pgoff > region->size >> PAGE_SHIFT ||
	    size > region->size - offset)
		return -EINVAL;
	uldf_region_map_vma(vma);
	vma->vm_private_data = region;
	vma->vm_ops = &region_fd_vm_ops;
	return 0;
}

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
	.llseek = noop_llseek,
};

static int region_fd_create(struct uldf_device *udev, const struct uldf_ioc_region_fd *arg,
			    struct region_fd **out)
{
	struct region_fd *region = kmalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!region)
		return -ENOMEM;
	ret = uldf_device_enter(udev);
	if (ret)
		goto err_free;
	*region = (struct region_fd){
		.udev = udev,
		.opening = udev->opening,
		.index = arg->index,
		.offset = arg->offset,
		.size = arg->size,
	};
	ret = uldf_region_mappable(udev, arg->index, arg->offset, arg->size);
	uldf_device_leave(udev);
	if (ret)
		goto err_free;
	get_device(&udev->dev);
	*out = region;
	return 0;

err_free:
	kfree(region);
	return ret;
}

/* What ULDF_REGION_FD keeps until its structure was written back. */
struct region_fd_made {
	struct uldf_ioc_region_fd arg;
	struct file *file;
};

static int region_fd_make(void *object, void *args)
{
	struct region_fd_made *made = args;
	struct uldf_ioc_region_fd *arg = &made->arg;
	struct uldf_device *udev = object;
	struct region_fd *region;
	struct file *file;
	int fd, ret;

	if (arg->flags & ~ULDF_REGION_FD_WRITE || arg->index >= ULDF_REGIONS || !arg->size ||
	    !PAGE_ALIGNED(arg->offset) || !PAGE_ALIGNED(arg->size))
		return -EINVAL;
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
	{ULDF_REGION_FD, offsetofend(struct uldf_ioc_region_fd, size), .run = region_fd_make,
	 .undo = region_fd_undo, .finish = region_fd_finish},
	{},
};
