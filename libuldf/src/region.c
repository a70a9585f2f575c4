// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>
#include "backend.h"

static const char *region_name(unsigned int index)
{
	static const char *const names[ULDF_REGION_COUNT] = {"BAR 0", "BAR 1", "BAR 2", "BAR 3",
							     "BAR 4", "BAR 5", "ROM",	"config"};

	return names[index];
}

const struct uldf_region *uldf_region_get(const struct uldf_device *device, unsigned int index)
{
	return index < ULDF_REGION_COUNT ? &device->regions[index] : NULL;
}

int region_check(const struct uldf_device *device, unsigned int index, uint64_t offset,
		 unsigned int width)
{
	const struct uldf_region *region = uldf_region_get(device, index);
	uint64_t end;

	if (!region)
		return uldf_device_fail(device, -EINVAL, "no region has index %u", index);
	if (width != 1 && width != 2 && width != 4 && (width != 8 || region->ports))
		return uldf_device_fail(device, -EINVAL, "%s: an access cannot be %u bytes wide",
					region_name(index), width);
	if (offset & (width - 1))
		return uldf_device_fail(device, -EINVAL,
					"%s: offset 0x%" PRIx64 " is no multiple of the width %u",
					region_name(index), offset, width);
	if (__builtin_add_overflow(offset, width, &end) || end > region->size)
		return uldf_device_fail(device, -ERANGE,
					"%s: offset 0x%" PRIx64 " is beyond its 0x%" PRIx64
					" bytes",
					region_name(index), offset, region->size);
	return 0;
}

int uldf_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t *out)
{
	int err = region_check(device, index, offset, width);

	return err ? err : device->ops->region_read(device, index, offset, width, out);
}

int uldf_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t value)
{
	int err = region_check(device, index, offset, width);

	if (err)
		return err;
	if (!device->regions[index].writable)
		return uldf_device_fail(device, -EPERM, "%s: read-only", region_name(index));
	if (index == ULDF_CONFIG)
		err = config_check_write(device, offset, width, value);
	return err ? err : device->ops->region_write(device, index, offset, width, value);
}

int region_check_map(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size)
{
	const struct uldf_region *region = uldf_region_get(device, index);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), end;

	if (!region)
		return uldf_device_fail(device, -EINVAL, "no region has index %u", index);
	if (!size || (offset | size) & (page - 1))
		return uldf_device_fail(device, -EINVAL,
					"%s: offset 0x%" PRIx64
					" and size 0x%zx to map are not whole "
					"pages",
					region_name(index), offset, size);
	if (!region->areas)
		return uldf_device_fail(device, -ENOTSUP, "%s: cannot be mapped",
					region_name(index));
	if (__builtin_add_overflow(offset, size, &end))
		end = UINT64_MAX;
	for (unsigned int i = 0; i < region->areas; i++) {
		const struct uldf_area *area = &region->area[i];

		if (offset >= area->offset && end <= area->offset + area->size)
			return 0;
	}
	return uldf_device_fail(device, -ERANGE,
				"%s: 0x%zx bytes at 0x%" PRIx64
				" are in none of its mappable areas",
				region_name(index), size, offset);
}

int uldf_region_map(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		    void **out)
{
	int err = region_check_map(device, index, offset, size);

	return err ? err : device->ops->region_map(device, index, offset, size, out);
}

void uldf_region_unmap(struct uldf_device *device, void *address, size_t size)
{
	if (address)
		device->ops->region_unmap(device, address, size);
}

int uldf_region_fd(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		   bool writable, int *out)
{
	int err = region_check_map(device, index, offset, size);

	if (err)
		return err;
	if (!device->ops->region_fd)
		return uldf_device_fail(device, -ENOTSUP,
					"backend %s has no files for parts of regions",
					device->ops->name);
	return device->ops->region_fd(device, index, offset, size, writable, out);
}
