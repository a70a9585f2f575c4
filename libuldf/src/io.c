// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <time.h>
#include "backend.h"

#define POLL_SPIN_NS  20000  /* a register that is about to change is read again at once */
#define POLL_SLEEP_NS 100000 /* between two reads of one that takes its time */

/* What all operations of a list ask for together. */
struct io_sum {
	uint64_t bytes;
	uint64_t microseconds;
};

static int io_check_string(const struct uldf_device *device, const struct uldf_io *io,
			   struct io_sum *sum)
{
	if (io->width > 4)
		return uldf_device_fail(device, -EINVAL, "a string cannot be %u bytes wide",
					io->width);
	if (!io->data || !io->count)
		return uldf_device_fail(device, -EINVAL, "a string needs data and a count");
	sum->bytes += (uint64_t)io->count * io->width;
	return 0;
}

static int io_check_poll(const struct uldf_device *device, const struct uldf_io *io,
			 struct io_sum *sum)
{
	uint64_t bits = io->width < 8 ? (UINT64_C(1) << 8 * io->width) - 1 : UINT64_MAX;

	if (io->value & ~(io->mask & bits))
		return uldf_device_fail(device, -EINVAL,
					"a poll for 0x%" PRIx64 " in mask 0x%" PRIx64
					" can never come true",
					io->value, io->mask);
	sum->microseconds += io->count;
	return 0;
}

/* One unit of a string to write. */
static uint64_t io_unit(const struct uldf_io *io, uint64_t index)
{
	const uint8_t *data = (const uint8_t *)io->data + index * io->width;
	uint64_t value = 0;

	for (unsigned int byte = 0; byte < io->width; byte++)
		value |= (uint64_t)data[byte] << 8 * byte;
	return value;
}

/* Of a string each unit is a write of the same register. */
static int io_check_config(const struct uldf_device *device, const struct uldf_io *io)
{
	int err = 0;

	if (io->kind == ULDF_IO_WRITE)
		return config_check_write(device, io->offset, io->width, io->value);
	for (uint64_t i = 0; io->data && !err && i < io->count; i++)
		err = config_check_write(device, io->offset, io->width, io_unit(io, i));
	return err;
}

/* What is wrong with one operation whatever the backend. */
static int io_check(const struct uldf_device *device, const struct uldf_io *io, struct io_sum *sum)
{
	bool string = io->kind == ULDF_IO_READ_STRING || io->kind == ULDF_IO_WRITE_STRING;
	bool writes = io->kind == ULDF_IO_WRITE || io->kind == ULDF_IO_WRITE_STRING;
	bool poll = io->kind == ULDF_IO_POLL;
	int err;

	if (io->kind > ULDF_IO_POLL)
		return uldf_device_fail(device, -EINVAL, "no operation has number %d", io->kind);
	err = region_check(device, io->region, io->offset, io->width);
	if (err)
		return err;
	if (writes && !device->regions[io->region].writable)
		return uldf_device_fail(device, -EPERM, "region %u: read-only", io->region);
	if (writes && io->region == ULDF_CONFIG && (err = io_check_config(device, io)))
		return err;
	if (!poll && !string && (io->mask || io->count))
		return uldf_device_fail(device, -EINVAL, "a field is set that it does not have");
	if (string)
		return io_check_string(device, io, sum);
	return poll ? io_check_poll(device, io, sum) : 0;
}

static int io_check_list(const struct uldf_device *device, const struct uldf_io *list, size_t count)
{
	struct io_sum sum = {};
	char reason[CTX_REASON];

	for (size_t i = 0; i < count; i++) {
		int err = io_check(device, &list[i], &sum);

		if (err) {
			uldf_reason(device->ctx, reason, sizeof(reason));
			return ctx_fail(device->ctx, err, "operation %zu: %s", i, reason);
		}
	}
	if (sum.bytes > ULDF_IO_STRING_MAX)
		return uldf_device_fail(device, -E2BIG, "%" PRIu64 " bytes of strings, at most %d",
					sum.bytes, ULDF_IO_STRING_MAX);
	if (sum.microseconds > ULDF_IO_POLL_MAX)
		return uldf_device_fail(device, -E2BIG, "%" PRIu64 " us of polls, at most %d",
					sum.microseconds, ULDF_IO_POLL_MAX);
	return 0;
}

/* ---- one access after the other, for backends that have no better way --------------------------- */

static int io_read_string(struct uldf_device *device, const struct uldf_io *io)
{
	uint8_t *data = io->data;
	uint64_t value;
	int err;

	for (uint32_t i = 0; i < io->count; i++) {
		err = device->ops->region_read(device, io->region, io->offset, io->width, &value);
		if (err)
			return err;
		for (unsigned int byte = 0; byte < io->width; byte++)
			*data++ = (uint8_t)(value >> 8 * byte);
	}
	return 0;
}

static int io_write_string(struct uldf_device *device, const struct uldf_io *io)
{
	int err;

	for (uint32_t i = 0; i < io->count; i++) {
		err = device->ops->region_write(device, io->region, io->offset, io->width,
						io_unit(io, i));
		if (err)
			return err;
	}
	return 0;
}

static uint64_t io_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The time is taken before the read, so that the last read is one after the limit. */
static int io_poll(struct uldf_device *device, struct uldf_io *io)
{
	const struct timespec pause = {.tv_nsec = POLL_SLEEP_NS};
	uint64_t begin = io_now(), wanted = io->value, now, value;
	int err;

	for (;;) {
		now = io_now();
		err = device->ops->region_read(device, io->region, io->offset, io->width, &value);
		if (err)
			return err;
		io->value = value;
		if ((value & io->mask) == wanted)
			return 0;
		if (now - begin >= (uint64_t)io->count * 1000)
			return uldf_device_fail(
				device, -ETIMEDOUT,
				"region %u at 0x%" PRIx64 " reads 0x%" PRIx64 " after %" PRIu32
				" us, not 0x%" PRIx64 " in mask 0x%" PRIx64,
				io->region, io->offset, value, io->count, wanted, io->mask);
		if (now - begin >= POLL_SPIN_NS)
			nanosleep(&pause, NULL);
	}
}

static int io_do(struct uldf_device *device, struct uldf_io *io)
{
	const struct uldf_backend_ops *ops = device->ops;

	switch (io->kind) {
	case ULDF_IO_READ:
		return ops->region_read(device, io->region, io->offset, io->width, &io->value);
	case ULDF_IO_WRITE:
		return ops->region_write(device, io->region, io->offset, io->width, io->value);
	case ULDF_IO_READ_STRING:
		return io_read_string(device, io);
	case ULDF_IO_WRITE_STRING:
		return io_write_string(device, io);
	default:
		return io_poll(device, io);
	}
}

static int io_one_by_one(struct uldf_device *device, struct uldf_io *list, size_t count,
			 size_t *done)
{
	int err = 0;

	while (!err && *done < count) {
		err = io_do(device, &list[*done]);
		if (!err)
			(*done)++;
	}
	return err;
}

/* Bus mastering is the library's to refuse, see config_check_write(). */
static bool io_may_master(const struct uldf_device *device, const struct uldf_io *list,
			  size_t count)
{
	for (size_t i = 0; !device->attached && i < count; i++)
		if (list[i].region == ULDF_CONFIG &&
		    (list[i].kind == ULDF_IO_WRITE || list[i].kind == ULDF_IO_WRITE_STRING))
			return true;
	return false;
}

static int io_do_list(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done)
{
	const struct uldf_backend_ops *ops = device->ops;
	int err, why;

	if (ops->io_batch && ops->io_judges && !io_may_master(device, list, count)) {
		err = ops->io_batch(device, list, count, done);
		/* where the time of a poll is up, the list was fine, and has changed */
		why = err && err != -ETIMEDOUT && !*done ? io_check_list(device, list, count) : 0;
		return why ? why : err;
	}
	err = io_check_list(device, list, count);
	if (err)
		return err;
	return ops->io_batch ? ops->io_batch(device, list, count, done)
			     : io_one_by_one(device, list, count, done);
}

int uldf_io_batch(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done)
{
	size_t number = 0;
	int err;

	if (!list || !count)
		err = uldf_device_fail(device, -EINVAL, "no operations to do");
	else if (count > ULDF_IO_BATCH_MAX)
		err = uldf_device_fail(device, -E2BIG, "%zu operations in a batch, at most %d",
				       count, ULDF_IO_BATCH_MAX);
	else
		err = io_do_list(device, list, count, &number);
	if (done)
		*done = number;
	return err;
}
