// SPDX-License-Identifier: MIT
#include "table.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <linux/mm.h>
#include <stdlib.h>
#include <string.h>

#define READ  1ULL
#define PAGE  PAGE_SIZE
#define LARGE (512 * PAGE)
#define HUGE  (512 * LARGE)

static struct guest_table table;
static int pages_left; /* pages that there are */
static unsigned int pages_used;

unsigned long get_zeroed_page(gfp_t gfp)
{
	void *page = pages_left > 0 ? aligned_alloc(PAGE, PAGE) : NULL;

	if (!page)
		return 0;
	pages_left--;
	pages_used++;
	memset(page, 0, PAGE);
	return (unsigned long)page;
}

void free_page(unsigned long page)
{
	pages_used -= page != 0;
	free((void *)page); // NOLINT
}

static void table_start(void)
{
	pages_left = 1000;
	cr_assert_eq(guest_table_init(&table), 0);
}

static void table_end(void)
{
	guest_table_fini(&table);
	cr_expect_eq(pages_used, 0);
}

TestSuite(guest_table, .init = table_start, .fini = table_end);

static int map(u64 first, u64 size, u64 to)
{
	int ret = guest_table_grow(&table, first, first + size - 1, 0);

	return ret ? ret : guest_table_set(&table, first, first + size - 1, to | READ);
}

static u64 entry_of(u64 to, u64 bits)
{
	return to | READ | bits;
}

Test(guest_table, a_request_has_a_first_and_a_last_page)
{
	cr_assert_eq(map(0x10000, 3 * PAGE, 0x800000), 0);
	cr_expect_eq(guest_table_get(&table, 0x0f000), 0);
	cr_expect_eq(guest_table_get(&table, 0x10000), entry_of(0x800000, GUEST_TABLE_FIRST));
	cr_expect_eq(guest_table_get(&table, 0x11fff), entry_of(0x801000, 0));
	cr_expect_eq(guest_table_get(&table, 0x12000), entry_of(0x802000, GUEST_TABLE_LAST_OF));
	cr_expect_eq(guest_table_get(&table, 0x13000), 0);
	cr_expect_eq(guest_table_end(&table, 0x10000), 0x12fff);
	cr_expect_eq(guest_table_end(&table, 0x12000), 0x12fff);
	cr_expect_eq(guest_table_end(&table, 0x13000), 0x13fff, "of nothing");
	guest_table_change(&table, 0x10000, 0x12fff, 0, 0);
	cr_expect_eq(guest_table_get(&table, 0x11000), 0);
}

Test(guest_table, one_slot_has_what_a_missing_table_would)
{
	unsigned int before = pages_used;

	/* a page, two large slots, a huge one, a large one and a page */
	cr_assert_eq(map(HUGE - 2 * LARGE - PAGE, 2 * LARGE + HUGE + LARGE + 2 * PAGE, 0), 0);
	cr_expect_leq(pages_used - before, 6);
	for (u64 at = HUGE - 2 * LARGE; at < 2 * HUGE; at += 7 * LARGE + 3 * PAGE)
		cr_expect_eq(guest_table_get(&table, at),
			     entry_of(at - (HUGE - 2 * LARGE - PAGE), 0));
	cr_expect_eq(guest_table_end(&table, HUGE + 5 * PAGE), 2 * HUGE + LARGE + PAGE - 1);
	cr_expect(guest_table_has(&table, HUGE + PAGE, HUGE + 2 * PAGE - 1, READ));
	cr_expect_eq(map(HUGE + PAGE, PAGE, 0), -EEXIST);
	guest_table_change(&table, HUGE - 2 * LARGE - PAGE, 2 * HUGE + LARGE + PAGE - 1, 0, 0);
	cr_expect_not(guest_table_has(&table, 0, GUEST_TABLE_LAST, ~0ULL));
	cr_assert_eq(map(HUGE, HUGE, 0), 0);
	cr_expect_eq(guest_table_get(&table, HUGE), entry_of(0, GUEST_TABLE_FIRST));
	cr_expect_eq(guest_table_get(&table, 2 * HUGE - 1),
		     entry_of(HUGE - PAGE, GUEST_TABLE_LAST_OF));
}

Test(guest_table, the_last_addresses_can_be_mapped)
{
	cr_assert_eq(map(GUEST_TABLE_LAST - PAGE + 1, PAGE, 0x5000), 0);
	cr_expect_eq(guest_table_get(&table, GUEST_TABLE_LAST),
		     entry_of(0x5000, GUEST_TABLE_FIRST | GUEST_TABLE_LAST_OF));
	cr_expect_eq(guest_table_end(&table, GUEST_TABLE_LAST), GUEST_TABLE_LAST);
	cr_expect_eq(guest_table_get(&table, 0), 0);
}

Test(guest_table, nothing_is_mapped_twice)
{
	cr_assert_eq(map(LARGE, PAGE, 0), 0);
	cr_expect_eq(map(LARGE - 3 * PAGE, 8 * PAGE, 0x700000), -EEXIST);
	cr_expect_eq(guest_table_get(&table, LARGE - 3 * PAGE), 0,
		     "what was entered is taken back");
	cr_expect_eq(guest_table_get(&table, LARGE),
		     entry_of(0, GUEST_TABLE_FIRST | GUEST_TABLE_LAST_OF));
	cr_expect_eq(guest_table_set(&table, 5 * HUGE, 5 * HUGE + PAGE - 1, READ), -EEXIST,
		     "no room was made");
}

Test(guest_table, room_that_cannot_be_had_is_an_error)
{
	pages_left = 3;
	cr_expect_eq(map(0, PAGE, 0), -ENOMEM);
	pages_left = 1;
	cr_expect_eq(map(0, PAGE, 0), 0);
	pages_left = 1 << 20;
	atomic_set(&table.count, GUEST_TABLE_MOST - 1);
	cr_expect_eq(map(LARGE, PAGE, 0), 0);
	cr_expect_eq(map(2 * LARGE, PAGE, 0), -ENOMEM, "it has as many tables as it may");
	cr_expect_eq(map(LARGE + PAGE, PAGE, 0), 0);
}

struct found {
	unsigned int count;
	u64 first[4], last[4], entry[4];
	int answer;
};

static int find(void *arg, u64 first, u64 last, u64 entry)
{
	struct found *found = arg;

	cr_assert_lt(found->count, 4);
	found->first[found->count] = first;
	found->last[found->count] = last;
	found->entry[found->count++] = entry;
	return found->answer;
}

Test(guest_table, each_request_is_visited)
{
	struct found found = {0};

	cr_assert_eq(guest_table_each(&table, find, &found), 0);
	cr_expect_eq(found.count, 0);
	cr_assert_eq(map(PAGE, PAGE, 0x1000), 0);
	cr_assert_eq(map(2 * PAGE, LARGE, 0x2000), 0);
	cr_assert_eq(map(3 * HUGE, HUGE, 0x3000), 0);
	cr_assert_eq(guest_table_each(&table, find, &found), 0);
	cr_assert_eq(found.count, 3);
	cr_expect_eq(found.first[1], 2 * PAGE);
	cr_expect_eq(found.last[1], 2 * PAGE + LARGE - 1);
	cr_expect_eq(found.entry[1] & ~GUEST_TABLE_FLAGS, 0x2000);
	cr_expect_eq(found.last[2], 4 * HUGE - 1);
	found = (struct found){.answer = -EIO};
	cr_expect_eq(guest_table_each(&table, find, &found), -EIO);
	cr_expect_eq(found.count, 1);
}

Test(guest_table, bits_are_changed_and_found)
{
	cr_assert_eq(map(PAGE, 4 * PAGE, 0), 0);
	cr_assert_eq(map(HUGE, LARGE, 0), 0);
	guest_table_change(&table, HUGE, HUGE + LARGE - 1, ~0ULL, GUEST_TABLE_REFUSED);
	cr_expect(guest_table_has(&table, HUGE + PAGE, HUGE + PAGE, GUEST_TABLE_REFUSED));
	cr_expect_not(guest_table_has(&table, 0, HUGE - 1, GUEST_TABLE_REFUSED));
	guest_table_change(&table, 0, GUEST_TABLE_LAST, ~GUEST_TABLE_REFUSED, 0);
	cr_expect_not(guest_table_has(&table, 0, GUEST_TABLE_LAST, GUEST_TABLE_REFUSED));
	cr_expect_eq(guest_table_get(&table, HUGE + PAGE), entry_of(PAGE, 0));
}

/* Random requests beside a list of pages. */
#define SOME 4096

Test(guest_table, it_agrees_with_a_list_of_pages)
{
	static u64 list[SOME];
	unsigned int seed = 1;

	for (unsigned int i = 0; i < 20000; i++) {
		u64 first = (u64)(rand_r(&seed) % SOME), size = 1 + (u64)(rand_r(&seed) % 600);
		bool isfree = true, map_it = rand_r(&seed) % 2;
		u64 base = HUGE - (SOME / 2) * PAGE;

		if (rand_r(&seed) % 4 == 0) {
			first &= ~511ULL;
			size = 512;
		}
		if (first + size > SOME)
			size = SOME - first;
		if (!map_it) {
			if (!list[first] || !(list[first] & GUEST_TABLE_FIRST))
				continue;
			u64 last = guest_table_end(&table, base + (first + size) * PAGE - 1);

			guest_table_change(&table, base + first * PAGE, last, 0, 0);
			for (; base + first * PAGE < last; first++)
				list[first] = 0;
			continue;
		}
		for (u64 j = 0; j < size; j++)
			isfree &= !list[first + j];
		cr_assert_eq(map(base + first * PAGE, size * PAGE, (u64)i << 24),
			     isfree ? 0 : -EEXIST);
		for (u64 j = 0; isfree && j < size; j++)
			list[first + j] =
				entry_of(((u64)i << 24) + j * PAGE,
					 (j ? 0 : GUEST_TABLE_FIRST) |
						 (j == size - 1 ? GUEST_TABLE_LAST_OF : 0));
		for (u64 j = 0; j < SOME; j += 1 + (u64)(rand_r(&seed) % 64))
			cr_assert_eq(guest_table_get(&table, base + j * PAGE), list[j],
				     "step %u page %lu", i, (unsigned long)j);
	}
	cr_expect_lt(pages_used, 20);
}
