// SPDX-License-Identifier: GPL-2.0-or-later
/* A card that finishes no frame is reset, and the rest of the bridge goes on. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "fake.h"

#define SAID "uldf-net: device fake: sent nothing for 5 s, so it was reset: 3 frames lost\n"

static struct bridge bridge;
static int ends[2];

static void init(void)
{
	cr_redirect_stderr();
	cr_redirect_stdout();
	fake_bridge_make(&bridge, ends);
	fake.hangs = true;
	cr_assert(eq(int, bridge_init(&bridge), 0));
	bridge_update_link(&bridge);
}

static void fini(void)
{
	fake_bridge_end(&bridge, ends);
}

TestSuite(watchdog, .init = init, .fini = fini, .timeout = 60);

static void give_frames(unsigned int count)
{
	while (count--)
		cr_assert(fake_send(ends[0], NULL, FAKE_FRAME));
	event_base_loop(bridge.base, EVLOOP_NONBLOCK);
}

static void pass_seconds(unsigned int count)
{
	while (count--)
		watchdog_look(&bridge);
}

Test(watchdog, a_card_that_finishes_nothing_for_five_seconds_is_reset)
{
	give_frames(3);
	pass_seconds(4);
	cr_expect(eq(uint, fake.restarts, 0));
	pass_seconds(1);
	cr_expect(eq(uint, fake.restarts, 1));
	cr_expect(eq(u64, bridge.counts.resets, 1));
	cr_expect(eq(u64, bridge.counts.lost, 3));
	cr_expect(eq(uint, bridge.arena.count, 0));
	cr_expect(eq(uint, fake.armed, ULDF_E1000E_RECEIVED | ULDF_E1000E_LINK));
	fflush(stderr);
	cr_expect_stderr_eq_str(SAID);
}

Test(watchdog, a_full_card_takes_frames_again_after_its_reset)
{
	unsigned int frames = 0;

	while (fake_send(ends[0], NULL, FAKE_FRAME))
		frames++;
	for (unsigned int i = 0; i < 20; i++)
		event_base_loop(bridge.base, EVLOOP_NONBLOCK);
	give_frames(20);
	cr_assert(gt(uint, fake.unsent, 192));
	cr_assert(eq(int, event_pending(bridge.tap_event, EV_READ, NULL), 0));
	pass_seconds(5);
	fake.hangs = false;
	for (unsigned int i = 0; i < 20; i++)
		event_base_loop(bridge.base, EVLOOP_NONBLOCK);
	cr_expect(eq(uint, fake.sent, frames + 20));
}

Test(watchdog, a_card_that_hangs_again_and_again_is_said_to_once)
{
	for (unsigned int i = 0; i < 3; i++) {
		give_frames(3);
		pass_seconds(5);
	}
	cr_expect(eq(u64, bridge.counts.resets, 3));
	fflush(stderr);
	cr_expect_stderr_eq_str(SAID);
}

Test(watchdog, a_hang_after_frames_were_sent_is_said_again)
{
	give_frames(3);
	pass_seconds(5);
	fake.hangs = false;
	give_frames(3);
	pass_seconds(1);
	fake.hangs = true;
	give_frames(3);
	pass_seconds(5);
	cr_expect(eq(u64, bridge.counts.resets, 2));
	fflush(stderr);
	cr_expect_stderr_eq_str(SAID SAID);
}

Test(watchdog, without_a_link_or_frames_or_while_it_sends_nothing_is_reset)
{
	pass_seconds(10);
	give_frames(3);
	fake.link_down = true;
	bridge_update_link(&bridge);
	pass_seconds(10);
	fake.link_down = false;
	bridge_update_link(&bridge);
	for (unsigned int i = 0; i < 5; i++) {
		pass_seconds(4);
		fake.hangs = false;
		pass_seconds(1);
		fake.hangs = true;
		give_frames(3);
	}
	pass_seconds(4);
	cr_expect(eq(uint, fake.restarts, 0));
	pass_seconds(1);
	cr_expect(eq(uint, fake.restarts, 1));
}

Test(watchdog, a_reset_that_fails_ends_the_bridge)
{
	fake.restart_err = -ETIMEDOUT;
	give_frames(3);
	pass_seconds(5);
	cr_expect(eq(int, bridge_run(&bridge), -ETIMEDOUT));
	fflush(stderr);
	cr_expect_stderr_eq_str("uldf-net: device fake: sends nothing, and a reset does not help: "
				"Connection timed out\n");
}

static void end(evutil_socket_t fd, short what, void *arg)
{
	bridge_end(&bridge, 0, NULL);
}

/* By the loop and its own timer. */
Test(watchdog, it_looks_each_second_and_the_loop_answers_meanwhile)
{
	const struct timeval seven = {.tv_sec = 7};
	struct timespec from, to;

	give_frames(3);
	event_base_once(bridge.base, -1, EV_TIMEOUT, end, NULL, &seven);
	clock_gettime(CLOCK_MONOTONIC, &from);
	cr_expect(eq(int, bridge_run(&bridge), 0));
	clock_gettime(CLOCK_MONOTONIC, &to);
	cr_expect(eq(uint, fake.restarts, 1));
	cr_expect(lt(long, to.tv_sec - from.tv_sec, 9));
	cr_expect(eq(int, event_pending(bridge.watchdog.event, EV_TIMEOUT, NULL), 0));
}
