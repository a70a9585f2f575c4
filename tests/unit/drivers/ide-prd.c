// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include "ide-prd.h"

TestSuite(ide_prd);

#define ROOM 8

static struct ide_prd table[ROOM];

static int fill(const struct uldf_segment *list, size_t count, size_t *used)
{
	return ide_prd_fill(table, ROOM, list, count, used);
}

Test(ide_prd, one_segment_is_one_last_entry)
{
	size_t used = 0;

	cr_assert(eq(int, fill(&(struct uldf_segment){0x12340200, 512}, 1, &used), 0));
	cr_expect(eq(sz, used, 1));
	cr_expect(eq(u32, table[0].address, 0x12340200));
	cr_expect(eq(u16, table[0].size, 512));
	cr_expect(eq(u16, table[0].flags, IDE_PRD_LAST));
}

Test(ide_prd, no_entry_crosses_64_KiB)
{
	size_t used = 0;

	cr_assert(eq(int, fill(&(struct uldf_segment){0x1fffe, 0x10004}, 1, &used), 0));
	cr_assert(eq(sz, used, 3));
	cr_expect(eq(u32, table[0].address, 0x1fffe));
	cr_expect(eq(u16, table[0].size, 2));
	cr_expect(eq(u16, table[0].flags, 0));
	cr_expect(eq(u32, table[1].address, 0x20000));
	cr_expect(eq(u16, table[1].size, 0, "64 KiB are written as 0"));
	cr_expect(eq(u16, table[1].flags, 0));
	cr_expect(eq(u32, table[2].address, 0x30000));
	cr_expect(eq(u16, table[2].size, 2));
	cr_expect(eq(u16, table[2].flags, IDE_PRD_LAST));
}

Test(ide_prd, only_the_last_of_several_segments_ends_the_table)
{
	const struct uldf_segment list[] = {{0x1000, 0x1000}, {0x9000, 0x800}};
	size_t used = 0;

	cr_assert(eq(int, fill(list, 2, &used), 0));
	cr_assert(eq(sz, used, 2));
	cr_expect(eq(u16, table[0].flags, 0));
	cr_expect(eq(u16, table[1].flags, IDE_PRD_LAST));
}

Test(ide_prd, the_last_byte_below_4_GiB_is_reachable)
{
	size_t used = 0;

	cr_expect(eq(int, fill(&(struct uldf_segment){0xfffff000, 0x1000}, 1, &used), 0));
}

Test(ide_prd, what_a_table_cannot_say_is_refused)
{
	static const struct {
		struct uldf_segment segment;
		int err;
	} bad[] = {
		{{0x1001, 512}, -EINVAL},
		{{0x1000, 511}, -EINVAL},
		{{0x1000, 0}, -EINVAL},
		{{0xfffff000, 0x1002}, -ERANGE},
		{{UINT64_C(0x100000000), 512}, -ERANGE},
		{{UINT64_MAX - 1, 512}, -ERANGE},
		{{0, ROOM * 0x10000 + 2}, -E2BIG},
	};
	size_t used = 77;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect(eq(int, fill(&bad[i].segment, 1, &used), bad[i].err), "%zu", i);
	cr_expect(eq(int, fill(NULL, 0, &used), -EINVAL));
	cr_expect(eq(sz, used, 77));
}
