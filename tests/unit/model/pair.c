// SPDX-License-Identifier: MIT
#include <string.h>
#include <time.h>
#include "pair.h"

#define HEADER	   14
#define EXPERIMENT 0x88b5 /* for local experiments (IEEE 802) */
#define PATIENCE   30000  /* ms */

static void pause_short(void)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	nanosleep(&pause, NULL);
}

void side_init(struct side *side, const char *address, const struct uldf_e1000e_options *options)
{
	*side = (struct side){};
	opened_init(&side->o, address);
	cr_assert(eq(int, uldf_e1000e_open(side->o.device, side->o.space, options, &side->nic), 0));
	cr_assert(eq(int, uldf_buffer_create(side->o.space, PAIR_SLOTS * PAIR_SLOT, &side->buffer),
		     0));
}

void side_fini(struct side *side)
{
	uldf_e1000e_close(side->nic);
	uldf_buffer_destroy(side->buffer);
	opened_fini(&side->o);
}

void side_await_link(struct side *side, bool up)
{
	struct uldf_e1000e_link link = {};

	for (unsigned int i = 0; i < PATIENCE; i++) {
		cr_assert(eq(int, uldf_e1000e_link(side->nic, &link), 0));
		if (link.up == up)
			return;
		pause_short();
	}
	cr_fatal("the link is still %s", link.up ? "up" : "down");
}

void pair_init(struct pair *pair, const struct uldf_e1000e_options *options)
{
	side_init(&pair->left, "model:e1000e?peer=pair", options);
	side_init(&pair->right, "model:e1000e?peer=pair", options);
	side_await_link(&pair->left, true);
	side_await_link(&pair->right, true);
}

void pair_fini(struct pair *pair)
{
	side_fini(&pair->left);
	side_fini(&pair->right);
}

static uint8_t pattern(size_t at, unsigned int seed)
{
	return (uint8_t)(at * 7 + (at >> 8) + seed);
}

uint8_t *side_fill(struct side *from, unsigned int slot, const uint8_t *to, size_t length,
		   unsigned int seed)
{
	uint8_t *frame = (uint8_t *)from->buffer->address + (size_t)slot * PAIR_SLOT;

	memcpy(frame, to, 6);
	memcpy(frame + 6, uldf_e1000e_mac(from->nic), 6);
	frame[12] = EXPERIMENT >> 8;
	frame[13] = EXPERIMENT & 0xff;
	for (size_t i = HEADER; i < length; i++)
		frame[i] = pattern(i, seed);
	return frame;
}

bool side_has(const struct side *side, size_t length, unsigned int seed)
{
	size_t wanted = length < 60 ? 60 : length;

	if (side->length != wanted)
		return false;
	for (size_t i = HEADER; i < wanted; i++)
		if (side->frame[i] != (i < length ? pattern(i, seed) : 0))
			return false;
	return true;
}

void side_send(struct side *side, const struct uldf_e1000e_frame *list, size_t count)
{
	size_t sent = 0, given = 0, done;

	for (unsigned int i = 0; sent < count && i < PATIENCE; i++) {
		cr_assert(eq(int, uldf_e1000e_send(side->nic, list + given, count - given, &done),
			     0));
		given += done;
		done = uldf_e1000e_sent(side->nic);
		sent += done;
		if (!done)
			pause_short();
	}
	cr_assert(eq(sz, sent, count), "the card has not read all frames");
}

void side_send_one(struct side *side, size_t length)
{
	const struct uldf_e1000e_frame frame = {.bus = side->buffer->bus,
						.length = (uint32_t)length};

	side_send(side, &frame, 1);
}

static void take(const void *frame, size_t length, bool checked, void *arg)
{
	struct side *side = arg;

	cr_assert(le(sz, length, PAIR_FRAME));
	memcpy(side->frame, frame, length);
	side->length = length;
	side->checked = checked;
	side->count++;
	if (side->look)
		side->look(side);
}

bool side_poll(struct side *side)
{
	size_t done;

	cr_assert(eq(int, uldf_e1000e_receive(side->nic, 1, take, side, &done), 0));
	return done;
}

void side_receive(struct side *side, size_t count)
{
	size_t done;

	for (unsigned int i = 0; side->count < count && i < PATIENCE; i++) {
		cr_assert(eq(int, uldf_e1000e_receive(side->nic, 64, take, side, &done), 0));
		if (!done)
			pause_short();
	}
	cr_assert(eq(sz, side->count, count), "frames that arrived");
}

/* Frames stay in order, so that what did not arrive before the last one does not. */
void pair_settle(struct side *from, struct side *to)
{
	static const unsigned int seed = 0xee;
	size_t done;

	side_fill(from, PAIR_SLOTS - 1, uldf_e1000e_mac(to->nic), 100, seed);
	side_send(from,
		  &(struct uldf_e1000e_frame){
			  .bus = from->buffer->bus + (PAIR_SLOTS - 1) * PAIR_SLOT, .length = 100},
		  1);
	for (unsigned int i = 0; i < PATIENCE && !(to->count && side_has(to, 100, seed)); i++) {
		cr_assert(eq(int, uldf_e1000e_receive(to->nic, 1, take, to, &done), 0));
		if (!done)
			pause_short();
	}
	cr_assert(side_has(to, 100, seed), "the last frame has not arrived");
	to->length = 0;
	to->count--;
}
