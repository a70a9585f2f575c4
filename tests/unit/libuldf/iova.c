// SPDX-License-Identifier: MIT
#include "iova.h"
#include "fake.h"

TestSuite(iova, .fini = fixture_check_leaks);

#define TOP UINT64_MAX

/* 0x1000..0xffff is free. */
static struct iova small(void)
{
	struct iova iova = {0};

	cr_assert(eq(int, iova_add(&iova, 0, 0xffff), 0));
	return iova;
}

static uint64_t choose(struct iova *iova, uint64_t size, uint64_t limit)
{
	uint64_t address = 0;
	int err = iova_choose(iova, size, limit, &address);

	cr_assert(eq(int, err, 0));
	return address;
}

Test(iova, nothing_is_free_at_first)
{
	uint64_t address = 0x1234;
	struct iova iova = {0};

	cr_expect(eq(int, iova_choose(&iova, 0x1000, TOP, &address), -ENOSPC));
	cr_expect(eq(int, iova_take(&iova, 0x1000, 0x1000), -EEXIST));
	cr_expect(eq(u64, address, 0x1234));
	iova_fini(&iova);
}

Test(iova, the_highest_range_is_chosen_and_never_page_0)
{
	struct iova iova = small();
	uint64_t address;

	cr_expect(eq(u64, choose(&iova, 0x1000, TOP), 0xf000));
	cr_expect(eq(u64, choose(&iova, 0x3000, TOP), 0xc000));
	cr_expect(eq(u64, choose(&iova, 0x1000, 0x8fff), 0x8000));
	cr_expect(eq(u64, choose(&iova, 0x1000, 0x8ffe), 0x7000));
	cr_expect(eq(int, iova_choose(&iova, 0x8000, TOP, &address), -ENOSPC));
	cr_expect(eq(u64, choose(&iova, 0x6000, TOP), 0x1000));
	cr_expect(eq(u64, choose(&iova, 0x3000, TOP), 0x9000));
	cr_expect(eq(int, iova_choose(&iova, 0x1000, TOP, &address), -ENOSPC));
	iova_fini(&iova);
}

Test(iova, limits_below_a_page_hold_nothing)
{
	static const uint64_t limits[] = {0, 1, 0xffe, 0xfff, 0x1000, 0x1ffe};
	struct iova iova = small();
	uint64_t address = 0x1234;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		cr_expect(eq(int, iova_choose(&iova, 0x1000, limits[i], &address), -ENOSPC));
	cr_expect(eq(u64, address, 0x1234));
	cr_expect(eq(u64, choose(&iova, 0x1000, 0x1fff), 0x1000));
	iova_fini(&iova);
}

Test(iova, the_top_of_all_addresses_can_be_used)
{
	struct iova iova = {0};

	cr_assert(eq(int, iova_add(&iova, 0x1000, TOP), 0));
	cr_expect(eq(u64, choose(&iova, 0x1000, TOP), TOP - 0xfff));
	cr_expect(eq(u64, choose(&iova, 0x1000, TOP), TOP - 0x1fff));
	iova_give(&iova, TOP - 0xfff, 0x1000);
	cr_expect(eq(int, iova_take(&iova, TOP - 0xfff, 0x1000), 0));
	cr_expect(eq(int, iova_take(&iova, TOP - 0xfff, 0x2000), -EEXIST));
	iova_give(&iova, TOP - 0xfff, 0x1000);
	iova_give(&iova, TOP - 0x1fff, 0x1000);
	cr_expect(eq(sz, iova.count, 1));
	cr_expect(eq(int, iova_exclude(&iova, TOP, TOP), 0));
	cr_expect(eq(u64, iova.free[0].last, TOP - 0x1000));
	iova_fini(&iova);
}

Test(iova, ends_that_are_no_whole_page_are_left_out)
{
	struct iova iova = {0};

	cr_assert(eq(int, iova_add(&iova, 0x1001, 0x3ffe), 0));
	cr_expect(eq(sz, iova.count, 1));
	cr_expect(eq(u64, iova.free[0].first, 0x2000));
	cr_expect(eq(u64, iova.free[0].last, 0x2fff));
	cr_expect(eq(int, iova_add(&iova, 0x5001, 0x6ffe), 0));
	cr_expect(eq(int, iova_add(&iova, 0x8000, 0x8ffe), 0));
	cr_expect(eq(int, iova_add(&iova, 0x9000, 0x8000), 0));
	cr_expect(eq(int, iova_add(&iova, 0, 0xfff), 0));
	cr_expect(eq(int, iova_add(&iova, TOP - 1, TOP), 0));
	cr_expect(eq(sz, iova.count, 1));
	iova_fini(&iova);
}

Test(iova, ranges_added_are_joined)
{
	struct iova iova = {0};

	cr_assert(eq(int, iova_add(&iova, 0x4000, 0x4fff), 0));
	cr_assert(eq(int, iova_add(&iova, 0x1000, 0x1fff), 0));
	cr_assert(eq(int, iova_add(&iova, 0x8000, 0x8fff), 0));
	cr_expect(eq(sz, iova.count, 3));
	cr_assert(eq(int, iova_add(&iova, 0x2000, 0x7fff), 0));
	cr_expect(eq(sz, iova.count, 1));
	cr_expect(eq(u64, choose(&iova, 0x8000, TOP), 0x1000));
	iova_fini(&iova);
}

Test(iova, reserved_ranges_are_never_chosen_nor_taken)
{
	struct iova iova = small();
	uint64_t address;

	/* touches 0x4000 and 0x5000 */
	cr_assert(eq(int, iova_exclude(&iova, 0x4fff, 0x5000), 0));
	cr_assert(eq(int, iova_exclude(&iova, 0x4fff, 0x5000), 0));
	cr_expect(eq(int, iova_take(&iova, 0x5000, 0x1000), -EEXIST));
	cr_expect(eq(int, iova_take(&iova, 0x3000, 0x2000), -EEXIST));
	cr_expect(eq(u64, choose(&iova, 0xa000, TOP), 0x6000));
	cr_expect(eq(u64, choose(&iova, 0x3000, TOP), 0x1000));
	cr_expect(eq(int, iova_choose(&iova, 0x1000, TOP, &address), -ENOSPC));
	iova_give(&iova, 0x1000, 0x3000);
	iova_give(&iova, 0x6000, 0xa000);
	cr_expect(eq(sz, iova.count, 2));
	cr_assert(eq(int, iova_exclude(&iova, 0, TOP), 0));
	cr_expect(eq(sz, iova.count, 0));
	iova_fini(&iova);
}

Test(iova, what_the_caller_chose_is_kept_out_of_the_way)
{
	struct iova iova = small();

	cr_expect(eq(int, iova_take(&iova, 0xe000, 0x1000), 0));
	cr_expect(eq(int, iova_take(&iova, 0xe000, 0x1000), -EEXIST));
	cr_expect(eq(int, iova_take(&iova, 0xd000, 0x2000), -EEXIST));
	cr_expect(eq(int, iova_take(&iova, 0, 0x1000), -EEXIST));
	cr_expect(eq(int, iova_take(&iova, 0xf000, 0x2000), -EEXIST));
	cr_expect(eq(int, iova_take(&iova, TOP - 0xfff, 0x2000), -EEXIST));
	cr_expect(eq(u64, choose(&iova, 0x1000, TOP), 0xf000));
	cr_expect(eq(u64, choose(&iova, 0x1000, TOP), 0xd000));
	iova_give(&iova, 0xe000, 0x1000);
	cr_expect(eq(u64, choose(&iova, 0x1000, TOP), 0xe000));
	iova_fini(&iova);
}

Test(iova, what_is_given_back_in_any_order_is_whole_again)
{
	enum {
		PAGES = 1000
	};
	struct iova iova = {0};
	uint64_t address[PAGES];

	cr_assert(eq(int, iova_add(&iova, 0x1000, PAGES * 0x1000 + 0xfff), 0));
	for (int i = 0; i < PAGES; i++)
		address[i] = choose(&iova, 0x1000, TOP);
	cr_expect(eq(sz, iova.count, 0));
	/* 7 and 1000 have no divisor in common */
	for (int i = 0; i < PAGES; i++)
		iova_give(&iova, address[i * 7 % PAGES], 0x1000);
	cr_expect(eq(sz, iova.count, 1));
	cr_expect(eq(sz, iova.taken, 0));
	cr_expect(eq(u64, choose(&iova, PAGES * 0x1000, TOP), 0x1000));
	iova_fini(&iova);
}

/* Against a table of pages: who has which. */
Test(iova, no_address_is_given_twice)
{
	enum {
		PAGES = 64,
		HELD = 24
	};
	struct {
		uint64_t address, pages;
	} held[HELD] = {{0}};
	bool taken[PAGES] = {true};
	unsigned int seed = 1;
	struct iova iova = {0};

	cr_assert(eq(int, iova_add(&iova, 0, PAGES * IOVA_PAGE - 1), 0));
	for (int step = 0; step < 20000; step++) {
		unsigned int i, pages, limit;
		uint64_t address;
		int err;

		seed = seed * 1103515245 + 12345;
		i = (seed >> 16) % HELD;
		pages = 1 + (seed >> 8) % 7;
		limit = (seed >> 20) % PAGES;
		if (held[i].pages) {
			iova_give(&iova, held[i].address, held[i].pages * IOVA_PAGE);
			for (uint64_t j = 0; j < held[i].pages; j++)
				taken[held[i].address / IOVA_PAGE + j] = false;
			held[i].pages = 0;
			continue;
		}
		address = (uint64_t)limit * IOVA_PAGE;
		if (step & 1)
			err = iova_take(&iova, address, pages * IOVA_PAGE);
		else
			err = iova_choose(&iova, pages * IOVA_PAGE, address + IOVA_PAGE - 1,
					  &address);
		if (err)
			continue;
		for (uint64_t j = 0; j < pages; j++) {
			cr_assert(address / IOVA_PAGE + j < PAGES);
			cr_assert(not(taken[address / IOVA_PAGE + j]));
			taken[address / IOVA_PAGE + j] = true;
		}
		held[i].address = address;
		held[i].pages = pages;
	}
	iova_fini(&iova);
}
