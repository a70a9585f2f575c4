/* SPDX-License-Identifier: MIT */
#ifndef ULDF_REGION_H
#define ULDF_REGION_H

#include <uldf/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/** enum - indices of regions */
enum {
	ULDF_BAR0 = 0,
	ULDF_BAR5 = 5,
	ULDF_ROM = 6,
	ULDF_CONFIG = 7,
	ULDF_REGION_COUNT = 8,
};

/** ULDF_AREAS - the most mappable areas a region has */
#define ULDF_AREAS 2

/**
 * struct uldf_area - a mappable part of a region
 * @offset: bytes from the region's start, page-aligned
 * @size: bytes, a multiple of the page size
 */
struct uldf_area {
	uint64_t offset;
	uint64_t size;
};

/**
 * struct uldf_region - one window of a device
 * @size: bytes; 0 where the device has none
 * @address: where the host has it: bus address or port number
 * @ports: I/O ports, else memory (or configuration space)
 * @prefetchable: prefetchable memory
 * @is64: a 64-bit BAR
 * @fixed: at a legacy address that no BAR can move (compatibility-mode IDE)
 * @writable: writes reach it
 * @areas: how many of @area can be mapped
 * @area: the mappable parts
 */
struct uldf_region {
	uint64_t size;
	uint64_t address;
	bool ports;
	bool prefetchable;
	bool is64;
	bool fixed;
	bool writable;
	unsigned int areas;
	struct uldf_area area[ULDF_AREAS];
};

/**
 * uldf_region_get() - describe a region
 * @device: device
 * @index: ULDF_BAR0..ULDF_BAR5, ULDF_ROM, ULDF_CONFIG
 *
 * Return: its description, owned by the device; NULL for an index out of range.
 */
const struct uldf_region *uldf_region_get(const struct uldf_device *device, unsigned int index);

/**
 * uldf_region_read() - one read access
 * @device: device
 * @index: region
 * @offset: bytes from its start, a multiple of @width
 * @width: 1, 2, 4 or 8 bytes (ports: up to 4); one access of just this width is made
 * @out: the value, little-endian converted to the CPU's order; untouched on failure
 *
 * Return: 0, -EINVAL width or alignment, -ERANGE outside the region, -EIO decoding is off,
 * -ENODEV gone.
 */
int uldf_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t *out);

/**
 * uldf_region_write() - one write access
 * @device: device
 * @index: region
 * @offset: bytes from its start, a multiple of @width
 * @width: 1, 2, 4 or 8 bytes (ports: up to 4)
 * @value: what to write
 *
 * Return: as uldf_region_read(), and -EPERM for a read-only region.
 */
int uldf_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t value);

/**
 * uldf_region_map() - map part of a region into this process
 * @device: device
 * @index: region
 * @offset: bytes from its start, page-aligned
 * @size: bytes, a multiple of the page size; all of it within one mappable area
 * @out: where it was mapped, uncached; untouched on failure
 *
 * An access while the device does not decode memory, is reset, or was unplugged raises SIGBUS.
 *
 * Return: 0, -EINVAL alignment, -ERANGE outside the mappable areas, -ENOTSUP nothing of the region
 * can be mapped, -ENOMEM, -ENODEV gone.
 */
int uldf_region_map(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		    void **out);

/**
 * uldf_region_unmap() - end uldf_region_map()
 * @device: device
 * @address: where it was mapped, or NULL
 * @size: bytes, as given to map
 */
void uldf_region_unmap(struct uldf_device *device, void *address, size_t size);

/**
 * uldf_region_fd() - a descriptor that can map one part of one region, and nothing else
 * @device: device
 * @index: region
 * @offset: bytes from its start, page-aligned
 * @size: bytes, a multiple of the page size; all of it within one mappable area
 * @writable: it can be mapped for writing
 * @out: the descriptor, close-on-exec, mapped from offset 0; the caller closes it
 *
 * Made to be handed to a process that may not have the device. It dies with the device's close.
 *
 * Return: 0, -EINVAL alignment, -ERANGE outside the mappable areas, -ENOTSUP nothing of the region
 * can be mapped, or the backend has no such thing, -EMFILE, -ENOMEM, -ENODEV gone.
 */
int uldf_region_fd(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		   bool writable, int *out);

#ifdef __cplusplus
}
#endif

#endif
