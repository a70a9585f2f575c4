// SPDX-License-Identifier: MIT
#include <errno.h>
#include <libudev.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uldf/discover.h>
#include "ctx.h"
#include "sysfs.h"

static uint32_t sysfs_number(struct udev_device *udev, const char *name)
{
	const char *text = udev_device_get_sysattr_value(udev, name);

	return text ? (uint32_t)strtoul(text, NULL, 16) : 0;
}

static int sysfs_group(struct udev_device *udev)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *number;
	ssize_t length;

	snprintf(path, sizeof(path), "%s/iommu_group", udev_device_get_syspath(udev));
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return -1;
	target[length] = '\0';
	number = strrchr(target, '/');
	return number ? atoi(number + 1) : -1;
}

static int discover_fill(struct udev_device *udev, struct uldf_host_device *out)
{
	const char *driver = udev_device_get_driver(udev);
	int err = uldf_address_parse(udev_device_get_sysname(udev), &out->address);

	if (err)
		return err;
	out->vendor = (uint16_t)sysfs_number(udev, "vendor");
	out->device = (uint16_t)sysfs_number(udev, "device");
	out->subvendor = (uint16_t)sysfs_number(udev, "subsystem_vendor");
	out->subdevice = (uint16_t)sysfs_number(udev, "subsystem_device");
	out->class_code = sysfs_number(udev, "class");
	out->revision = (uint8_t)sysfs_number(udev, "revision");
	snprintf(out->driver, sizeof(out->driver), "%s", driver ? driver : "");
	out->group = sysfs_group(udev);
	out->bridge = sysfs_is_bridge(udev_device_get_syspath(udev), out->class_code);
	out->claimed = !strcmp(out->driver, "uldf");
	return 0;
}

static int discover_order(const void *left, const void *right)
{
	const struct uldf_address *a = &((const struct uldf_host_device *)left)->address;
	const struct uldf_address *b = &((const struct uldf_host_device *)right)->address;

	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	if (a->bus != b->bus)
		return a->bus - b->bus;
	return a->device != b->device ? a->device - b->device : a->function - b->function;
}

/* The functions in an enumeration that was scanned; those unplugged meanwhile are left out. */
static int discover_collect(struct udev *udev, struct udev_enumerate *scan,
			    struct uldf_host_device **list, size_t *count)
{
	struct udev_list_entry *entry, *first = udev_enumerate_get_list_entry(scan);
	struct uldf_host_device *found;
	struct udev_device *device;
	size_t room = 0, n = 0;

	udev_list_entry_foreach(entry, first)
		room++;
	found = calloc(room + 1, sizeof(*found));
	if (!found)
		return -ENOMEM;
	udev_list_entry_foreach(entry, first) {
		device = udev_device_new_from_syspath(udev, udev_list_entry_get_name(entry));
		if (device && !discover_fill(device, &found[n]))
			n++;
		udev_device_unref(device);
	}
	qsort(found, n, sizeof(*found), discover_order);
	*list = found;
	*count = n;
	return 0;
}

int uldf_discover(struct uldf_ctx *ctx, struct uldf_host_device **list, size_t *count)
{
	struct udev *udev = udev_new();
	struct udev_enumerate *scan;
	int err = -ENOMEM;

	if (!udev)
		goto err_none;
	scan = udev_enumerate_new(udev);
	if (!scan)
		goto err_udev;
	err = udev_enumerate_add_match_subsystem(scan, "pci");
	if (err >= 0)
		err = udev_enumerate_scan_devices(scan);
	if (err >= 0)
		err = discover_collect(udev, scan, list, count);
	udev_enumerate_unref(scan);
err_udev:
	udev_unref(udev);
err_none:
	return err ? ctx_fail(ctx, err, "cannot list PCI devices: %s", ctx_strerror(err)) : 0;
}

void uldf_discover_free(struct uldf_host_device *list)
{
	free(list);
}

int uldf_discover_one(struct uldf_ctx *ctx, const struct uldf_address *address,
		      struct uldf_host_device *out)
{
	struct uldf_host_device found = {.group = -1};
	char text[ULDF_ADDRESS_TEXT];
	struct udev_device *device;
	struct udev *udev = udev_new();
	int err;

	if (!udev)
		return ctx_fail(ctx, -ENOMEM, "out of memory");
	uldf_address_format(address, text);
	device = udev_device_new_from_subsystem_sysname(udev, "pci", text);
	err = device ? discover_fill(device, &found) : -ENODEV;
	udev_device_unref(device);
	udev_unref(udev);
	if (err)
		return ctx_fail(ctx, -ENODEV, "device %s: no such device: see uldfctl list", text);
	*out = found;
	return 0;
}
