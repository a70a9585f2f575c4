// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include "kmod/abi.h"

_Static_assert((int)ULDF_IO_READ == (int)ULDF_OP_READ && (int)ULDF_IO_WRITE == (int)ULDF_OP_WRITE &&
		       (int)ULDF_IO_READ_STRING == (int)ULDF_OP_READ_STRING &&
		       (int)ULDF_IO_WRITE_STRING == (int)ULDF_OP_WRITE_STRING &&
		       (int)ULDF_IO_POLL == (int)ULDF_OP_POLL,
	       "operations have the ABI's numbers");
_Static_assert(ULDF_IO_BATCH_MAX == ULDF_OP_BATCH && ULDF_IO_STRING_MAX == ULDF_OP_STRING &&
		       ULDF_IO_POLL_MAX == ULDF_OP_POLL_US,
	       "batches have the ABI's limits");

_Static_assert(sizeof(struct uldf_io) == sizeof(struct uldf_ioc_io) &&
		       offsetof(struct uldf_io, width) == offsetof(struct uldf_ioc_io, width) &&
		       offsetof(struct uldf_io, region) == offsetof(struct uldf_ioc_io, index) &&
		       offsetof(struct uldf_io, count) == offsetof(struct uldf_ioc_io, count) &&
		       offsetof(struct uldf_io, offset) == offsetof(struct uldf_ioc_io, offset) &&
		       offsetof(struct uldf_io, value) == offsetof(struct uldf_ioc_io, value) &&
		       offsetof(struct uldf_io, mask) == offsetof(struct uldf_ioc_io, mask),
	       "operations have the ABI's form, so that lists pass as they are");

static int io_fail(const struct uldf_device *device, int err, const struct uldf_io *io,
		   size_t number)
{
	switch (err) {
	case -ENODEV:
		return uldf_device_fail(device, err, "gone: it was released or unplugged");
	case -EIO:
		return uldf_device_fail(device, err,
					"operation %zu, region %u at 0x%" PRIx64
					": the device does not decode it",
					number, io->region, io->offset);
	case -ETIMEDOUT:
		return uldf_device_fail(device, err,
					"operation %zu, region %u at 0x%" PRIx64
					": reads 0x%" PRIx64 " after %" PRIu32 " us",
					number, io->region, io->offset, io->value, io->count);
	default:
		return uldf_device_fail(device, err, "operation %zu: %s", number,
					ctx_strerror(err));
	}
}

int kmod_io_batch(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done)
{
	const struct kmod_device *kmod = device->priv;
	struct uldf_ioc_io_batch batch = {
		.argsz = sizeof(batch),
		.count = (uint32_t)count,
		.ios = (uintptr_t)list,
	};
	int err = ioctl(kmod->fd, ULDF_IO_BATCH, &batch) ? -errno : 0;

	*done = batch.done;
	if (!err)
		return 0;
	return io_fail(device, err, &list[batch.done < count ? batch.done : count - 1], batch.done);
}
