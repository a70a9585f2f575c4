// SPDX-License-Identifier: MIT
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "mmio.h"
#include "sysfs.h"
#include "vfio/vfio.h"

#define INFO_SIZE 4096 /* of a region's description with all that may follow it */

static bool is_whole(uint64_t bytes)
{
	return !(bytes & ((uint64_t)sysconf(_SC_PAGESIZE) - 1));
}

static void area_add(struct uldf_region *region, uint64_t offset, uint64_t size)
{
	if (region->areas < ULDF_AREAS && size && is_whole(offset | size))
		region->area[region->areas++] = (struct uldf_area){offset, size};
}

/* The parts that the kernel lets be mapped: the whole, or what its sparse capability lists. */
static void region_read_areas(const struct vfio_region_info *info, struct uldf_region *region)
{
	const struct vfio_region_info_cap_sparse_mmap *sparse = NULL;
	const struct vfio_info_cap_header *cap;
	uint32_t at = info->flags & VFIO_REGION_INFO_FLAG_CAPS ? info->cap_offset : 0;

	region->areas = 0;
	if (!(info->flags & VFIO_REGION_INFO_FLAG_MMAP))
		return;
	while (at && at <= INFO_SIZE - sizeof(*cap)) {
		cap = (const void *)((const char *)info + at);
		if (cap->id == VFIO_REGION_INFO_CAP_SPARSE_MMAP)
			sparse = (const void *)cap;
		at = cap->next;
	}
	if (!sparse)
		area_add(region, 0, info->size);
	else
		for (uint32_t i = 0; i < sparse->nr_areas; i++)
			area_add(region, sparse->areas[i].offset, sparse->areas[i].size);
}

static int region_init(struct uldf_device *device, unsigned int index,
		       struct vfio_region_info *info)
{
	struct uldf_region *region = &device->regions[index];
	struct vfio_device *vfio = device->priv;

	*info = (struct vfio_region_info){.argsz = INFO_SIZE, .index = index};
	if (ioctl(vfio->fd, VFIO_DEVICE_GET_REGION_INFO, info))
		return vfio_fail(device, -errno, "read its regions");
	vfio->offset[index] = info->offset;
	region->size = info->size;
	region->writable = info->flags & VFIO_REGION_INFO_FLAG_WRITE;
	region_read_areas(info, region);
	return 0;
}

int vfio_region_init(struct uldf_device *device)
{
	struct vfio_device *vfio = device->priv;
	struct vfio_region_info *info;
	int err;

	_Static_assert((int)VFIO_PCI_BAR0_REGION_INDEX == (int)ULDF_BAR0 &&
			       (int)VFIO_PCI_ROM_REGION_INDEX == (int)ULDF_ROM &&
			       (int)VFIO_PCI_CONFIG_REGION_INDEX == (int)ULDF_CONFIG,
		       "regions have VFIO's numbers");
	/* VFIO keeps to itself where regions are and what kind. */
	err = sysfs_resources(device->info.address, device->regions);
	if (err)
		return vfio_fail(device, err, "read where its regions are");
	info = malloc(INFO_SIZE);
	if (!info)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	for (unsigned int i = 0; !err && i < ULDF_REGION_COUNT; i++)
		err = region_init(device, i, info);
	free(info);
	if (err)
		return err;
	err = pci_config_init(&vfio->config, vfio->fd, vfio->offset[ULDF_CONFIG],
			      device->regions[ULDF_CONFIG].size);
	return err ? vfio_fail(device, err, "read its configuration space") : 0;
}

void vfio_region_fini(struct uldf_device *device)
{
	struct vfio_device *vfio = device->priv;

	for (unsigned int i = 0; i < ULDF_REGION_COUNT; i++)
		if (vfio->window[i])
			munmap(vfio->window[i], device->regions[i].area[0].size);
}

static int region_fail(struct uldf_device *device, int err, const char *access, unsigned int index,
		       uint64_t offset)
{
	if (err == -ENODEV)
		return uldf_device_fail(device, err, "gone: it was unbound or unplugged");
	if (err == -EIO)
		return uldf_device_fail(device, err,
					"%s of region %u at 0x%" PRIx64
					": the device does not decode it",
					access, index, offset);
	return uldf_device_fail(device, err, "%s of region %u at 0x%" PRIx64 ": %s", access, index,
				offset, ctx_strerror(err));
}

/*
 * Where the register is mapped. vfio-pci makes two accesses of 4 bytes of one of 8, so that these go
 * through a mapping of the region's first area.
 */
static int region_window(struct uldf_device *device, unsigned int index, uint64_t offset,
			 volatile void **out)
{
	const struct uldf_region *region = &device->regions[index];
	struct vfio_device *vfio = device->priv;
	const struct uldf_area *area = &region->area[0];
	void *window = vfio->window[index];

	if (!region->areas || offset < area->offset || offset - area->offset > area->size - 8)
		return -ENOTSUP;
	if (!pci_config_decodes(&vfio->config, region->ports))
		return -EIO;
	if (!window) {
		window = mmap(NULL, area->size, PROT_READ | PROT_WRITE, MAP_SHARED, vfio->fd,
			      (off_t)(vfio->offset[index] + area->offset));
		if (window == MAP_FAILED)
			return -errno;
		vfio->window[index] = window;
	}
	*out = (volatile char *)window + (offset - area->offset);
	return 0;
}

/* VFIO refuses memory that is not decoded, but not ports. */
static bool is_shut(const struct uldf_device *device, unsigned int index)
{
	const struct vfio_device *vfio = device->priv;

	return device->regions[index].ports && !pci_config_decodes(&vfio->config, true);
}

int vfio_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t *out)
{
	struct vfio_device *vfio = device->priv;
	volatile void *window;
	uint64_t value = 0;
	ssize_t done;
	int err = 0;

	if (index == ULDF_CONFIG) {
		err = pci_config_read(&vfio->config, (unsigned int)offset, width, &value);
	} else if (width == 8 && index != ULDF_ROM) {
		err = region_window(device, index, offset, &window);
		if (!err)
			value = mmio_read(window, width);
	} else if (is_shut(device, index)) {
		err = -EIO;
	} else {
		done = pread(vfio->fd, &value, width, (off_t)(vfio->offset[index] + offset));
		if (done != (ssize_t)width)
			err = done < 0 ? -errno : -EIO;
		value = le64toh(value);
	}
	if (err)
		return region_fail(device, err, "read", index, offset);
	*out = value;
	return 0;
}

int vfio_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t value)
{
	struct vfio_device *vfio = device->priv;
	uint64_t bytes = htole64(value);
	volatile void *window;
	ssize_t done;
	int err = 0;

	if (index == ULDF_CONFIG) {
		err = pci_config_write(&vfio->config, (unsigned int)offset, width, value);
	} else if (width == 8) {
		err = region_window(device, index, offset, &window);
		if (!err)
			mmio_write(window, width, value);
	} else if (is_shut(device, index)) {
		err = -EIO;
	} else {
		done = pwrite(vfio->fd, &bytes, width, (off_t)(vfio->offset[index] + offset));
		if (done != (ssize_t)width)
			err = done < 0 ? -errno : -EIO;
	}
	return err ? region_fail(device, err, "write", index, offset) : 0;
}

int vfio_region_map(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		    void **out)
{
	const struct vfio_device *vfio = device->priv;
	void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vfio->fd,
			     (off_t)(vfio->offset[index] + offset));

	if (address == MAP_FAILED)
		return region_fail(device, -errno, "map", index, offset);
	*out = address;
	return 0;
}

void vfio_region_unmap(struct uldf_device *device, void *address, size_t size)
{
	munmap(address, size);
}
