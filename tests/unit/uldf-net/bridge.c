// SPDX-License-Identifier: GPL-2.0-or-later
/* The bridge between a socket in place of a TAP and a card that is flooded: each has its turns. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "fake.h"

#define TURNS 1000 /* that a flood lasts for */

/* ---- a bridge in a flood that begins with its first turn */

static struct bridge bridge;
static int ends[2]; /* the test's, the bridge's */

static void init(void)
{
	fake_bridge_make(&bridge, ends);
	eventfd_write(fake.fd, 1);
	fake.floods = TURNS;
	cr_assert(eq(int, bridge_init(&bridge), 0));
}

static void fini(void)
{
	fake_bridge_end(&bridge, ends);
}

TestSuite(bridge, .init = init, .fini = fini, .timeout = 60);

static void end(evutil_socket_t fd, short what, void *arg)
{
	bridge_end(&bridge, 0, NULL);
}

/* As a signal does, or anything that has a descriptor. */
Test(bridge, a_descriptor_is_looked_at_in_a_flood)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	fake.wakes = fd;
	event_base_once(bridge.base, fd, EV_READ, end, NULL, NULL);
	cr_expect(eq(int, bridge_run(&bridge), 0));
	cr_expect(gt(uint, fake.floods, FAKE_AMID - 5), "%u batches left", fake.floods);
	close(fd);
}

Test(bridge, frames_are_sent_between_the_batches_of_a_flood)
{
	const struct timeval soon = {.tv_usec = 300000};
	const char frame[FAKE_FRAME] = {0};
	unsigned int frames = 0;

	while (send(ends[0], frame, sizeof(frame), 0) == sizeof(frame))
		frames++;
	cr_assert(gt(uint, frames, 64));
	event_base_once(bridge.base, -1, EV_TIMEOUT, end, NULL, &soon);
	cr_expect(eq(int, bridge_run(&bridge), 0));
	cr_expect(eq(uint, fake.sent, frames));
	cr_expect(le(uint, fake.most, 2 * 64), "%u frames came before others were sent", fake.most);
}

Test(bridge, a_device_that_is_pulled_in_a_flood_ends_it)
{
	fake.wakes = fake.device_fd;
	cr_expect(eq(int, bridge_run(&bridge), -ENODEV));
	cr_expect(gt(uint, fake.floods, FAKE_AMID - 5), "%u batches left", fake.floods);
}

static void change_link(evutil_socket_t fd, short what, void *arg)
{
	fake.events = ULDF_E1000E_LINK;
}

Test(bridge, a_change_of_the_link_is_seen_in_a_flood)
{
	const struct timeval soon = {.tv_usec = 300000};
	int fd = eventfd(0, EFD_CLOEXEC);

	fake.wakes = fd;
	event_base_once(bridge.base, fd, EV_READ, change_link, NULL, NULL);
	event_base_once(bridge.base, -1, EV_TIMEOUT, end, NULL, &soon);
	cr_expect(eq(int, bridge_run(&bridge), 0));
	cr_expect(lt(uint, fake.link_asked, FAKE_AMID));
	cr_expect(gt(uint, fake.link_asked, FAKE_AMID - 5), "%u batches left", fake.link_asked);
	close(fd);
}
