// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include "nbd.h"

TestSuite(nbd);

Test(nbd, a_request_is_read_as_it_stands)
{
	static const uint8_t bytes[NBD_REQUEST_SIZE] = {
		0x25, 0x60, 0x95, 0x13, 0x00, 0x01, 0x00, 0x03, 1,  2,	3,  4,	5,  6,
		7,    8,    9,	  10,	11,   12,   13,	  14,	15, 16, 17, 18, 19, 20,
	};
	struct nbd_request_header request;

	cr_assert(eq(int, nbd_request_read(bytes, &request), 0));
	cr_expect(eq(u16, request.flags, 1));
	cr_expect(eq(u16, request.type, NBD_FLUSH));
	cr_expect(eq(u64, request.cookie, UINT64_C(0x0102030405060708)));
	cr_expect(eq(u64, request.offset, UINT64_C(0x090a0b0c0d0e0f10)));
	cr_expect(eq(u32, request.length, 0x11121314));
}

Test(nbd, without_the_magic_it_is_no_request)
{
	static const uint8_t bytes[NBD_REQUEST_SIZE] = {0x25, 0x60, 0x95, 0x14};
	struct nbd_request_header request = {.type = 77};

	cr_expect(eq(int, nbd_request_read(bytes, &request), -EPROTO));
	cr_expect(eq(u16, request.type, 77));
}

Test(nbd, a_reply_has_the_cookie_and_the_protocols_own_errors)
{
	static const struct {
		int err;
		uint8_t number;
	} errors[] = {{0, 0},	     {-EIO, 5},	   {-EROFS, 1},	 {-ENOSPC, 28},	 {-EINVAL, 22},
		      {-ERANGE, 22}, {-E2BIG, 22}, {-ENODEV, 5}, {-ETIMEDOUT, 5}};
	uint8_t bytes[NBD_REPLY_SIZE];

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const uint8_t wanted[NBD_REPLY_SIZE] = {
			0x67, 0x44, 0x66, 0x98, 0, 0, 0, errors[i].number, 1, 2, 3, 4, 5, 6, 7, 8};

		nbd_reply_write(bytes, UINT64_C(0x0102030405060708), errors[i].err);
		cr_expect(eq(mem, ((struct cr_mem){bytes, sizeof(bytes)}),
			     ((struct cr_mem){wanted, sizeof(wanted)})),
			  "%d", errors[i].err);
	}
}
