// SPDX-License-Identifier: MIT
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>
#include "kmod/abi.h"

static int region_fail(struct uldf_device *device, int err, const char *access, unsigned int index,
		       uint64_t offset)
{
	if (err == -ENODEV)
		return uldf_device_fail(device, err, "gone: it was released or unplugged");
	if (err == -EIO)
		return uldf_device_fail(device, err,
					"%s of region %u at 0x%" PRIx64
					": the device does not decode it",
					access, index, offset);
	return uldf_device_fail(device, err, "%s of region %u at 0x%" PRIx64 ": %s", access, index,
				offset, ctx_strerror(err));
}

int kmod_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t *out)
{
	const struct kmod_device *kmod = device->priv;
	uint64_t value = 0;
	ssize_t done = pread(kmod->fd, &value, width, (off_t)(kmod->offset[index] + offset));

	if (done != (ssize_t)width)
		return region_fail(device, done < 0 ? -errno : -EIO, "read", index, offset);
	*out = le64toh(value);
	return 0;
}

int kmod_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t value)
{
	const struct kmod_device *kmod = device->priv;
	uint64_t bytes = htole64(value);
	ssize_t done = pwrite(kmod->fd, &bytes, width, (off_t)(kmod->offset[index] + offset));

	if (done != (ssize_t)width)
		return region_fail(device, done < 0 ? -errno : -EIO, "write", index, offset);
	return 0;
}

int kmod_region_map(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		    void **out)
{
	const struct kmod_device *kmod = device->priv;
	void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, kmod->fd,
			     (off_t)(kmod->offset[index] + offset));

	if (address == MAP_FAILED)
		return region_fail(device, -errno, "map", index, offset);
	*out = address;
	return 0;
}

void kmod_region_unmap(struct uldf_device *device, void *address, size_t size)
{
	munmap(address, size);
}

int kmod_region_fd(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		   bool writable, int *out)
{
	struct uldf_ioc_region_fd part = {
		.argsz = sizeof(part),
		.flags = writable ? ULDF_REGION_FD_WRITE : 0,
		.index = index,
		.fd = -1,
		.offset = offset,
		.size = size,
	};
	int err =
		kmod_device_call(device, ULDF_REGION_FD, &part, "make a file for part of a region");

	if (!err)
		*out = part.fd;
	return err;
}
