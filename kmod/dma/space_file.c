// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of a space: how it is made, and its calls.
 *
 * Takes uldf_device.lock, uldf_space.lock.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "device/device.h"
#include "dma/bare.h"
#include "dma/buffer.h"
#include "dma/mapping.h"
#include "dma/memory.h"
#include "dma/peer.h"
#include "dma/segment.h"
#include "dma/share.h"
#include "dma/space_file.h"
#include "dma/translated.h"

static int space_info(void *object, void *arg)
{
	struct uldf_ioc_space_info *info = arg;
	struct uldf_space *space = object;
	struct uldf_ioc_space_range *ranges = NULL;
	u32 count;
	int ret = 0;

	if (info->flags || info->pad)
		return -EINVAL;
	mutex_lock(&space->lock);
	count = min(info->count, space->reserved_count);
	if (count) {
		ranges = kmemdup(space->reserved, count * sizeof(*ranges), GFP_KERNEL);
		ret = ranges ? 0 : -ENOMEM;
	}
	info->page_sizes = 0;
	info->aperture = (struct uldf_ioc_space_range){};
	space->ops->info(space, info);
	info->count = space->reserved_count;
	mutex_unlock(&space->lock);
	if (count && !ret &&
	    copy_to_user(u64_to_user_ptr(info->reserved), ranges, count * sizeof(*ranges)))
		ret = -EFAULT;
	kfree(ranges);
	return ret;
}

static const struct uldf_call info_calls[] = {
	{ULDF_SPACE_INFO, sizeof(struct uldf_ioc_space_info), .run = space_info},
	{},
};

static const struct uldf_call *const space_calls[] = {
	info_calls,	 uldf_memory_calls,  uldf_mapping_calls, uldf_share_calls,
	uldf_peer_calls, uldf_segment_calls, uldf_buffer_calls,	 NULL,
};

static long space_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	if (command == ULDF_SPACE_MAP)
		return uldf_mapping_map(file->private_data, arg);
	if (command == ULDF_SPACE_UNMAP)
		return uldf_mapping_unmap(file->private_data, arg);
	return uldf_call_run(space_calls, file->private_data, command, arg);
}

static int space_mmap(struct file *file, struct vm_area_struct *vma)
{
	return uldf_buffer_mmap(file->private_data, vma);
}

static int space_release(struct inode *inode, struct file *file)
{
	uldf_space_put(file->private_data);
	return 0;
}

const struct file_operations uldf_space_file_ops = {
	.owner = THIS_MODULE,
	.release = space_release,
	.mmap = space_mmap,
	.unlocked_ioctl = space_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

/* What ULDF_DEVICE_SPACE keeps until its structure has been written back. */
struct space_made {
	struct uldf_ioc_device_space arg;
	struct file *file;
};

static int space_create(void *object, void *args)
{
	struct space_made *made = args;
	struct uldf_ioc_device_space *arg = &made->arg;
	struct uldf_device *udev = object;
	struct uldf_space *space;
	struct file *file;
	int fd, ret;

	if (arg->flags & ~ULDF_SPACE_BARE || arg->pad || (arg->mask && !arg->flags))
		return -EINVAL;
	ret = uldf_device_enter(udev);
	if (ret)
		return ret;
	ret = arg->flags ? uldf_bare_create(udev, arg->mask, &space)
			 : uldf_translated_create(udev, &space);
	uldf_device_leave(udev);
	if (ret)
		return ret;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		uldf_space_put(space);
		return fd;
	}
	file = anon_inode_getfile("[uldf-space]", &uldf_space_file_ops, space, O_RDWR);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		uldf_space_put(space);
		return PTR_ERR(file);
	}
	arg->fd = fd;
	made->file = file;
	return 0;
}

static void space_undo(void *object, void *args)
{
	struct space_made *made = args;

	put_unused_fd(made->arg.fd);
	fput(made->file);
}

/* Installs the descriptor, which any thread can use and close from then on. */
static void space_finish(void *object, void *args)
{
	struct space_made *made = args;

	fd_install(made->arg.fd, made->file);
}

const struct uldf_call uldf_space_calls[] = {
	{ULDF_DEVICE_SPACE, offsetofend(struct uldf_ioc_device_space, pad),
	 .known = sizeof(struct uldf_ioc_device_space), .run = space_create, .undo = space_undo,
	 .finish = space_finish},
	{},
};
