// SPDX-License-Identifier: GPL-2.0-only
/*
 * Claimed devices: their birth in probe(), their node, their calls, their end in remove().
 *
 * Takes device_lock, then uldf_device.lock. Teardown on last close and in remove() is uldf_quiesce();
 * remove() then gives back what uldf_device_create() took, in reverse, while a file that is still
 * open keeps only the memory of the object.
 */
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/module.h>

#include "compat.h"
#include "trace.h"
#include "uldf.h"

#define DEVICES_MAX 4096 /* minor numbers, the control node's among them */

static dev_t devices_base;
static DEFINE_IDA(devices_minors);

/* Returns 0 with the device's lock held, or -ENODEV. */
int uldf_device_enter(struct uldf_device *udev)
{
	mutex_lock(&udev->lock);
	if (!udev->gone)
		return 0;
	mutex_unlock(&udev->lock);
	return -ENODEV;
}

/* The same for what needs the device in D0: -EIO otherwise. */
int uldf_device_enter_awake(struct uldf_device *udev)
{
	int ret = uldf_device_enter(udev);

	if (!ret && udev->asleep) {
		uldf_device_leave(udev);
		ret = -EIO;
	}
	return ret;
}

void uldf_device_leave(struct uldf_device *udev)
{
	mutex_unlock(&udev->lock);
}

static int device_info(void *object, union uldf_args *args)
{
	struct uldf_ioc_device_info *info = &args->device_info;
	struct uldf_device *udev = object;
	struct pci_dev *pdev = udev->pdev;
	int ret;

	if (info->flags || info->pad)
		return -EINVAL;
	ret = uldf_device_enter(udev);
	if (ret)
		return ret;
	if (pdev->reset_methods[0])
		info->flags |= ULDF_DEVICE_RESETS;
	if (udev->group)
		info->flags |= ULDF_DEVICE_TRANSLATED;
	if (udev->space)
		info->flags |= ULDF_DEVICE_ATTACHED;
	memcpy(info->vectors, udev->vectors, sizeof(info->vectors));
	info->segment = pci_domain_nr(pdev->bus);
	info->bus = pdev->bus->number;
	info->devfn = pdev->devfn;
	info->shared = ULDF_SHARED_AT;
	info->shared_size = udev->shared_size;
	uldf_device_leave(udev);
	return 0;
}

static int device_reset(void *object, union uldf_args *args)
{
	struct uldf_device *udev = object;
	int ret;

	if (args->reset.flags || args->reset.pad)
		return -EINVAL;
	/* remove() holds this lock, so the device is not unbound meanwhile */
	device_lock(&udev->pdev->dev);
	ret = uldf_device_enter(udev);
	if (!ret) {
		/* its virtual functions may be others' */
		ret = udev->functions ? -EBUSY : uldf_reset(udev, &args->reset.method);
		uldf_device_leave(udev);
	}
	device_unlock(&udev->pdev->dev);
	return ret;
}

static int device_attach_space(void *object, union uldf_args *args)
{
	struct uldf_ioc_device_attach *attach = &args->attach;

	if (attach->flags || attach->pad)
		return -EINVAL;
	return uldf_space_attach(object, attach->space);
}

static int device_detach_space(void *object, union uldf_args *args)
{
	struct uldf_ioc_device_attach *attach = &args->attach;
	struct uldf_device *udev = object;
	struct uldf_space *space = NULL;
	int ret;

	if (attach->flags || attach->pad || attach->space != -1)
		return -EINVAL;
	ret = uldf_device_enter(udev);
	if (ret)
		return ret;
	if (udev->space) {
		uldf_config_stop_master(udev);
		pci_wait_for_pending_transaction(udev->pdev);
		space = uldf_space_detach(udev);
	}
	uldf_device_leave(udev);
	if (!space)
		return -EINVAL;
	uldf_space_put(space);
	return 0;
}

#define SIZE(type, last) offsetofend(struct uldf_ioc_##type, last)

static const struct uldf_call device_calls[] = {
	{ULDF_DEVICE_INFO, SIZE(device_info, pad), SIZE(device_info, shared_size),
	 .run = device_info},
	{ULDF_REGION_INFO, SIZE(region_info, area), .run = uldf_region_info},
	{ULDF_VECTORS_ENABLE, SIZE(vectors, pad), .run = uldf_vectors_enable},
	{ULDF_VECTORS_DISABLE, SIZE(vectors, pad), .run = uldf_vectors_disable},
	{ULDF_VECTORS_MASK, SIZE(vectors, pad), .run = uldf_vectors_mask},
	{ULDF_VECTORS_UNMASK, SIZE(vectors, pad), .run = uldf_vectors_unmask},
	{ULDF_VECTORS_BIND, SIZE(vectors_bind, fds), .run = uldf_vectors_bind},
	{ULDF_DEVICE_RESET, SIZE(device_reset, pad), .run = device_reset},
	{ULDF_DEVICE_FUNCTIONS, SIZE(device_functions, pad), .run = uldf_functions_set},
	{ULDF_DEVICE_SPACE, SIZE(device_space, pad), .known = sizeof(struct uldf_ioc_device_space),
	 .run = uldf_space_create, .undo = uldf_space_undo, .finish = uldf_space_finish},
	{ULDF_REGION_FD, SIZE(region_fd, size), .run = uldf_part_create, .undo = uldf_part_undo,
	 .finish = uldf_part_finish},
	{ULDF_DEVICE_ATTACH, SIZE(device_attach, pad), .run = device_attach_space},
	{ULDF_DEVICE_DETACH, SIZE(device_attach, pad), .run = device_detach_space},
	{ULDF_DEVICE_POWER, SIZE(device_power, pad), .run = uldf_device_power},
	{ULDF_EVENTS_BIND, SIZE(events_bind, pad), .run = uldf_events_bind},
	{ULDF_EVENTS_READ, SIZE(events_read, events), .run = uldf_events_read,
	 .undo = uldf_events_unread},
};

static long device_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct uldf_device *udev = file->private_data;

	if (READ_ONCE(udev->gone) && command != ULDF_EVENTS_READ)
		return -ENODEV;
	/* the one whose cost counts */
	if (command == ULDF_IO_BATCH)
		return uldf_io_batch(udev, arg);
	return uldf_call(device_calls, ARRAY_SIZE(device_calls), udev, command, arg);
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct uldf_device *udev = file->private_data;

	if (vma->vm_pgoff >= ULDF_SHARED_AT >> PAGE_SHIFT)
		return uldf_shared_mmap(udev, vma);
	return uldf_region_mmap(udev, vma);
}

static int device_open(struct inode *inode, struct file *file)
{
	struct uldf_device *udev = container_of(inode->i_cdev, struct uldf_device, cdev);
	int ret;

	if ((file->f_mode & (FMODE_READ | FMODE_WRITE)) != (FMODE_READ | FMODE_WRITE))
		return -EACCES;
	/* nobody resets it meanwhile */
	device_lock(&udev->pdev->dev);
	ret = uldf_device_enter(udev);
	if (ret)
		goto out;
	if (udev->opened) {
		ret = -EBUSY;
	} else if (udev->pdev->error_state == pci_channel_io_perm_failure) {
		/* the PCI core has given it up, and does no more for it */
		ret = -EIO;
	} else {
		udev->opened = true;
		udev->fresh = false;
		file->f_mapping = udev->inode->i_mapping;
		uldf_events_open(udev);
		uldf_shared_clear(udev);
		uldf_region_open(udev, file->f_mapping);
		trace_uldf_open(udev->pdev, udev->opening);
		get_device(&udev->dev);
		file->private_data = udev;
	}
	uldf_device_leave(udev);
out:
	device_unlock(&udev->pdev->dev);
	return ret;
}

static int device_release(struct inode *inode, struct file *file)
{
	struct uldf_device *udev = file->private_data;
	struct uldf_space *space = NULL;
	/* only calls on this file make any */
	bool functions = READ_ONCE(udev->functions);

	if (functions)
		pci_lock_rescan_remove();
	device_lock(&udev->pdev->dev);
	if (!udev->gone)
		uldf_functions_end(udev);
	mutex_lock(&udev->lock);
	if (!udev->gone)
		space = uldf_quiesce(udev);
	uldf_events_close(udev);
	udev->opened = false;
	mutex_unlock(&udev->lock);
	device_unlock(&udev->pdev->dev);
	if (functions)
		pci_unlock_rescan_remove();
	uldf_space_put(space);
	put_device(&udev->dev);
	return 0;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read = uldf_region_read,
	.write = uldf_region_write,
	.mmap = device_mmap,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static void device_free(struct device *dev)
{
	struct uldf_device *udev = container_of(dev, struct uldf_device, dev);

	if (dev->devt)
		ida_free(&devices_minors, MINOR(dev->devt));
	pci_dev_put(udev->pdev);
	mutex_destroy(&udev->lock);
	iput(udev->inode);
	uldf_shared_fini(udev);
	kvfree(udev->rom);
	kfree(udev->saved);
	kfree(udev);
}

static struct uldf_device *device_alloc(struct pci_dev *pdev)
{
	struct uldf_device *udev = kzalloc(sizeof(*udev), GFP_KERNEL);
	struct inode *inode = uldf_inode_create();
	int minor;

	if (!udev || IS_ERR(inode)) {
		kfree(udev);
		if (!IS_ERR(inode))
			iput(inode);
		return ERR_PTR(-ENOMEM);
	}
	udev->inode = inode;
	mutex_init(&udev->lock);
	init_rwsem(&udev->memory_lock);
	uldf_events_init(udev);
	udev->pdev = pci_dev_get(pdev);
	device_initialize(&udev->dev);
	udev->dev.class = &uldf_class;
	udev->dev.groups = uldf_stats_groups;
	udev->dev.parent = &pdev->dev;
	udev->dev.release = device_free;
	cdev_init(&udev->cdev, &device_fops);
	udev->cdev.owner = THIS_MODULE;

	minor = ida_alloc_range(&devices_minors, 1, DEVICES_MAX - 1, GFP_KERNEL);
	if (minor < 0) {
		put_device(&udev->dev);
		return ERR_PTR(minor);
	}
	udev->dev.devt = uldf_devices_number(minor);
	if (dev_set_name(&udev->dev, "%s", pci_name(pdev))) {
		put_device(&udev->dev);
		return ERR_PTR(-ENOMEM);
	}
	return udev;
}

/**
 * uldf_device_shut - take a device from its holder, before it is stopped by remove()
 * @udev: the device; its pdev's lock is held
 */
void uldf_device_shut(struct uldf_device *udev)
{
	mutex_lock(&udev->lock);
	down_write(&udev->memory_lock);
	udev->gone = true;
	up_write(&udev->memory_lock);
	uldf_region_shut(udev);
	mutex_unlock(&udev->lock);
}

/*
 * Stops the device for good; a file that is still open has nothing to do with it any more. Returns the
 * space to be put without locks, or NULL.
 */
static struct uldf_space *device_end(struct uldf_device *udev)
{
	struct uldf_space *space;

	mutex_lock(&udev->lock);
	space = uldf_quiesce(udev);
	down_write(&udev->memory_lock);
	udev->gone = true;
	up_write(&udev->memory_lock);
	uldf_events_tell(udev, ULDF_EVENTS_REMOVED);
	uldf_region_fini(udev);
	mutex_unlock(&udev->lock);
	return space;
}

/**
 * uldf_device_create - make a device ours
 * @pdev: the device, bound to our driver, its lock held
 * @reason: room for ULDF_REASON_SIZE bytes: why not
 * @out: the device's object, also its driver data
 *
 * Bus mastering is off from here on until the holder of a space switches it on. What is refused, for
 * its group or its addresses, is not touched.
 *
 * Return: 0 or negative errno
 */
int uldf_device_create(struct pci_dev *pdev, char *reason, struct uldf_device **out)
{
	struct uldf_space *space = NULL;
	struct uldf_device *udev;
	int ret;

	udev = device_alloc(pdev);
	if (IS_ERR(udev))
		return PTR_ERR(udev);
	ret = uldf_group_get(pdev, reason, &udev->group);
	if (ret)
		goto err_put;
	ret = pci_request_regions(pdev, "uldf");
	if (ret) {
		snprintf(reason, ULDF_REASON_SIZE, "its addresses are in use");
		goto err_group;
	}
	ret = pci_enable_device(pdev);
	if (ret) {
		snprintf(reason, ULDF_REASON_SIZE, "cannot be enabled, error %d", ret);
		goto err_regions;
	}
	pci_clear_master(pdev);
	ret = uldf_config_save(udev);
	if (ret)
		goto err_config;
	uldf_vectors_init(udev);
	ret = uldf_shared_init(udev);
	if (ret)
		goto err_config;
	uldf_config_init(udev);
	uldf_region_init(udev);
	pci_set_drvdata(pdev, udev);
	ret = cdev_device_add(&udev->cdev, &udev->dev);
	if (ret)
		goto err_end;
	*out = udev;
	return 0;

err_end:
	/* its node was there for a moment, and may be open */
	space = device_end(udev);
	pci_set_drvdata(pdev, NULL);
err_config:
	uldf_config_give_back(udev);
	pci_disable_device(pdev);
err_regions:
	pci_release_regions(pdev);
err_group:
	uldf_group_put(udev->group);
	uldf_space_put_later(space);
err_put:
	put_device(&udev->dev);
	return ret;
}

/**
 * uldf_device_destroy - end a claim
 * @udev: the device; its pdev's lock is held
 *
 * Drops the reference of uldf_device_create(). Never waits for the holder of an open file.
 */
void uldf_device_destroy(struct uldf_device *udev)
{
	static const char *const resets[] = {
		[ULDF_RESET_NONE] = "not reset",    [ULDF_RESET_QUIESCED] = "stopped",
		[ULDF_RESET_FUNCTION] = "reset",    [ULDF_RESET_FLR] = "reset (FLR)",
		[ULDF_RESET_AF] = "reset (AF FLR)", [ULDF_RESET_PM] = "reset (PM)",
		[ULDF_RESET_BUS] = "reset (bus)",
	};
	struct pci_dev *pdev = udev->pdev;
	struct uldf_space *space;

	uldf_functions_end(udev);
	cdev_device_del(&udev->cdev, &udev->dev);
	space = device_end(udev);
	pci_set_drvdata(pdev, NULL);
	if (pci_device_is_present(pdev))
		uldf_config_give_back(udev);
	pci_disable_device(pdev);
	pci_release_regions(pdev);
	uldf_group_put(udev->group);
	uldf_space_put_later(space);
	dev_info(&pdev->dev, "released, %s\n", resets[udev->reset]);
	trace_uldf_release(pdev, udev->reset);
	put_device(&udev->dev);
}

/* The number of the node with this minor number; 0 is the control node. */
dev_t uldf_devices_number(unsigned int minor)
{
	return MKDEV(MAJOR(devices_base), minor);
}

int uldf_devices_init(void)
{
	return alloc_chrdev_region(&devices_base, 0, DEVICES_MAX, "uldf");
}

void uldf_devices_fini(void)
{
	unregister_chrdev_region(devices_base, DEVICES_MAX);
	ida_destroy(&devices_minors);
}
