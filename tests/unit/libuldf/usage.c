// SPDX-License-Identifier: MIT
#include <string.h>
#include "fake.h"
#include "usage.h"

TestSuite(usage, .fini = fixture_check_leaks);

/* What lies behind the line must not be reached, whatever is added. */
struct guarded {
	struct usage usage;
	char guard[64];
};

static void guarded_expect(const struct guarded *g)
{
	for (size_t i = 0; i < sizeof(g->guard); i++)
		cr_assert(eq(chr, g->guard[i], 0), "byte %zu behind the line", i);
	cr_assert(g->usage.used < sizeof(g->usage.text));
	cr_assert(eq(sz, strlen(g->usage.text), g->usage.used));
}

Test(usage, begins_empty_and_separates_its_items)
{
	struct usage usage = {.used = 0};

	cr_expect(eq(str, usage.text, ""));
	usage_add(&usage, "/dev/%s mounted on %s", "sda1", "/mnt");
	cr_expect(eq(str, usage.text, "/dev/sda1 mounted on /mnt"));
	usage_add(&usage, "%s is up", "eth0");
	cr_expect(eq(str, usage.text, "/dev/sda1 mounted on /mnt, eth0 is up"));
}

Test(usage, names_that_anybody_chose_stay_in_their_line)
{
	struct usage usage = {.used = 0};

	usage_add(&usage, "/dev/sda mounted on %s", "/mnt/\033[2J\nfree: claimable");
	cr_expect(eq(str, usage.text, "/dev/sda mounted on /mnt/?[2J?free: claimable"));
	usage_add(&usage, "%s is up", "eth\0010");
	cr_expect(
		eq(str, usage.text, "/dev/sda mounted on /mnt/?[2J?free: claimable, eth?0 is up"));
}

Test(usage, twenty_long_items_are_cut_to_the_line)
{
	struct guarded g = {.guard = {0}};

	for (unsigned int i = 0; i < 20; i++) {
		usage_add(&g.usage, "/dev/nvme0n1p%u mounted on /a/rather/long/path/to/somewhere",
			  i);
		guarded_expect(&g);
	}
	cr_expect(eq(sz, g.usage.used, sizeof(g.usage.text) - 1));
	cr_expect(eq(int,
		     strncmp(g.usage.text, "/dev/nvme0n1p0 mounted on /a/rather/long/path/", 46),
		     0));
}

Test(usage, every_length_of_the_last_item_that_fits_ends_the_line_safely)
{
	for (int length = 240; length <= 260; length++) {
		struct guarded g = {.guard = {0}};

		usage_add(&g.usage, "%*s", length, "x");
		guarded_expect(&g);
		for (unsigned int i = 0; i < 4; i++) {
			usage_add(&g.usage, "y");
			guarded_expect(&g);
		}
	}
}

Test(usage, a_full_line_takes_nothing_more)
{
	struct guarded g = {.guard = {0}};
	char before[sizeof(g.usage.text)];

	usage_add(&g.usage, "%*s", 1000, "x");
	guarded_expect(&g);
	strcpy(before, g.usage.text);
	usage_add(&g.usage, "more");
	usage_add(&g.usage, "%s", "");
	guarded_expect(&g);
	cr_expect(eq(str, g.usage.text, before));
}
