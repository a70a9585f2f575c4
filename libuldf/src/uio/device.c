// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "sysfs.h"
#include "uio/uio.h"

int uio_fail(struct uldf_device *device, int err, const char *doing)
{
	if (err == -ENODEV)
		return uldf_device_fail(device, err, "gone: it was unbound or unplugged");
	return uldf_device_fail(device, err, "cannot %s: %s", doing, ctx_strerror(err));
}

/* The number N of /dev/uioN. */
static int device_number(const char *address, unsigned int *out)
{
	char path[SYSFS_PATH];
	struct dirent *entry;
	int err = -ENODEV;
	DIR *dir;

	sysfs_path(address, "uio", path);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "uio%u", out) == 1)
			err = 0;
	if (dir)
		closedir(dir);
	return err;
}

static int device_open_node(struct uldf_device *device, struct uio_device *uio)
{
	unsigned int number;
	char path[32];
	int err;

	if (device_number(device->info.address, &number))
		return uldf_device_fail(
			device, -ENODEV,
			"not bound to uio_pci_generic: write that to its driver_override "
			"and its address to /sys/bus/pci/drivers_probe");
	snprintf(path, sizeof(path), "/dev/uio%u", number);
	uio->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (uio->fd < 0) {
		err = -errno;
		if (err == -EACCES || err == -EPERM)
			return uldf_device_fail(device, -EACCES,
						"no permission to open %s: be root", path);
		return uldf_device_fail(device, err, "cannot open %s: %s", path, ctx_strerror(err));
	}
	/* UIO itself takes any number of openers. */
	if (flock(uio->fd, LOCK_EX | LOCK_NB)) {
		close(uio->fd);
		return uldf_device_fail(device, -EBUSY,
					"open already: one process drives a device");
	}
	return 0;
}

static int device_open_config(struct uldf_device *device, struct uio_device *uio)
{
	char path[SYSFS_PATH];
	int fd, err;
	off_t size;

	sysfs_path(device->info.address, "config", path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return uio_fail(device, -errno, "open its configuration space");
	size = lseek(fd, 0, SEEK_END);
	err = pci_config_init(&uio->config, fd, 0, size < 0 ? 0 : (size_t)size);
	if (!err)
		err = pci_config_master(&uio->config, false);
	if (err) {
		close(fd);
		return uio_fail(device, err, "read its configuration space");
	}
	device->regions[ULDF_CONFIG] = (struct uldf_region){
		.size = uio->config.size,
		.writable = true,
	};
	return 0;
}

static int uio_open(struct uldf_device *device, const char *rest)
{
	struct uldf_host_device host;
	struct uldf_address address;
	struct uio_device *uio;
	char path[SYSFS_PATH];
	int err;

	err = uldf_address_parse(rest, &address);
	if (err)
		return ctx_fail(device->ctx, err, "%s: not an address such as 0000:00:06.0", rest);
	uldf_address_format(&address, device->info.address);
	err = uldf_discover_one(device->ctx, &address, &host);
	if (err)
		return err;
	uio = calloc(1, sizeof(*uio));
	if (!uio)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	err = device_open_node(device, uio);
	if (err)
		goto err_free;
	device->priv = uio;
	err = uio_region_init(device);
	if (!err)
		err = device_open_config(device, uio);
	if (err)
		goto err_node;
	err = uio_irq_init(device);
	if (err)
		goto err_config;
	sysfs_path(device->info.address, "reset", path);
	device->info.resets = !access(path, F_OK);
	return 0;
err_config:
	close(uio->config.fd);
err_node:
	close(uio->fd);
err_free:
	free(uio);
	return err;
}

static void uio_close(struct uldf_device *device)
{
	struct uio_device *uio = device->priv;

	pci_config_master(&uio->config, false);
	if (device->irq_count)
		uio_irq_disable(device);
	uio_irq_fini(device);
	uio_region_fini(device);
	close(uio->config.fd);
	close(uio->fd);
	free(uio);
}

static int reset_write(const char *address)
{
	char path[SYSFS_PATH];
	int fd, err = 0;

	sysfs_path(address, "reset", path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ENODEV : -errno;
	if (write(fd, "1", 1) != 1)
		err = errno == ENOTTY ? -ENOTSUP : -errno;
	close(fd);
	return err;
}

static int uio_reset(struct uldf_device *device, enum uldf_reset *how)
{
	struct uio_device *uio = device->priv;
	int err;

	if (!device->info.resets)
		return uldf_device_fail(device, -ENOTSUP, "nothing resets it alone");
	err = reset_write(device->info.address);
	if (!err)
		err = pci_config_master(&uio->config, false);
	if (err)
		return uio_fail(device, err, "reset it");
	*how = sysfs_reset_method(device->info.address);
	return 0;
}

static int uio_attach(struct uldf_device *device, struct uldf_space *space)
{
	return uldf_device_fail(device, -ENOTSUP,
				"no spaces by uio: claim it for uldf.ko, or bind it to "
				"vfio-pci");
}

static int uio_detach(struct uldf_device *device)
{
	return uldf_device_fail(device, -EINVAL, "not attached to a space");
}

static int uio_space_create(struct uldf_device *device, struct uldf_space *space)
{
	return uio_attach(device, space);
}

/* The ops on spaces are missing: without one they are never called. */
const struct uldf_backend_ops uio_backend = {
	.name = "uio",
	.open = uio_open,
	.close = uio_close,
	.reset = uio_reset,
	.attach = uio_attach,
	.move = uio_attach,
	.detach = uio_detach,
	.region_read = uio_region_read,
	.region_write = uio_region_write,
	.region_map = uio_region_map,
	.region_unmap = uio_region_unmap,
	.irq_enable = uio_irq_enable,
	.irq_disable = uio_irq_disable,
	.irq_bind = uio_irq_bind,
	.irq_bind_unmask = uio_irq_bind_unmask,
	.irq_mask = uio_irq_mask,
	.irq_unmask = uio_irq_unmask,
	.event_bind = uio_event_bind,
	.event_read = uio_event_read,
	.space_create = uio_space_create,
};
