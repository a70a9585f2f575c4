// SPDX-License-Identifier: MIT
/*
 * INTx by /dev/uioN: the kernel masks it by INTx disable when it fires, and counts. A thread waits for
 * that and signals the holder's eventfd; unmasking clears INTx disable again. The same thread learns of
 * the device's end.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdint.h>
#include <unistd.h>
#include "eventfds.h"
#include "watcher.h"
#include "uio/uio.h"

static bool line_fired(struct uio_device *uio, int fd)
{
	uint32_t count;
	ssize_t done = read(fd, &count, sizeof(count));

	if (done < 0 && errno == EAGAIN)
		return true;
	if (done < 0) {
		atomic_store(&uio->gone, true);
		uio->events |= ULDF_EVENT_REMOVED;
		eventfds_signal(uio->listener);
		return false;
	}
	if (uio->enabled && uio->trigger >= 0)
		eventfds_signal(uio->trigger);
	else
		uio->missed = true;
	return true;
}

static bool uio_watch(void *arg, unsigned int index, int fd)
{
	struct uio_device *uio = arg;

	if (index == UIO_WATCH_LINE)
		return line_fired(uio, fd);
	/* The eventfd is the holder's and may block: this is called when it is readable only. */
	eventfds_drain(fd);
	if (uio->enabled)
		pci_config_intx(&uio->config, false);
	return true;
}

int uio_irq_init(struct uldf_device *device)
{
	struct uio_device *uio = device->priv;
	uint64_t pin;
	int err;

	uio->trigger = -1;
	uio->unmask = -1;
	uio->listener = -1;
	err = pci_config_read(&uio->config, PCI_INTERRUPT_PIN, 1, &pin);
	if (!err)
		err = pci_config_intx(&uio->config, true);
	if (err)
		return uio_fail(device, err, "mask INTx");
	/* What can be read from the start is an interrupt of before. */
	if (!pin || (read(uio->fd, &(uint32_t){0}, sizeof(uint32_t)) < 0 && errno != EAGAIN))
		return 0;
	err = watcher_create(uio_watch, uio, &uio->watcher);
	if (err)
		return uio_fail(device, err, "wait for its interrupts");
	watcher_lock(uio->watcher);
	watcher_watch(uio->watcher, UIO_WATCH_LINE, uio->fd);
	watcher_unlock(uio->watcher);
	device->info.vectors[ULDF_IRQ_INTX] = 1;
	return 0;
}

void uio_irq_fini(struct uldf_device *device)
{
	struct uio_device *uio = device->priv;

	watcher_destroy(uio->watcher);
	if (uio->trigger >= 0)
		close(uio->trigger);
	if (uio->unmask >= 0)
		close(uio->unmask);
	if (uio->listener >= 0)
		close(uio->listener);
}

/* Puts a duplicate of @fd, or -1, in place of what is there; the watcher is locked. */
static int fd_replace(int *place, int fd)
{
	int duplicate = -1;

	if (fd >= 0) {
		duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (duplicate < 0)
			return -errno;
	}
	if (*place >= 0)
		close(*place);
	*place = duplicate;
	return 0;
}

/* Of one type there is only INTx, so that no other can be enabled. */
int uio_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	struct uio_device *uio = device->priv;
	int err;

	if (atomic_load(&uio->gone))
		return uio_fail(device, -ENODEV, "enable INTx");
	if (device->irq_count)
		return uldf_device_fail(device, -EBUSY, "interrupts of a type are enabled already");
	watcher_lock(uio->watcher);
	uio->missed = false;
	err = pci_config_intx(&uio->config, false);
	uio->enabled = !err;
	watcher_unlock(uio->watcher);
	return err ? uio_fail(device, err, "enable INTx") : 0;
}

int uio_irq_disable(struct uldf_device *device)
{
	struct uio_device *uio = device->priv;
	int err;

	watcher_lock(uio->watcher);
	err = atomic_load(&uio->gone) ? -ENODEV : pci_config_intx(&uio->config, true);
	uio->enabled = false;
	watcher_watch(uio->watcher, UIO_WATCH_UNMASK, -1);
	fd_replace(&uio->trigger, -1);
	fd_replace(&uio->unmask, -1);
	watcher_unlock(uio->watcher);
	return err ? uio_fail(device, err, "disable INTx") : 0;
}

int uio_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count, const int *fds)
{
	struct uio_device *uio = device->priv;
	int err;

	if (atomic_load(&uio->gone))
		return uio_fail(device, -ENODEV, "bind INTx");
	if (eventfds_check(fds, count))
		return uldf_device_fail(device, -EINVAL, "cannot bind INTx: not an eventfd");
	watcher_lock(uio->watcher);
	err = fd_replace(&uio->trigger, fds[0]);
	if (!err && uio->trigger >= 0 && uio->missed) {
		uio->missed = false;
		eventfds_signal(uio->trigger);
	}
	watcher_unlock(uio->watcher);
	return err ? uio_fail(device, err, "bind INTx") : 0;
}

int uio_irq_bind_unmask(struct uldf_device *device, int fd)
{
	struct uio_device *uio = device->priv;
	int err;

	if (atomic_load(&uio->gone))
		return uio_fail(device, -ENODEV, "bind INTx");
	if (eventfds_check(&fd, 1))
		return uldf_device_fail(device, -EINVAL, "cannot bind INTx: not an eventfd");
	watcher_lock(uio->watcher);
	err = fd_replace(&uio->unmask, fd);
	if (!err)
		watcher_watch(uio->watcher, UIO_WATCH_UNMASK, uio->unmask);
	watcher_unlock(uio->watcher);
	return err ? uio_fail(device, err, "bind INTx") : 0;
}

static int irq_mask(struct uldf_device *device, bool mask)
{
	struct uio_device *uio = device->priv;
	int err;

	watcher_lock(uio->watcher);
	err = uio->enabled ? pci_config_intx(&uio->config, mask) : -EINVAL;
	watcher_unlock(uio->watcher);
	return err ? uio_fail(device, err, mask ? "mask INTx" : "unmask INTx") : 0;
}

int uio_irq_mask(struct uldf_device *device)
{
	return irq_mask(device, true);
}

int uio_irq_unmask(struct uldf_device *device)
{
	return irq_mask(device, false);
}

int uio_event_bind(struct uldf_device *device, int fd)
{
	struct uio_device *uio = device->priv;
	int err;

	if (!uio->watcher)
		return uldf_device_fail(
			device, -ENOTSUP,
			"it has no interrupt line, without which uio tells nothing");
	if (atomic_load(&uio->gone))
		return uio_fail(device, -ENODEV, "bind events");
	if (eventfds_check(&fd, 1))
		return uldf_device_fail(device, -EINVAL, "cannot bind events: not an eventfd");
	watcher_lock(uio->watcher);
	err = fd_replace(&uio->listener, fd);
	watcher_unlock(uio->watcher);
	return err ? uio_fail(device, err, "bind events") : 0;
}

int uio_event_read(struct uldf_device *device, unsigned int *events)
{
	struct uio_device *uio = device->priv;

	if (!uio->watcher)
		return uldf_device_fail(
			device, -ENOTSUP,
			"it has no interrupt line, without which uio tells nothing");
	watcher_lock(uio->watcher);
	*events = uio->events;
	uio->events = 0;
	watcher_unlock(uio->watcher);
	return 0;
}
