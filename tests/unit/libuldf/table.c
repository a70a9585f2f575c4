// SPDX-License-Identifier: MIT
#include "fake.h"
#include "table.h"
#include "vfio/vfio.h"

TestSuite(table, .fini = fixture_check_leaks);

static int add(struct table *table, uint64_t address, uint64_t size)
{
	const struct uldf_mapping mapping = {.address = address, .size = size};

	return table_add(table, &mapping);
}

Test(table, what_overlaps_is_eexist_and_what_touches_is_not)
{
	struct table table = {};

	cr_expect(eq(int, add(&table, 0x3000, 0x2000), 0));
	cr_expect(eq(int, add(&table, 0x3000, 0x2000), -EEXIST));
	cr_expect(eq(int, add(&table, 0x2000, 0x1001), -EEXIST));
	cr_expect(eq(int, add(&table, 0x4fff, 1), -EEXIST));
	cr_expect(eq(int, add(&table, 0x1000, 0x8000), -EEXIST));
	cr_expect(eq(int, add(&table, 0x1000, 0x2000), 0));
	cr_expect(eq(int, add(&table, 0x5000, 0x1000), 0));
	cr_expect(eq(int, add(&table, (uint64_t)-0x1000, 0x1000), 0));
	cr_expect(eq(int, add(&table, 0, 0x1000), 0));
	cr_expect(eq(sz, table.count, 5));
	for (size_t i = 1; i < table.count; i++)
		cr_expect(table.list[i - 1].address < table.list[i].address);
	table_fini(&table);
}

Test(table, only_what_is_just_so_is_found)
{
	struct table table = {};

	cr_expect(eq(int, add(&table, 0x3000, 0x2000), 0));
	cr_expect(eq(ptr, table_find(&table, 0x3000, 0x1000), NULL));
	cr_expect(eq(ptr, table_find(&table, 0x4000, 0x1000), NULL));
	cr_expect(eq(ptr, table_find(&table, 0x2000, 0x2000), NULL));
	cr_expect(eq(ptr, table_find(&table, 0x9000, 0x2000), NULL));
	cr_expect(eq(ptr, table_find(&table, 0x3000, 0x2000), table.list));
	table_remove(&table, table.list, 1);
	cr_expect(eq(ptr, table_find(&table, 0x3000, 0x2000), NULL));
	table_fini(&table);
}

Test(table, many_come_and_go_in_any_order)
{
	struct table table = {};

	for (uint64_t i = 0; i < 1000; i++)
		cr_expect(eq(int, add(&table, i * 7919 % 1000 * 0x1000, 0x1000), 0));
	for (uint64_t i = 0; i < 1000; i++) {
		struct uldf_mapping *found = table_find(&table, i * 617 % 1000 * 0x1000, 0x1000);

		cr_assert(found != NULL);
		table_remove(&table, found, 1);
	}
	cr_expect(eq(sz, table.count, 0));
	table_fini(&table);
}

/* Mappings at 0x1000, 0x3000..0x4fff, 0x5000 and at the last page of all. */
static void add_four(struct table *table)
{
	cr_expect(eq(int, add(table, 0x1000, 0x1000), 0));
	cr_expect(eq(int, add(table, 0x3000, 0x2000), 0));
	cr_expect(eq(int, add(table, 0x5000, 0x1000), 0));
	cr_expect(eq(int, add(table, (uint64_t)-0x1000, 0x1000), 0));
}

Test(table, a_range_has_the_mappings_that_lie_in_it)
{
	static const struct {
		uint64_t first, last;
		size_t at, count;
	} cases[] = {
		{0, UINT64_MAX, 0, 4},	    {0, 0xfff, 0, 0},	    {0, 0x1fff, 0, 1},
		{0x1000, 0x1fff, 0, 1},	    {0x2000, 0x2fff, 1, 0}, {0x2000, 0x4fff, 1, 1},
		{0x3000, 0x5fff, 1, 2},	    {0x5000, 0x8fff, 2, 1}, {0x6000, 0x8fff, 3, 0},
		{0x6000, UINT64_MAX, 3, 1},
	};
	struct table table = {};

	add_four(&table);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct uldf_mapping *list;
		size_t count;

		cr_assert(eq(int, table_range(&table, cases[i].first, cases[i].last, &list, &count),
			     0),
			  "case %zu", i);
		cr_expect(eq(sz, count, cases[i].count), "case %zu", i);
		cr_expect(eq(sz, (size_t)(list - table.list), cases[i].at), "case %zu", i);
	}
	table_fini(&table);
}

Test(table, a_range_that_cuts_a_mapping_is_erange)
{
	static const struct uldf_range cases[] = {
		{0, 0x3fff},	  {0x4000, UINT64_MAX},
		{0x4000, 0x4fff}, {0x3000, 0x3fff},
		{0x1000, 0x17ff}, {0x4000, 0x5fff},
		{0x3800, 0x47ff}, {UINT64_MAX - 0x7ff, UINT64_MAX},
	};
	struct uldf_mapping *list = (void *)0x1234;
	struct table table = {};
	size_t count = 77;

	add_four(&table);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(eq(int, table_range(&table, cases[i].first, cases[i].last, &list, &count),
			     -ERANGE),
			  "case %zu", i);
	cr_expect(eq(ptr, list, (void *)0x1234));
	cr_expect(eq(sz, count, 77));
	table_fini(&table);
}

Test(table, neighbours_are_removed_together)
{
	struct table table = {};

	add_four(&table);
	table_remove(&table, table.list + 1, 2);
	cr_assert(eq(sz, table.count, 2));
	cr_expect(eq(u64, table.list[0].address, 0x1000));
	cr_expect(eq(u64, table.list[1].address, (uint64_t)-0x1000));
	table_remove(&table, table.list, 2);
	cr_expect(eq(sz, table.count, 0));
	table_fini(&table);
}

Test(table, an_empty_table_has_an_empty_range)
{
	struct uldf_mapping *list;
	struct table table = {};
	size_t count = 77;

	cr_expect(eq(int, table_range(&table, 0, UINT64_MAX, &list, &count), 0));
	cr_expect(eq(sz, count, 0));
}

Test(table, ranges_are_clipped_to_what_is_in_both)
{
	struct vfio_ranges one = {.list = {{0, 0xfedfffff}, {0xfef00000, UINT64_MAX}}, .count = 2};
	const struct vfio_ranges two = {.list = {{0x1000, 0x7fffffffff}}, .count = 1};

	vfio_ranges_clip(&one, &two);
	cr_assert(eq(sz, one.count, 2));
	cr_expect(one.list[0].first == 0x1000 && one.list[0].last == 0xfedfffff);
	cr_expect(one.list[1].first == 0xfef00000 && one.list[1].last == 0x7fffffffff);
	cr_expect(vfio_ranges_hold(&one, 0x1000, 0xfedfffff));
	cr_expect(not(vfio_ranges_hold(&one, 0xfff, 0x1fff)));
	cr_expect(not(vfio_ranges_hold(&one, 0xfedff000, 0xfef00fff)));
	cr_expect(not(vfio_ranges_hold(&one, 0x7fffffffff, 0x8000000000)));
}
