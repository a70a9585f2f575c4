// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include "nvme-prp.h"

TestSuite(nvme_prp);

#define LIST_BUS 0xabc000

static uint64_t entries[NVME_PRP_COUNT];
static const struct nvme_prp_list page = {entries, LIST_BUS};
static uint64_t prp[2];

static int fill(const struct uldf_segment *list, size_t count)
{
	return nvme_prp_fill(list, count, &page, prp);
}

static int fill_one(uint64_t address, uint64_t length)
{
	return fill(&(struct uldf_segment){address, length}, 1);
}

Test(nvme_prp, memory_in_one_page_is_one_entry)
{
	cr_assert(eq(int, fill_one(0x5200, 512), 0));
	cr_expect(eq(u64, prp[0], 0x5200));
	cr_expect(eq(u64, prp[1], 0));
	cr_assert(eq(int, fill_one(0x6000, 4096), 0));
	cr_expect(eq(u64, prp[0], 0x6000));
	cr_expect(eq(u64, prp[1], 0));
}

Test(nvme_prp, memory_in_two_pages_is_two_entries)
{
	cr_assert(eq(int, fill_one(0x5e00, 4096), 0));
	cr_expect(eq(u64, prp[0], 0x5e00));
	cr_expect(eq(u64, prp[1], 0x6000));
	cr_assert(eq(int, fill_one(0x6000, 4097 + 3), 0));
	cr_expect(eq(u64, prp[1], 0x7000));
}

Test(nvme_prp, memory_in_three_pages_has_a_list)
{
	cr_assert(eq(int, fill_one(0x5e00, 8192), 0));
	cr_expect(eq(u64, prp[0], 0x5e00));
	cr_expect(eq(u64, prp[1], LIST_BUS));
	cr_expect(eq(u64, entries[0], 0x6000));
	cr_expect(eq(u64, entries[1], 0x7000));
}

Test(nvme_prp, segments_follow_each_other)
{
	const struct uldf_segment list[] = {{0x5e00, 0x200}, {0x10000, 0x2000}, {0x9000, 0x200}};

	cr_assert(eq(int, fill(list, 3), 0));
	cr_expect(eq(u64, prp[0], 0x5e00));
	cr_expect(eq(u64, prp[1], LIST_BUS));
	cr_expect(eq(u64, entries[0], 0x10000));
	cr_expect(eq(u64, entries[1], 0x11000));
	cr_expect(eq(u64, entries[2], 0x9000));
}

Test(nvme_prp, a_list_of_one_page_holds_two_mebibytes_and_a_page)
{
	cr_assert(eq(int, fill_one(0x100000, (NVME_PRP_COUNT + 1) * NVME_PAGE), 0));
	cr_expect(eq(u64, entries[NVME_PRP_COUNT - 1], 0x100000 + NVME_PRP_COUNT * NVME_PAGE));
	cr_expect(eq(int, fill_one(0x100000, (NVME_PRP_COUNT + 1) * NVME_PAGE + 4), -E2BIG));
}

Test(nvme_prp, gaps_and_odd_addresses_are_refused)
{
	const struct uldf_segment gap_after[] = {{0x5000, 0x200}, {0x6000, 0x200}};
	const struct uldf_segment gap_before[] = {{0x5000, 0x1000}, {0x6200, 0x200}};
	const struct uldf_segment empty[] = {{0x5000, 0x1000}, {0x6000, 0}};

	prp[0] = prp[1] = 77;
	cr_expect(eq(int, fill(gap_after, 2), -EINVAL));
	cr_expect(eq(int, fill(gap_before, 2), -EINVAL));
	cr_expect(eq(int, fill(empty, 2), -EINVAL));
	cr_expect(eq(int, fill(NULL, 0), -EINVAL));
	cr_expect(eq(int, fill_one(0x5002, 512), -EINVAL));
	cr_expect(eq(int, fill_one(UINT64_MAX - 4095, 8192), -EINVAL));
	cr_expect(eq(u64, prp[0], 77));
	cr_expect(eq(u64, prp[1], 77));
}
