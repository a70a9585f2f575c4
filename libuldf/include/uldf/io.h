/* SPDX-License-Identifier: MIT */
#ifndef ULDF_IO_H
#define ULDF_IO_H

#include <uldf/region.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * enum uldf_io_kind - what one operation of a batch does
 * @ULDF_IO_READ: one read; @value is the result
 * @ULDF_IO_WRITE: one write of @value
 * @ULDF_IO_READ_STRING: @count reads of one register, to @data
 * @ULDF_IO_WRITE_STRING: @count writes to one register, from @data
 * @ULDF_IO_POLL: reads until (value & @mask) == @value, for @count microseconds at most; @value is
 *                then what was read last
 */
enum uldf_io_kind {
	ULDF_IO_READ,
	ULDF_IO_WRITE,
	ULDF_IO_READ_STRING,
	ULDF_IO_WRITE_STRING,
	ULDF_IO_POLL,
};

/** ULDF_IO_BATCH_MAX - the most operations in one batch */
#define ULDF_IO_BATCH_MAX 64

/** ULDF_IO_STRING_MAX - the most bytes in all strings of one batch */
#define ULDF_IO_STRING_MAX 65536

/** ULDF_IO_POLL_MAX - the most microseconds in all polls of one batch */
#define ULDF_IO_POLL_MAX 1000000

/**
 * struct uldf_io - one operation of a batch
 * @kind: one of enum uldf_io_kind
 * @width: bytes of each access, as for uldf_region_read(); strings: 1, 2 or 4
 * @region: region
 * @count: accesses of a string, microseconds of a poll; 0 otherwise
 * @offset: bytes from the region's start, a multiple of @width
 * @value: in of a write and a poll, out of a read and a poll: see enum uldf_io_kind
 * @mask: of a poll, with every bit of @value in it; 0 of a read and a write
 * @data: of a string: @count units of @width bytes, in the order of the bus
 */
__extension__ struct uldf_io {
	uint8_t kind;
	uint8_t width;
	uint16_t region;
	uint32_t count;
	uint64_t offset;
	uint64_t value;
	union {
		uint64_t mask;
		void *data;
	};
};

/**
 * uldf_io_batch() - do register accesses one after the other, in one system call where there is one
 * @device: device
 * @list: operations, done in order
 * @count: how many, 1..%ULDF_IO_BATCH_MAX
 * @done: out: how many were done, also on failure: the one that failed is @list[*@done]; may be NULL
 *
 * What is wrong with the list itself is refused before the first access: then *@done is 0 and the
 * reason names the operation. What a string that failed midway had read is not to be relied on.
 *
 * Return: 0, -EINVAL, -ERANGE, -E2BIG too many operations, bytes or microseconds, -ETIMEDOUT a poll
 * did not come true, -EPERM writing to a read-only region, -EIO decoding is off, -ENODEV gone.
 */
int uldf_io_batch(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done);

#ifdef __cplusplus
}
#endif

#endif
