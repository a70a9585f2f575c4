/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The NBD protocol's transmission phase: requests and simple replies as bytes. */
#ifndef ULDF_BLK_NBD_H
#define ULDF_BLK_NBD_H

#include <stdint.h>

#define NBD_REQUEST_SIZE 28
#define NBD_REPLY_SIZE	 16

enum {
	NBD_READ = 0,
	NBD_WRITE = 1,
	NBD_DISCONNECT_REQUEST = 2,
	NBD_FLUSH = 3,
	NBD_TRIM = 4,
};

#define NBD_FUA 0x0001 /* in a write's flags: it is to last when it is answered */

struct nbd_request_header {
	uint16_t flags;
	uint16_t type;
	uint64_t cookie; /* comes back with the reply, in the order of its bytes */
	uint64_t offset;
	uint32_t length;
};

/* Reads a request. Return: 0, -EPROTO it is none: there is no telling where the next one begins. */
int nbd_request_read(const uint8_t bytes[NBD_REQUEST_SIZE], struct nbd_request_header *out);

/* Writes the reply's header; @err is 0 or a negative errno. */
void nbd_reply_write(uint8_t bytes[NBD_REPLY_SIZE], uint64_t cookie, int err);

#endif
