// SPDX-License-Identifier: MIT
/* Cables between two models, without the models. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "model/e1000e/wire.h"
#include "opened.h"

TestSuite(cable, .fini = opened_check_leaks, .timeout = OPENED_TIMEOUT);

static uint8_t frame[WIRE_FRAME];
static struct wire *left, *right;
static struct uldf_ctx *ctx;

static void cable_init(void)
{
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_assert(eq(int, wire_open_cable(ctx, "a", &left), 0));
	cr_assert(eq(int, wire_open_cable(ctx, "a", &right), 0));
	left->ops->carrier(left, true);
	right->ops->carrier(right, true);
}

static void cable_fini(void)
{
	left->ops->close(left);
	right->ops->close(right);
	uldf_ctx_destroy(ctx);
}

/* Is the descriptor of the wire ready? */
static bool is_told(struct wire *wire)
{
	short events = POLLIN;
	struct pollfd wait = {.fd = wire->ops->fd(wire, &events), .events = events};

	return poll(&wait, 1, 0) == 1;
}

static int send(struct wire *wire, size_t size, uint8_t seed)
{
	memset(frame, seed, size);
	return wire->ops->send(wire, frame, size);
}

static void expect_frame(struct wire *wire, size_t size, uint8_t seed)
{
	memset(frame, 0, sizeof(frame));
	cr_assert(eq(sz, wire->ops->receive(wire, frame), size));
	cr_assert(eq(int, frame[0], seed));
	cr_assert(eq(int, frame[size - 1], seed));
	cr_assert(eq(int, size == WIRE_FRAME || !frame[size], true));
}

Test(cable, frames_of_any_size_stay_whole_and_in_order)
{
	uint8_t seed = 1;

	cable_init();
	/* More than the queue holds, so that frames lie across its end. */
	for (size_t size = 1; size <= WIRE_FRAME; size = size * 3 / 2 + 1)
		for (unsigned int i = 0; i < 3; i++, seed = (uint8_t)(seed % 250 + 1)) {
			cr_assert(eq(int, send(left, size, seed), 0));
			cr_assert(eq(int, send(right, size, (uint8_t)(seed + 1)), 0));
			expect_frame(right, size, seed);
			expect_frame(left, size, (uint8_t)(seed + 1));
		}
	cr_expect(eq(int, send(left, WIRE_FRAME, 7), 0));
	expect_frame(right, WIRE_FRAME, 7);
	cr_expect(eq(sz, right->ops->receive(right, frame), 0));
	cable_fini();
}

Test(cable, a_sender_that_found_no_room_is_told_when_there_is)
{
	unsigned int sent = 0;

	cable_init();
	left->ops->receive(left, frame);
	right->ops->receive(right, frame);
	cr_expect(not(is_told(left)), "what was told is taken back by receiving");
	while (!send(left, 1514, 1))
		cr_assert(lt(uint, sent++, 10000));
	cr_expect(ge(uint, sent, 100));
	cr_expect(is_told(right));
	cr_expect(not(is_told(left)));
	expect_frame(right, 1514, 1);
	cr_expect(is_told(left));
	left->ops->receive(left, frame);
	cr_expect(eq(int, send(left, 1514, 1), 0));
	cr_expect(eq(int, send(left, 1514, 1), -EAGAIN));
	for (unsigned int i = 0; i < sent; i++)
		expect_frame(right, 1514, 1);
	cr_expect(eq(sz, right->ops->receive(right, frame), 0));
	cable_fini();
}

Test(cable, an_end_hears_when_the_other_comes_and_goes)
{
	cable_init();
	cr_expect(left->ops->up(left));
	left->ops->receive(left, frame);
	cr_expect(not(is_told(left)));
	right->ops->carrier(right, false);
	cr_expect(is_told(left));
	cr_expect(not(left->ops->up(left)));
	cr_expect(eq(int, send(left, 60, 1), 0), "what nobody hears is lost");
	right->ops->carrier(right, true);
	cr_expect(eq(sz, right->ops->receive(right, frame), 0));
	left->ops->receive(left, frame);
	cr_expect(eq(int, send(left, 60, 1), 0));
	cr_expect(eq(int, send(right, 60, 1), 0));
	right->ops->close(right);
	cr_expect(is_told(left));
	cr_expect(not(left->ops->up(left)));
	cr_expect(eq(sz, left->ops->receive(left, frame), 0), "what was on its way is lost");
	cr_assert(eq(int, wire_open_cable(ctx, "a", &right), 0));
	right->ops->carrier(right, true);
	cr_expect(left->ops->up(left));
	cr_expect(eq(sz, right->ops->receive(right, frame), 0), "nothing of the one before");
	cable_fini();
}
