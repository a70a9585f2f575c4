// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>
#include "capability.h"

static uint8_t bytes[CAPABILITY_BYTES];

static void put32(unsigned int offset, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		bytes[offset + i] = (uint8_t)(value >> 8 * i);
}

/* PM at 0x40, MSI at 0x50, MSI-X at 0x70; AER at 0x100, SR-IOV at 0x160. */
static void capability_start(void)
{
	bytes[0x06] = 0x10;
	bytes[0x34] = 0x43; /* the low two bits are reserved */
	put32(0x40, 0x00005001);
	put32(0x50, 0x00867005);
	put32(0x70, 0x80090011);
	put32(0x100, 0x16010001);
	put32(0x160, 0x00010010);
}

TestSuite(capability, .init = capability_start);

Test(capability, of_either_kind_is_found)
{
	unsigned int at;

	cr_expect(capability_find(bytes, sizeof(bytes), 0x11, &at));
	cr_expect(eq(uint, at, 0x70));
	cr_expect(capability_find_extended(bytes, sizeof(bytes), 0x10, &at));
	cr_expect(eq(uint, at, 0x160));
	cr_expect(capability_find_extended(bytes, sizeof(bytes), 0x01, &at));
	cr_expect(eq(uint, at, 0x100));
}

Test(capability, that_is_not_there_leaves_the_result_alone)
{
	unsigned int at = 5;

	cr_expect(not(capability_find(bytes, sizeof(bytes), 0x10, &at)));
	cr_expect(not(capability_find_extended(bytes, sizeof(bytes), 0x0d, &at)));
	cr_expect(not(capability_find_extended(bytes, 256, 0x01, &at)));
	cr_expect(not(capability_find(bytes, 64, 0x01, &at)));
	bytes[0x06] = 0;
	cr_expect(not(capability_find(bytes, sizeof(bytes), 0x01, &at)));
	cr_expect(eq(uint, at, 5));
}

Test(capability, lists_that_run_in_circles_end)
{
	unsigned int at;

	bytes[0x71] = 0x40;
	put32(0x160, 0x10010010);
	cr_expect(not(capability_find(bytes, sizeof(bytes), 0x10, &at)));
	cr_expect(not(capability_find_extended(bytes, sizeof(bytes), 0x0d, &at)));
	bytes[0x41] = 0xfc;
	bytes[0xfc] = 0x05;
	bytes[0xfd] = 0x20;
	cr_expect(capability_find(bytes, sizeof(bytes), 0x05, &at));
	cr_expect(not(capability_find(bytes, sizeof(bytes), 0x11, &at)));
	put32(0x100, 0xfff10001);
	put32(0xffc, 0xffffffff);
	cr_expect(not(capability_find_extended(bytes, sizeof(bytes), 0x10, &at)));
}

Test(capability, of_vectors_tells_how_many)
{
	struct vectors vectors;

	bytes[0x3d] = 1;
	vectors_read(bytes, 256, &vectors);
	cr_expect(vectors.known);
	cr_expect(eq(int, vectors.pin, 'A'));
	cr_expect(eq(uint, vectors.msi, 8));
	cr_expect(eq(uint, vectors.msix, 10));
	bytes[0x3d] = 9;
	vectors_read(bytes, 256, &vectors);
	cr_expect(eq(int, vectors.pin, 0));
}

Test(capability, of_vectors_in_the_first_64_bytes_is_not_known)
{
	struct vectors vectors;

	vectors_read(bytes, 64, &vectors);
	cr_expect(not(vectors.known));
	bytes[0x06] = 0;
	vectors_read(bytes, 64, &vectors);
	cr_expect(vectors.known, "no list of capabilities");
	vectors_read(bytes, 0, &vectors);
	cr_expect(not(vectors.known));
}

Test(capability, of_vectors_at_the_end_of_the_list_stays_within_it)
{
	struct vectors vectors;

	bytes[0x34] = 0xfc;
	bytes[0xfc] = 0x05;
	bytes[0xfd] = 0;
	vectors_read(bytes, 256, &vectors);
	cr_expect(eq(uint, vectors.msi, 1));
	cr_expect(eq(uint, vectors.msix, 0));
}
