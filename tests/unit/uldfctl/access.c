// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <uldf.h>
#include "access.h"

TestSuite(access);

/* Takes words; what is wrong with them, or NULL. */
static const char *take(struct access *access, bool write, const char *const words[6])
{
	unsigned int count = 0;

	*access = (struct access){.count = 1};
	for (; count < 6 && words[count]; count++) {
		const char *wrong = access_take(access, count, words[count], write);

		if (wrong)
			return wrong;
	}
	return access_finish(access, count, write);
}

Test(access, has_a_device_region_offset_and_width)
{
	struct access access;

	cr_expect(eq(ptr,
		     (void *)take(&access, false,
				  (const char *const[6]){"model:edu", "bar0", "0x80", "8"}),
		     NULL));
	cr_expect(eq(str, (char *)access.device, "model:edu"));
	cr_expect(eq(uint, access.region, ULDF_BAR0));
	cr_expect(eq(u64, access.place.offset, 0x80));
	cr_expect(eq(uint, access.width, 8));
	cr_expect(eq(
		ptr,
		(void *)take(&access, true, (const char *const[6]){"a", "bar1", "4", "0xff", "1"}),
		NULL));
	cr_expect(eq(u64, access.value, 0xff));
	cr_expect(eq(uint, access.width, 1));
}

Test(access, has_the_width_of_the_register_that_is_named)
{
	struct access access;

	take(&access, false, (const char *const[6]){"a", "config", "command"});
	cr_expect(eq(uint, access.width, 2));
	take(&access, false, (const char *const[6]){"a", "config", "command", "1"});
	cr_expect(eq(uint, access.width, 1));
	take(&access, false, (const char *const[6]){"a", "config", "cap_exp+8"});
	cr_expect(eq(uint, access.width, 4));
	take(&access, false, (const char *const[6]){"a", "rom", "0"});
	cr_expect(eq(uint, access.width, 4));
}

static void expect_wrong(bool write, const char *const words[6], const char *wanted)
{
	struct access access;
	const char *wrong = take(&access, write, words);

	cr_assert(ne(ptr, (void *)wrong, NULL), "%s", wanted);
	cr_expect(eq(str, (char *)wrong, (char *)wanted));
}

Test(access, that_is_wrong_is_told_why)
{
	expect_wrong(false, (const char *const[6]){NULL}, "say which device: see uldfctl list");
	expect_wrong(false, (const char *const[6]){"a"},
		     "say which region: config, bar0 to bar5, rom");
	expect_wrong(false, (const char *const[6]){"a", "bar0"}, "say which offset");
	expect_wrong(true, (const char *const[6]){"a", "bar0", "0"}, "say which value");
	expect_wrong(false, (const char *const[6]){"a", "bar7"},
		     "not a region: config, bar0 to bar5, rom");
	expect_wrong(false, (const char *const[6]){"a", "bar0", "command"},
		     "not an offset such as 0x10 or 16");
	expect_wrong(false, (const char *const[6]){"a", "config", "comand"},
		     "not an offset such as 0x10, command or cap_exp+8");
	expect_wrong(false, (const char *const[6]){"a", "bar0", "0", "3"},
		     "not a width: 1, 2, 4 or 8 bytes");
	expect_wrong(true, (const char *const[6]){"a", "bar0", "0", "x"},
		     "not a value such as 0x10 or 16");
	expect_wrong(false, (const char *const[6]){"a", "bar0", "0", "4", "4"},
		     "one word too many");
	expect_wrong(true, (const char *const[6]){"a", "bar0", "0", "4", "4", "4"},
		     "one word too many");
	expect_wrong(false, (const char *const[6]){"a", "config", "0", "8"},
		     "configuration space has registers of 1, 2 and 4 bytes");
}

Test(access, of_a_value_wider_than_the_register_is_refused)
{
	struct access access;

	expect_wrong(true, (const char *const[6]){"a", "bar0", "0", "0x100", "1"},
		     "the value does not fit the width");
	expect_wrong(true, (const char *const[6]){"a", "config", "command", "0x10000"},
		     "the value does not fit the width");
	cr_expect(eq(
		ptr,
		(void *)take(&access, true,
			     (const char *const[6]){"a", "bar0", "0", "0xffffffffffffffff", "8"}),
		NULL));
}
