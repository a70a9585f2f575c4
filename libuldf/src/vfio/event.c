// SPDX-License-Identifier: MIT
/*
 * VFIO signals one eventfd when the kernel wants the device back and another on a bus error. Both are
 * ours from the open on, and are read by uldf_event_read(); only for the caller's own eventfd there is
 * a thread that passes them on.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "eventfds.h"
#include "watcher.h"
#include "vfio/vfio.h"

static void events_collect(struct vfio_device *vfio)
{
	if (eventfds_drain(vfio->request))
		vfio->events |= ULDF_EVENT_REMOVED;
	if (eventfds_drain(vfio->error))
		vfio->events |= ULDF_EVENT_ERROR;
}

int vfio_event_init(struct uldf_device *device)
{
	struct vfio_device *vfio = device->priv;
	int err;

	vfio->request = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vfio->request < 0)
		return uldf_device_fail(device, -errno, "no eventfd to be had: %s",
					ctx_strerror(-errno));
	vfio->error = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vfio->error < 0) {
		err = uldf_device_fail(device, -errno, "no eventfd to be had: %s",
				       ctx_strerror(-errno));
		goto err_request;
	}
	err = vfio_irq_signal(vfio, VFIO_PCI_REQ_IRQ_INDEX, 0, 1, &vfio->request);
	if (err) {
		vfio_fail(device, err, "hear of its removal");
		goto err_error;
	}
	/* Conventional devices report no errors. */
	vfio_irq_signal(vfio, VFIO_PCI_ERR_IRQ_INDEX, 0, 1, &vfio->error);
	return 0;
err_error:
	close(vfio->error);
err_request:
	close(vfio->request);
	return err;
}

void vfio_event_fini(struct uldf_device *device)
{
	struct vfio_device *vfio = device->priv;

	watcher_destroy(vfio->watcher);
	if (vfio->listener >= 0)
		close(vfio->listener);
	close(vfio->error);
	close(vfio->request);
}

static bool event_pass_on(void *arg, unsigned int index, int fd)
{
	struct vfio_device *vfio = arg;

	events_collect(vfio);
	eventfds_signal(vfio->listener);
	return true;
}

/* The thread that passes events on, once it is needed. */
static int event_watcher(struct vfio_device *vfio)
{
	int err;

	if (vfio->watcher)
		return 0;
	err = watcher_create(event_pass_on, vfio, &vfio->watcher);
	if (err)
		return err;
	watcher_lock(vfio->watcher);
	watcher_watch(vfio->watcher, 0, vfio->request);
	watcher_watch(vfio->watcher, 1, vfio->error);
	watcher_unlock(vfio->watcher);
	return 0;
}

int vfio_event_bind(struct uldf_device *device, int fd)
{
	struct vfio_device *vfio = device->priv;
	int listener = -1, old, err;

	if (eventfds_check(&fd, 1))
		return uldf_device_fail(device, -EINVAL, "cannot bind events: not an eventfd");
	if (fd >= 0) {
		listener = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (listener < 0)
			return vfio_fail(device, -errno, "bind events");
	} else if (!vfio->watcher) {
		return 0;
	}
	err = event_watcher(vfio);
	if (err) {
		close(listener);
		return vfio_fail(device, err, "bind events");
	}
	watcher_lock(vfio->watcher);
	old = vfio->listener;
	vfio->listener = listener;
	watcher_unlock(vfio->watcher);
	if (old >= 0)
		close(old);
	return 0;
}

int vfio_event_read(struct uldf_device *device, unsigned int *events)
{
	struct vfio_device *vfio = device->priv;

	if (vfio->watcher)
		watcher_lock(vfio->watcher);
	events_collect(vfio);
	*events = vfio->events;
	vfio->events = 0;
	if (vfio->watcher)
		watcher_unlock(vfio->watcher);
	return 0;
}
