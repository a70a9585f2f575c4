// SPDX-License-Identifier: GPL-2.0-only
/*
 * The objects of claimed devices, and the driver they are bound to. Takes uldf_device.lock.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "core/class.h"
#include "core/inode.h"
#include "device/command.h"
#include "device/device.h"

static struct pci_driver *ours;
static const struct file_operations *device_file_ops;

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

/* From now on the holder of a file gets -ENODEV. The device's lock is held. */
void uldf_device_set_gone(struct uldf_device *udev)
{
	down_write(&udev->memory_lock);
	udev->gone = true;
	up_write(&udev->memory_lock);
}

static void device_free(struct device *dev)
{
	struct uldf_device *udev = container_of(dev, struct uldf_device, dev);

	if (dev->devt)
		uldf_class_minor_put(dev->devt);
	pci_dev_put(udev->pdev);
	mutex_destroy(&udev->vpd.lock);
	mutex_destroy(&udev->functions_lock);
	mutex_destroy(&udev->lock);
	iput(udev->inode);
	vfree(udev->shared);
	kvfree(udev->rom);
	kfree(udev->saved);
	kfree(udev);
}

/**
 * uldf_device_alloc - make a device's object
 * @pdev: the device
 * @out: the object, to be given to put_device()
 *
 * Return: 0; -ENOMEM; -ENOSPC no device number is left
 */
int uldf_device_alloc(struct pci_dev *pdev, struct uldf_device **out)
{
	struct uldf_device *udev = kzalloc(sizeof(*udev), GFP_KERNEL);
	struct inode *inode = uldf_inode_create();
	int ret;

	if (!udev || IS_ERR(inode)) {
		kfree(udev);
		if (!IS_ERR(inode))
			iput(inode);
		return -ENOMEM;
	}
	udev->inode = inode;
	mutex_init(&udev->lock);
	INIT_LIST_HEAD(&udev->peers);
	INIT_LIST_HEAD(&udev->bare_spaces);
	mutex_init(&udev->vpd.lock);
	mutex_init(&udev->functions_lock);
	INIT_LIST_HEAD(&udev->functions_next);
	init_rwsem(&udev->memory_lock);
	spin_lock_init(&udev->events.lock);
	uldf_command_init(udev);
	udev->pdev = pci_dev_get(pdev);
	device_initialize(&udev->dev);
	udev->dev.class = &uldf_class;
	udev->dev.parent = &pdev->dev;
	udev->dev.release = device_free;
	ret = uldf_class_minor_get(&udev->dev.devt);
	if (!ret)
		ret = dev_set_name(&udev->dev, "%s", pci_name(pdev));
	if (ret) {
		put_device(&udev->dev);
		return ret;
	}
	*out = udev;
	return 0;
}

/* ---- the driver --------------------------------------------------------------------------------- */

/* Registers the driver that makes and ends objects in its probe() and remove(), whose files have @file_ops. */
int uldf_driver_register(struct pci_driver *driver, const struct file_operations *file_ops)
{
	device_file_ops = file_ops;
	ours = driver;
	return pci_register_driver(driver);
}

void uldf_driver_unregister(struct pci_driver *driver)
{
	pci_unregister_driver(driver);
}

/* Has the driver core bind our driver to @pdev; whether probe() took it is another question. */
int uldf_driver_attach(struct pci_dev *pdev)
{
	return device_driver_attach(&ours->driver, &pdev->dev);
}

/* Is our driver bound to @pdev? */
bool uldf_driver_has(const struct pci_dev *pdev)
{
	return ours && READ_ONCE(pdev->dev.driver) == &ours->driver;
}

/* The object of the device that was opened as @file; NULL: it is another kind of file. */
struct uldf_device *uldf_device_of_file(struct file *file)
{
	return file->f_op == device_file_ops ? file->private_data : NULL;
}

/* The object of @pdev, whose lock is held; NULL where our driver is not bound to it. */
struct uldf_device *uldf_device_of(struct pci_dev *pdev)
{
	return uldf_driver_has(pdev) ? pci_get_drvdata(pdev) : NULL;
}
