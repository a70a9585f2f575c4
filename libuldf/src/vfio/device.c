// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "sysfs.h"
#include "vfio/vfio.h"

int vfio_fail(struct uldf_device *device, int err, const char *doing)
{
	if (err == -ENODEV)
		return uldf_device_fail(device, err, "gone: it was unbound or unplugged");
	return uldf_device_fail(device, err, "cannot %s: %s", doing, ctx_strerror(err));
}

static int device_open_fd(struct uldf_device *device, struct vfio_device *vfio)
{
	const struct vfio_device *other;
	int err;

	LIST_FOREACH(other, &vfio->group->devices, entry)
		if (!strcmp(other->address, vfio->address))
			return uldf_device_fail(device, -EBUSY,
						"open already: one process drives a device");
	vfio->fd = ioctl(vfio->group->fd, VFIO_GROUP_GET_DEVICE_FD, vfio->address);
	if (vfio->fd >= 0)
		return 0;
	err = -errno;
	/* A name that is unknown is -EINVAL or -ENODEV, by the kernel's version. */
	if (err == -ENODEV || err == -EINVAL)
		return uldf_device_fail(device, -ENODEV,
					"not bound to vfio-pci, though its IOMMU group %d is",
					vfio->group->number);
	return uldf_device_fail(device, err, "cannot open it: %s", ctx_strerror(err));
}

static int device_init(struct uldf_device *device)
{
	struct vfio_device_info info = {.argsz = sizeof(info)};
	struct vfio_device *vfio = device->priv;
	int err;

	if (ioctl(vfio->fd, VFIO_DEVICE_GET_INFO, &info))
		return vfio_fail(device, -errno, "read what it is");
	device->info.resets = info.flags & VFIO_DEVICE_FLAGS_RESET;
	device->info.translated = true;
	err = vfio_region_init(device);
	if (err)
		return err;
	err = pci_config_master(&vfio->config, false);
	if (err)
		return vfio_fail(device, err, "stop it");
	err = vfio_irq_init(device);
	if (err)
		return err;
	err = vfio_event_init(device);
	if (err)
		goto err_irq;
	return 0;
err_irq:
	vfio_irq_fini(device);
	return err;
}

static int device_open(struct uldf_device *device, struct vfio_device *vfio, int group)
{
	struct uldf_ctx *ctx = device->ctx;
	int err;

	pthread_mutex_lock(&ctx->vfio_lock);
	err = vfio_group_get(device, vfio->address, group, &vfio->group);
	if (err)
		goto out_unlock;
	err = device_open_fd(device, vfio);
	if (err)
		vfio_group_put(vfio->group);
	else
		LIST_INSERT_HEAD(&vfio->group->devices, vfio, entry);
out_unlock:
	pthread_mutex_unlock(&ctx->vfio_lock);
	return err;
}

static void device_close(struct uldf_device *device)
{
	struct vfio_device *vfio = device->priv;
	struct uldf_ctx *ctx = device->ctx;

	pthread_mutex_lock(&ctx->vfio_lock);
	LIST_REMOVE(vfio, entry);
	close(vfio->fd);
	vfio_group_put(vfio->group);
	pthread_mutex_unlock(&ctx->vfio_lock);
}

static int vfio_open(struct uldf_device *device, const char *rest)
{
	struct uldf_host_device host;
	struct uldf_address address;
	struct vfio_device *vfio;
	int err;

	err = uldf_address_parse(rest, &address);
	if (err)
		return ctx_fail(device->ctx, err, "%s: not an address such as 0000:00:06.0", rest);
	uldf_address_format(&address, device->info.address);
	err = uldf_discover_one(device->ctx, &address, &host);
	if (err)
		return err;
	vfio = calloc(1, sizeof(*vfio));
	if (!vfio)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	uldf_address_format(&address, vfio->address);
	vfio->listener = -1;
	err = device_open(device, vfio, host.group);
	if (err)
		goto err_free;
	device->priv = vfio;
	err = device_init(device);
	if (err)
		goto err_close;
	return 0;
err_close:
	device_close(device);
err_free:
	free(vfio);
	return err;
}

static void vfio_close(struct uldf_device *device)
{
	struct vfio_device *vfio = device->priv;

	if (vfio->config.asleep)
		pci_config_power(&vfio->config, 0);
	if (vfio->attached)
		vfio_detach(device);
	if (device->irq_count)
		vfio_irq_disable(device);
	vfio_event_fini(device);
	vfio_irq_fini(device);
	vfio_region_fini(device);
	device_close(device);
	free(vfio);
}

static int vfio_reset(struct uldf_device *device, enum uldf_reset *how)
{
	struct vfio_device *vfio = device->priv;
	int err;

	if (!device->info.resets)
		return uldf_device_fail(device, -ENOTSUP, "nothing resets it alone");
	if (ioctl(vfio->fd, VFIO_DEVICE_RESET))
		return vfio_fail(device, -errno, "reset it");
	/* The kernel wakes it for that, and puts the command register back as it was before. */
	__atomic_store_n(&vfio->config.asleep, false, __ATOMIC_RELAXED);
	err = pci_config_master(&vfio->config, false);
	if (!err && vfio->attached)
		err = pci_config_master(&vfio->config, true);
	if (err)
		return vfio_fail(device, err, "stop it after its reset");
	*how = sysfs_reset_method(device->info.address);
	return 0;
}

static int vfio_power(struct uldf_device *device, unsigned int state)
{
	struct vfio_device *vfio = device->priv;
	int err = pci_config_power(&vfio->config, state);

	if (err == -ENOTSUP)
		return uldf_device_fail(device, err, "it has no power states");
	return err ? vfio_fail(device, err, "change its power state") : 0;
}

const struct uldf_backend_ops vfio_backend = {
	.name = "vfio",
	.open = vfio_open,
	.close = vfio_close,
	.reset = vfio_reset,
	.attach = vfio_attach,
	.move = vfio_move,
	.detach = vfio_detach,
	.region_read = vfio_region_read,
	.region_write = vfio_region_write,
	.region_map = vfio_region_map,
	.region_unmap = vfio_region_unmap,
	.irq_enable = vfio_irq_enable,
	.irq_disable = vfio_irq_disable,
	.irq_bind = vfio_irq_bind,
	.irq_bind_unmask = vfio_irq_bind_unmask,
	.irq_mask = vfio_irq_mask,
	.irq_unmask = vfio_irq_unmask,
	.event_bind = vfio_event_bind,
	.event_read = vfio_event_read,
	.power = vfio_power,
	.space_create = vfio_space_create,
	.space_destroy = vfio_space_destroy,
	.space_reserved = vfio_space_reserved,
	.memory_register = vfio_memory_register,
	.memory_share = vfio_memory_share,
	.memory_unregister = vfio_memory_unregister,
	.map = vfio_map,
	.map_anywhere = vfio_map_anywhere,
	.unmap = vfio_unmap,
	.unmap_range = vfio_unmap_range,
	.revoke = vfio_revoke,
};
