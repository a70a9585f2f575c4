// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "eventfds.h"
#include "vfio/vfio.h"

static const unsigned int irq_index[ULDF_IRQ_TYPES] = {
	[ULDF_IRQ_INTX] = VFIO_PCI_INTX_IRQ_INDEX,
	[ULDF_IRQ_MSI] = VFIO_PCI_MSI_IRQ_INDEX,
	[ULDF_IRQ_MSIX] = VFIO_PCI_MSIX_IRQ_INDEX,
};

int vfio_irq_init(struct uldf_device *device)
{
	struct vfio_device *vfio = device->priv;

	for (unsigned int type = ULDF_IRQ_INTX; type <= ULDF_IRQ_MSIX; type++) {
		struct vfio_irq_info info = {.argsz = sizeof(info), .index = irq_index[type]};

		if (ioctl(vfio->fd, VFIO_DEVICE_GET_IRQ_INFO, &info))
			return vfio_fail(device, -errno, "read its interrupts");
		if (info.flags & VFIO_IRQ_INFO_EVENTFD)
			device->info.vectors[type] = info.count;
	}
	vfio->sink = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vfio->sink < 0)
		return vfio_fail(device, -errno, "have an eventfd");
	return 0;
}

void vfio_irq_fini(struct uldf_device *device)
{
	const struct vfio_device *vfio = device->priv;

	close(vfio->sink);
}

/* Of an index of VFIO's; a list of eventfds follows the call, -1 for none. */
int vfio_irq_signal(struct vfio_device *vfio, unsigned int index, unsigned int first,
		    unsigned int count, const int *fds)
{
	size_t size = sizeof(struct vfio_irq_set) + count * sizeof(*fds);
	struct vfio_irq_set *set = malloc(size);
	int err;

	if (!set)
		return -ENOMEM;
	*set = (struct vfio_irq_set){
		.argsz = (uint32_t)size,
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = index,
		.start = first,
		.count = count,
	};
	memcpy(set->data, fds, count * sizeof(*fds));
	err = ioctl(vfio->fd, VFIO_DEVICE_SET_IRQS, set);
	if (err < 0)
		err = -errno;
	else if (err > 0)
		err = -ENOSPC; /* so many vectors could have been had */
	free(set);
	return err;
}

/*
 * A vector without eventfd is freed by VFIO, and a device whose MSI is enabled still writes then: to
 * bus address 0. So those that the holder has bound nothing to signal an eventfd of ours.
 */
static int irq_signal(struct uldf_device *device, enum uldf_irq_type type, unsigned int first,
		      unsigned int count, const int *fds)
{
	struct vfio_device *vfio = device->priv;
	int *list = malloc(count * sizeof(*list));
	int err;

	if (!list)
		return -ENOMEM;
	for (unsigned int i = 0; i < count; i++)
		list[i] = fds && fds[i] >= 0 ? fds[i] : vfio->sink;
	err = vfio_irq_signal(vfio, irq_index[type], first, count, list);
	free(list);
	return err;
}

/* What the device is told of its interrupts, it would not hear while it sleeps. */
static int irq_check_awake(struct uldf_device *device, const char *doing)
{
	const struct vfio_device *vfio = device->priv;

	return __atomic_load_n(&vfio->config.asleep, __ATOMIC_RELAXED)
		       ? vfio_fail(device, -EIO, doing)
		       : 0;
}

int vfio_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	struct vfio_device *vfio = device->priv;
	int err;

	if (device->irq_count)
		return uldf_device_fail(device, -EBUSY, "interrupts of a type are enabled already");
	err = irq_check_awake(device, "enable its interrupts");
	if (err)
		return err;
	eventfds_drain(vfio->sink);
	err = irq_signal(device, type, 0, count, NULL);
	return err ? vfio_fail(device, err, "enable its interrupts") : 0;
}

static int irq_call(struct uldf_device *device, enum uldf_irq_type type, uint32_t action,
		    unsigned int count, const char *doing)
{
	const struct vfio_device *vfio = device->priv;
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_NONE | action,
		.index = irq_index[type],
		.count = count,
	};
	int err = irq_check_awake(device, doing);

	if (!err && ioctl(vfio->fd, VFIO_DEVICE_SET_IRQS, &set))
		err = vfio_fail(device, -errno, doing);
	return err;
}

int vfio_irq_disable(struct uldf_device *device)
{
	return irq_call(device, device->irq_type, VFIO_IRQ_SET_ACTION_TRIGGER, 0,
			"disable its interrupts");
}

/* VFIO ends the bindings that it has changed when a later one fails: nothing may be left to fail. */
int vfio_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		  const int *fds)
{
	const struct vfio_device *vfio = device->priv;
	int err = eventfds_check(fds, count);

	if (!err)
		err = irq_signal(device, device->irq_type, first, count, fds);
	if (err == -EINVAL)
		return uldf_device_fail(device, err, "cannot bind vectors: not all are eventfds");
	if (err)
		return vfio_fail(device, err, "bind eventfds to its vectors");
	/* INTx that came when nobody listened is masked since, and would be so for ever. */
	if (device->irq_type == ULDF_IRQ_INTX && fds[0] >= 0 && eventfds_drain(vfio->sink))
		eventfds_signal(fds[0]);
	return 0;
}

int vfio_irq_bind_unmask(struct uldf_device *device, int fd)
{
	const struct vfio_device *vfio = device->priv;
	struct {
		struct vfio_irq_set set;
		int fd;
	} call = {
		.set =
			{
				.argsz = sizeof(call),
				.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_UNMASK,
				.index = VFIO_PCI_INTX_IRQ_INDEX,
				.count = 1,
			},
		.fd = fd,
	};

	if (eventfds_check(&fd, 1))
		return uldf_device_fail(device, -EINVAL, "cannot bind INTx: not an eventfd");
	/* VFIO refuses another while one is bound. */
	call.fd = -1;
	if (ioctl(vfio->fd, VFIO_DEVICE_SET_IRQS, &call))
		return vfio_fail(device, -errno, "end the binding that unmasks INTx");
	call.fd = fd;
	if (fd >= 0 && ioctl(vfio->fd, VFIO_DEVICE_SET_IRQS, &call))
		return vfio_fail(device, -errno, "have INTx unmasked by an eventfd");
	return 0;
}

int vfio_irq_mask(struct uldf_device *device)
{
	return irq_call(device, ULDF_IRQ_INTX, VFIO_IRQ_SET_ACTION_MASK, 1, "mask INTx");
}

int vfio_irq_unmask(struct uldf_device *device)
{
	return irq_call(device, ULDF_IRQ_INTX, VFIO_IRQ_SET_ACTION_UNMASK, 1, "unmask INTx");
}
