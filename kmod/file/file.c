// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of a claimed device: opening, its calls, closing. One holder at a time.
 *
 * open(): -EACCES not for reading and writing; -EBUSY open already; -EPERM nothing confines the device, see
 * dma/confine.c; -EIO the PCI core gave it up; -ENODEV.
 *
 * Takes device_lock, then uldf_device.lock. The last close stops the device, see file/quiesce.c.
 */
#include <linux/fs.h>
#include <linux/module.h>

#include "claim/functions.h"
#include "core/call.h"
#include "core/trace.h"
#include "device/gate.h"
#include "device/guest.h"
#include "dma/attach.h"
#include "dma/confine.h"
#include "dma/group.h"
#include "dma/peer.h"
#include "dma/space.h"
#include "dma/space_file.h"
#include "file/file.h"
#include "file/quiesce.h"
#include "irq/event.h"
#include "irq/shared.h"
#include "irq/vector.h"
#include "pci/access.h"
#include "pci/batch.h"
#include "pci/bus.h"
#include "pci/power.h"
#include "pci/region.h"
#include "pci/region_fd.h"
#include "pci/region_map.h"
#include "pci/reset.h"

static int device_info(void *object, void *arg)
{
	struct uldf_ioc_device_info *info = arg;
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

static int device_reset(void *object, void *arg)
{
	struct uldf_ioc_device_reset *reset = arg;
	struct uldf_device *udev = object;
	int ret;

	if (reset->flags || reset->pad)
		return -EINVAL;
	/* remove() takes this lock first: the device stays bound meanwhile */
	device_lock(&udev->pdev->dev);
	ret = uldf_device_enter(udev);
	if (!ret) {
		/* others may hold its virtual functions */
		ret = udev->functions ? -EBUSY : uldf_reset(udev, &reset->method);
		uldf_device_leave(udev);
	}
	device_unlock(&udev->pdev->dev);
	if (ret != -EOPNOTSUPP)
		return ret;
	ret = uldf_bus_reset(udev->pdev, udev);
	if (!ret)
		reset->method = ULDF_RESET_BUS;
	return ret;
}

static const struct uldf_call file_calls[] = {
	{ULDF_DEVICE_INFO, offsetofend(struct uldf_ioc_device_info, pad),
	 offsetofend(struct uldf_ioc_device_info, shared_size), .run = device_info},
	{ULDF_DEVICE_RESET, offsetofend(struct uldf_ioc_device_reset, pad), .run = device_reset},
	{},
};

static const struct uldf_call *const device_calls[] = {
	uldf_vector_calls,
	uldf_event_calls,
	uldf_space_calls,
	uldf_region_calls,
	uldf_region_fd_calls,
	uldf_functions_calls,
	uldf_power_calls,
	uldf_attach_calls,
	uldf_guest_calls,
	file_calls,
	NULL,
};

static long device_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct uldf_device *udev = file->private_data;

	if (READ_ONCE(udev->gone) && command != ULDF_EVENTS_READ)
		return -ENODEV;
	/* its cost counts, so it takes its arguments itself */
	if (command == ULDF_IO_BATCH)
		return uldf_batch_run(udev, arg);
	return uldf_call_run(device_calls, udev, command, arg);
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct uldf_device *udev = file->private_data;

	if (vma->vm_pgoff >= ULDF_SHARED_AT >> PAGE_SHIFT)
		return uldf_shared_mmap(udev, vma);
	return uldf_region_map(udev, vma);
}

/* Gives the device to the holder of @file. */
static void open_begin(struct uldf_device *udev, struct file *file)
{
	udev->opened = true;
	udev->reset_since_open = false;
	file->f_mapping = udev->inode->i_mapping;
	uldf_events_open(udev);
	uldf_shared_clear(udev);
	uldf_gate_open(udev);
	trace_uldf_open(udev->pdev, udev->opening);
	get_device(&udev->dev);
	file->private_data = udev;
}

static int device_open(struct inode *inode, struct file *file)
{
	struct uldf_device *udev = container_of(inode->i_cdev, struct uldf_device, cdev);
	int ret;

	if ((file->f_mode & (FMODE_READ | FMODE_WRITE)) != (FMODE_READ | FMODE_WRITE))
		return -EACCES;
	/* keeps resets away until the gate is open */
	device_lock(&udev->pdev->dev);
	ret = uldf_device_enter(udev);
	if (ret)
		goto out;
	if (udev->opened || udev->leaving)
		ret = -EBUSY;
	else if (udev->pdev->error_state == pci_channel_io_perm_failure)
		/* the PCI core has given it up, and does no more for it */
		ret = -EIO;
	else
		ret = uldf_confine_check(udev) ?: uldf_group_open(udev);
	if (!ret)
		open_begin(udev, file);
	uldf_device_leave(udev);
out:
	device_unlock(&udev->pdev->dev);
	return ret;
}

/* Takes the device from the holder whose file is closed. Returns whether it is still claimed. */
static bool close_begin(struct uldf_device *udev)
{
	bool claimed;

	device_lock(&udev->pdev->dev);
	mutex_lock(&udev->lock);
	claimed = !udev->gone;
	if (claimed) {
		udev->closing = true;
		uldf_gate_shut(udev);
		/* before its bus is reset: other devices would write to what the next holder finds */
		uldf_peers_end(udev);
	}
	mutex_unlock(&udev->lock);
	device_unlock(&udev->pdev->dev);
	return claimed;
}

static int device_release(struct inode *inode, struct file *file)
{
	struct uldf_device *udev = file->private_data;
	struct uldf_space *space = NULL;

	/* these take locks that come before the device's */
	uldf_functions_end(udev);
	uldf_power_wake(udev);
	if (close_begin(udev))
		uldf_bus_reset(udev->pdev, NULL);
	device_lock(&udev->pdev->dev);
	mutex_lock(&udev->lock);
	if (!udev->gone)
		space = uldf_quiesce(udev);
	uldf_events_close(udev);
	udev->closing = false;
	udev->opened = false;
	mutex_unlock(&udev->lock);
	device_unlock(&udev->pdev->dev);
	uldf_space_put(space);
	put_device(&udev->dev);
	return 0;
}

const struct file_operations uldf_file_ops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read = uldf_access_read,
	.write = uldf_access_write,
	.mmap = device_mmap,
	.get_unmapped_area = uldf_region_map_address,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};
