// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches a device to a space, and detaches it. A device masters the bus only while it is attached.
 *
 * Takes uldf_device.lock; the operations of the space take uldf_space.lock.
 */
#include <linux/file.h>

#include "device/command.h"
#include "dma/attach.h"
#include "dma/space.h"

/* Attaches a device, its lock held, that is attached to no space. */
static int attach(struct uldf_device *udev, struct uldf_space *space)
{
	int ret;

	if (udev->space)
		return -EBUSY;
	ret = space->ops->attach(space, udev);
	if (ret)
		return ret;
	uldf_space_get(space);
	udev->space = space;
	return 0;
}

/* Switches bus mastering off, drains and detaches a device, its lock held. Returns the space. */
static struct uldf_space *detach(struct uldf_device *udev)
{
	uldf_command_stop_master(udev);
	pci_wait_for_pending_transaction(udev->pdev);
	return uldf_attach_end(udev);
}

/*
 * Moves a device, its lock held, from its space to another one. On success and on -EIO @left is the space
 * that it was attached to, and the caller puts that reference without locks.
 */
static int move(struct uldf_device *udev, struct uldf_space *space, struct uldf_space **left)
{
	bool masters = uldf_command_masters(udev);
	struct uldf_space *old;
	int ret;

	if (udev->space == space)
		return -EBUSY;
	old = detach(udev);
	ret = attach(udev, space);
	/* the old space takes the device back, unless a device of its group was attached elsewhere meanwhile */
	if (ret && attach(udev, old)) {
		*left = old;
		return -EIO;
	}
	if (ret)
		uldf_space_put(old);
	else
		*left = old;
	if (masters)
		uldf_command_start_master(udev);
	return ret;
}

/**
 * uldf_attach_end - detach a device from its space, if it has one
 * @udev: the device, its lock held; bus mastering is off and drained
 *
 * Return: the space, whose reference the caller puts without locks, or NULL
 */
struct uldf_space *uldf_attach_end(struct uldf_device *udev)
{
	struct uldf_space *space = udev->space;

	if (!space)
		return NULL;
	space->ops->detach(space, udev);
	udev->space = NULL;
	return space;
}

static int attach_call(void *object, void *args)
{
	struct uldf_ioc_device_attach *arg = args;
	struct uldf_device *udev = object;
	struct uldf_space *space, *left = NULL;
	struct file *file;
	int ret;

	if (arg->flags & ~ULDF_ATTACH_MOVE || arg->pad)
		return -EINVAL;
	file = fget(arg->space);
	if (!file)
		return -EBADF;
	space = uldf_space_of(file);
	ret = space ? uldf_device_enter(udev) : -EINVAL;
	if (!ret) {
		ret = arg->flags && udev->space ? move(udev, space, &left) : attach(udev, space);
		uldf_device_leave(udev);
	}
	uldf_space_put(left);
	fput(file);
	return ret;
}

static int detach_call(void *object, void *args)
{
	struct uldf_ioc_device_attach *arg = args;
	struct uldf_device *udev = object;
	struct uldf_space *space = NULL;
	int ret;

	if (arg->flags || arg->pad || arg->space != -1)
		return -EINVAL;
	ret = uldf_device_enter(udev);
	if (ret)
		return ret;
	if (udev->space) {
		space = detach(udev);
		uldf_command_forget_master(udev);
	}
	uldf_device_leave(udev);
	if (!space)
		return -EINVAL;
	uldf_space_put(space);
	return 0;
}

#define SIZE offsetofend(struct uldf_ioc_device_attach, pad)

const struct uldf_call uldf_attach_calls[] = {
	{ULDF_DEVICE_ATTACH, SIZE, .run = attach_call},
	{ULDF_DEVICE_DETACH, SIZE, .run = detach_call},
	{},
};
