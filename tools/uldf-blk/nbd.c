// SPDX-License-Identifier: GPL-2.0-or-later
#include "nbd.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define REQUEST_MAGIC 0x25609513
#define REPLY_MAGIC   0x67446698

/* Error numbers of the protocol, which are not the host's. */
enum {
	NBD_EPERM = 1,
	NBD_EIO = 5,
	NBD_EINVAL = 22,
	NBD_ENOSPC = 28,
};

static uint32_t get32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return be32toh(value);
}

static uint64_t get64(const uint8_t *bytes)
{
	return (uint64_t)get32(bytes) << 32 | get32(bytes + 4);
}

static void put32(uint8_t *bytes, uint32_t value)
{
	value = htobe32(value);
	memcpy(bytes, &value, sizeof(value));
}

int nbd_request_read(const uint8_t bytes[NBD_REQUEST_SIZE], struct nbd_request_header *out)
{
	if (get32(bytes) != REQUEST_MAGIC)
		return -EPROTO;
	out->flags = (uint16_t)(get32(bytes + 4) >> 16);
	out->type = (uint16_t)get32(bytes + 4);
	out->cookie = get64(bytes + 8);
	out->offset = get64(bytes + 16);
	out->length = get32(bytes + 24);
	return 0;
}

static uint32_t error_of(int err)
{
	switch (err) {
	case 0:
		return 0;
	case -EROFS:
		return NBD_EPERM;
	case -ENOSPC:
		return NBD_ENOSPC;
	case -EINVAL:
	case -ERANGE:
	case -E2BIG:
	case -ENOTSUP:
		return NBD_EINVAL;
	default:
		return NBD_EIO;
	}
}

void nbd_reply_write(uint8_t bytes[NBD_REPLY_SIZE], uint64_t cookie, int err)
{
	put32(bytes, REPLY_MAGIC);
	put32(bytes + 4, error_of(err));
	put32(bytes + 8, (uint32_t)(cookie >> 32));
	put32(bytes + 12, (uint32_t)cookie);
}
