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

#include "uldf.h"

/* Constant. Has a reference to the device's object, not to its claim. */
struct part {
	struct uldf_device *udev;
	u64 opening; /* of the device, that it was made in */
	u32 index;
	u64 offset, size;
};

static vm_fault_t part_fault(struct vm_fault *vmf)
{
	struct part *part = vmf->vma->vm_private_data;
	struct uldf_device *udev = part->udev;
	vm_fault_t ret = VM_FAULT_SIGBUS;

	down_read(&udev->memory_lock);
	if (part->opening == udev->opening)
		ret = uldf_region_insert(udev, vmf, part->index,
					 part->offset + ((u64)vmf->pgoff << PAGE_SHIFT));
	up_read(&udev->memory_lock);
	return ret;
}

static const struct vm_operations_struct part_vm_ops = {
	.fault = part_fault,
};

static int part_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct part *part = file->private_data;
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 size = vma->vm_end - vma->vm_start;
	struct uldf_device *udev = part->udev;
	bool there;

	down_read(&udev->memory_lock);
	there = udev->gate && part->opening == udev->opening;
	up_read(&udev->memory_lock);
	if (!there)
		return -ENODEV;
	/* VM_SHARED is not set for a file that cannot be written */
	if (!(vma->vm_flags & VM_MAYSHARE) || vma->vm_pgoff > part->size >> PAGE_SHIFT ||
	    size > part->size - offset)
		return -EINVAL;
	uldf_region_vma(vma);
	vma->vm_private_data = part;
	vma->vm_ops = &part_vm_ops;
	return 0;
}

static void part_destroy(struct part *part)
{
	put_device(&part->udev->dev);
	kfree(part);
}

static int part_release(struct inode *inode, struct file *file)
{
	part_destroy(file->private_data);
	return 0;
}

static const struct file_operations part_fops = {
	.owner = THIS_MODULE,
	.release = part_release,
	.mmap = part_mmap,
	.llseek = noop_llseek,
};

static int part_create(struct uldf_device *udev, const struct uldf_ioc_region_fd *arg,
		       struct part **out)
{
	struct part *part = kmalloc(sizeof(*part), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!part)
		return -ENOMEM;
	ret = uldf_device_enter(udev);
	if (ret)
		goto err_free;
	*part = (struct part){
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
	*out = part;
	return 0;

err_free:
	kfree(part);
	return ret;
}

int uldf_part_create(void *object, union uldf_args *args)
{
	struct uldf_ioc_region_fd *arg = &args->part_made.arg;
	struct uldf_device *udev = object;
	struct part *part;
	struct file *file;
	int fd, ret;

	if (arg->flags & ~ULDF_REGION_FD_WRITE || arg->index >= ULDF_REGIONS || !arg->size ||
	    !PAGE_ALIGNED(arg->offset) || !PAGE_ALIGNED(arg->size))
		return -EINVAL;
	ret = part_create(udev, arg, &part);
	if (ret)
		return ret;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		part_destroy(part);
		return fd;
	}
	file = anon_inode_getfile("[uldf-region]", &part_fops, part,
				  arg->flags & ULDF_REGION_FD_WRITE ? O_RDWR : O_RDONLY);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		part_destroy(part);
		return PTR_ERR(file);
	}
	file->f_mapping = udev->inode->i_mapping;
	arg->fd = fd;
	args->part_made.file = file;
	return 0;
}

void uldf_part_undo(void *object, union uldf_args *args)
{
	put_unused_fd(args->part_made.arg.fd);
	fput(args->part_made.file);
}

void uldf_part_finish(void *object, union uldf_args *args)
{
	fd_install(args->part_made.arg.fd, args->part_made.file);
}
