// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include "refusal.h"

TestSuite(refusal);

static const struct uldf_finding found[] = {
	{.verdict = ULDF_USED, .what = "/dev/dm-0 mounted on /", .next = "umount /"},
	{.verdict = ULDF_USED, .what = "/dev/sda1 part of x", .next = "dmsetup remove x"},
	{.verdict = ULDF_USED, .what = "/dev/sda2 part of x", .next = "dmsetup remove x"},
	{.verdict = ULDF_UNKNOWN, .what = "/dev/sda cannot be opened", .next = "be root"},
};

static void expect_text(char *text, const char *wanted)
{
	cr_expect(eq(str, text, (char *)wanted));
	free(text);
}

Test(refusal, uses_and_steps_are_told_in_order_and_a_step_once)
{
	expect_text(refusal_what(found, 4),
		    "/dev/dm-0 mounted on /, /dev/sda1 part of x, "
		    "/dev/sda2 part of x, unknown: /dev/sda cannot be opened");
	expect_text(refusal_next(found, 4), "umount /; dmsetup remove x; be root");
	expect_text(refusal_what(found, 0), "");
	expect_text(refusal_next(found, 0), "");
}

Test(refusal, what_is_unknown_counts_where_a_driver_holds_the_device)
{
	cr_expect(refusal_due(found, 1, true));
	cr_expect(refusal_due(found, 1, false));
	cr_expect(refusal_due(found + 3, 1, true));
	cr_expect(not(refusal_due(found + 3, 1, false)));
	cr_expect(not(refusal_due(found, 0, true)));
}
