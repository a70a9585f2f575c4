// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "fake.h"
#include "stats.h"

Test(stats, each_loss_has_its_own_count)
{
	const struct uldf_e1000e_stats card = {
		.received = 1, .sent = 1ull << 40, .missed = 3, .errors = 4};
	const struct bridge_counts counts = {
		.refused = 5, .unfit = 60, .lost = 700, .resets = 8, .sent = 9};
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	stats_print(to, &card, &counts);
	fclose(to);
	cr_expect(
		eq(str, text,
		   "uldf-net: sent 1099511627776 frames, received 1; missed 3, damaged 4, dropped "
		   "765 (refused by the interface 5, of unfit size 60, in 8 resets 700)\n"));
	free(text);
}

/* The read end of a pipe refuses writes, as the TAP of an interface that is down does. */
Test(stats, frames_that_the_interface_refuses_are_counted)
{
	struct bridge bridge = {.base = event_base_new()};
	int ends[2];

	cr_assert(eq(int, pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0));
	bridge.tap.fd = ends[0];
	fake.fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	fake.floods = 1;
	cr_assert(eq(int, bridge_init(&bridge), 0));
	event_base_loop(bridge.base, EVLOOP_NONBLOCK);
	event_base_loop(bridge.base, EVLOOP_NONBLOCK);
	cr_expect(eq(u64, bridge.counts.refused, 64));
	bridge_fini(&bridge);
	event_base_free(bridge.base);
	close(ends[0]);
	close(ends[1]);
	close(fake.fd);
}
