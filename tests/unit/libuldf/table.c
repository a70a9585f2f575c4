// SPDX-License-Identifier: MIT
#include "fake.h"
#include "vfio/table.h"
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
	table_remove(&table, table.list);
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
		table_remove(&table, found);
	}
	cr_expect(eq(sz, table.count, 0));
	table_fini(&table);
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
