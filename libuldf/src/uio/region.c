// SPDX-License-Identifier: MIT
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "mmio.h"
#include "sysfs.h"
#include "uio/uio.h"

static uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

int uio_region_init(struct uldf_device *device)
{
	struct uio_device *uio = device->priv;
	int err = sysfs_resources(device->info.address, device->regions);

	if (err)
		return uio_fail(device, err, "read where its regions are");
	for (unsigned int i = 0; i < ULDF_REGION_COUNT; i++) {
		struct uldf_region *region = &device->regions[i];

		uio->ports[i] = -1;
		/* A page that holds more than the region is not for the caller to have. */
		if (!region->size || region->ports || i == ULDF_ROM ||
		    (region->address | region->size) & (page_size() - 1))
			continue;
		region->areas = 1;
		region->area[0] = (struct uldf_area){0, region->size};
	}
	return 0;
}

/* sysfs maps whole pages, from the one that the region begins in. */
static size_t window_size(const struct uldf_region *region)
{
	uint64_t lead = region->address & (page_size() - 1);

	return (size_t)((lead + region->size + page_size() - 1) & ~(page_size() - 1));
}

void uio_region_fini(struct uldf_device *device)
{
	struct uio_device *uio = device->priv;

	for (unsigned int i = 0; i < ULDF_REGION_COUNT; i++) {
		if (uio->window[i])
			munmap(uio->window[i], window_size(&device->regions[i]));
		if (uio->ports[i] >= 0)
			close(uio->ports[i]);
	}
}

static int region_open(const struct uldf_device *device, unsigned int index)
{
	char path[SYSFS_PATH], name[16];
	int fd;

	snprintf(name, sizeof(name), "resource%u", index);
	sysfs_path(device->info.address, name, path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ENODEV : -errno;
	return fd;
}

static int region_mmap(const struct uldf_device *device, unsigned int index, uint64_t offset,
		       size_t size, void **out)
{
	int fd = region_open(device, index), err = 0;
	void *address;

	if (fd < 0)
		return fd;
	address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
	if (address == MAP_FAILED)
		err = -errno;
	else
		*out = address;
	close(fd);
	return err;
}

static int region_fail(struct uldf_device *device, int err, const char *access, unsigned int index,
		       uint64_t offset)
{
	if (err == -EIO)
		return uldf_device_fail(device, err,
					"%s of region %u at 0x%" PRIx64
					": the device does not decode it",
					access, index, offset);
	return uio_fail(device, err, access);
}

/* Where a register of a memory region is; there is no other way to it than a mapping. */
static int region_window(struct uldf_device *device, unsigned int index, uint64_t offset,
			 volatile void **out)
{
	const struct uldf_region *region = &device->regions[index];
	struct uio_device *uio = device->priv;
	int err = 0;

	if (!uio->window[index])
		err = region_mmap(device, index, 0, window_size(region), &uio->window[index]);
	if (err)
		return err;
	*out = (volatile char *)uio->window[index] + (region->address & (page_size() - 1)) + offset;
	return 0;
}

static int region_ports(struct uldf_device *device, unsigned int index)
{
	struct uio_device *uio = device->priv;

	if (uio->ports[index] < 0) {
		int fd = region_open(device, index);

		if (fd < 0)
			return fd;
		uio->ports[index] = fd;
	}
	return uio->ports[index];
}

/* The ROM answers while its file says so; reading it switches its decoding on and off. */
static int rom_read(struct uldf_device *device, uint64_t offset, unsigned int width,
		    uint64_t *value)
{
	char path[SYSFS_PATH];
	ssize_t done = -1;
	int fd, err;

	sysfs_path(device->info.address, "rom", path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ENODEV : -errno;
	if (pwrite(fd, "1", 1, 0) == 1)
		done = pread(fd, value, width, (off_t)offset);
	err = done == (ssize_t)width ? 0 : -EIO;
	/* a "0" alone would switch it on, too */
	if (pwrite(fd, "0\n", 2, 0) != 2)
		err = -EIO;
	close(fd);
	return err;
}

/* The kernel says so before the files of sysfs are gone, which go on answering until then. */
static bool is_gone(const struct uldf_device *device)
{
	const struct uio_device *uio = device->priv;

	return atomic_load(&uio->gone);
}

/* Does the device decode a region that is not the configuration space? */
static int region_answers(const struct uldf_device *device, unsigned int index)
{
	const struct uio_device *uio = device->priv;

	return pci_config_decodes(&uio->config, device->regions[index].ports) ? 0 : -EIO;
}

static int region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		       unsigned int width, uint64_t *value)
{
	int err = region_answers(device, index), fd;
	volatile void *at;
	ssize_t done;

	if (err)
		return err;
	if (!device->regions[index].ports) {
		err = region_window(device, index, offset, &at);
		if (!err)
			*value = mmio_read(at, width);
		return err;
	}
	fd = region_ports(device, index);
	if (fd < 0)
		return fd;
	done = pread(fd, value, width, (off_t)offset);
	if (done != (ssize_t)width)
		return done < 0 ? -errno : -EIO;
	*value = le64toh(*value);
	return 0;
}

int uio_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		    unsigned int width, uint64_t *out)
{
	const struct uio_device *uio = device->priv;
	uint64_t value = 0;
	int err;

	if (is_gone(device))
		err = -ENODEV;
	else if (index == ULDF_CONFIG)
		err = pci_config_read(&uio->config, (unsigned int)offset, width, &value);
	else if (index == ULDF_ROM)
		err = rom_read(device, offset, width, &value);
	else
		err = region_read(device, index, offset, width, &value);
	if (err)
		return region_fail(device, err, "read", index, offset);
	*out = value;
	return 0;
}

static int region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
			unsigned int width, uint64_t value)
{
	int err = region_answers(device, index), fd;
	uint64_t bytes = htole64(value);
	volatile void *at;
	ssize_t done;

	if (err)
		return err;
	if (!device->regions[index].ports) {
		err = region_window(device, index, offset, &at);
		if (!err)
			mmio_write(at, width, value);
		return err;
	}
	fd = region_ports(device, index);
	if (fd < 0)
		return fd;
	done = pwrite(fd, &bytes, width, (off_t)offset);
	if (done != (ssize_t)width)
		return done < 0 ? -errno : -EIO;
	return 0;
}

int uio_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t value)
{
	struct uio_device *uio = device->priv;
	int err;

	if (is_gone(device))
		err = -ENODEV;
	else if (index == ULDF_CONFIG)
		err = pci_config_write(&uio->config, (unsigned int)offset, width, value);
	else
		err = region_write(device, index, offset, width, value);
	return err ? region_fail(device, err, "write", index, offset) : 0;
}

int uio_region_map(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		   void **out)
{
	int err = is_gone(device) ? -ENODEV : region_mmap(device, index, offset, size, out);

	return err ? region_fail(device, err, "map", index, offset) : 0;
}

void uio_region_unmap(struct uldf_device *device, void *address, size_t size)
{
	munmap(address, size);
}
