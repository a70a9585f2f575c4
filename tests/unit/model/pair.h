/* SPDX-License-Identifier: MIT */
/* The e1000e driver on two models that one cable connects. */
#ifndef TESTS_UNIT_MODEL_PAIR_H
#define TESTS_UNIT_MODEL_PAIR_H

#include <uldf/drivers/e1000e.h>
#include "opened.h"

#define PAIR_FRAME 16384 /* bytes of a frame that arrived, at most */
#define PAIR_SLOTS 256	 /* frames of PAIR_SLOT bytes in a buffer to send from */
#define PAIR_SLOT  2048

struct side {
	struct opened o;
	struct uldf_e1000e *nic;
	struct uldf_buffer *buffer; /* PAIR_SLOTS slots */
	size_t count;		    /* frames that arrived */
	bool checked;		    /* the last one's checksum was found right */
	size_t length;
	uint8_t frame[PAIR_FRAME];	 /* the last one */
	void (*look)(struct side *side); /* at each that arrives; may be NULL */
};

struct pair {
	struct side left;
	struct side right;
};

/* Opens a card; @options of the driver may be NULL. */
void side_init(struct side *side, const char *address, const struct uldf_e1000e_options *options);
void side_fini(struct side *side);

/* Opens both, and waits for the link. */
void pair_init(struct pair *pair, const struct uldf_e1000e_options *options);
void pair_fini(struct pair *pair);

/* Waits until the link is there, or is not. */
void side_await_link(struct side *side, bool up);

/* A frame in the slot, of that length, from @from's address to @to's; its bytes differ by @seed. */
uint8_t *side_fill(struct side *from, unsigned int slot, const uint8_t *to, size_t length,
		   unsigned int seed);

/* Is the last frame that arrived what side_fill() made, with zeros up to 60 bytes? */
bool side_has(const struct side *side, size_t length, unsigned int seed);

/* Sends frames, of which each waits for room, and waits until the card has read all. */
void side_send(struct side *side, const struct uldf_e1000e_frame *list, size_t count);

/* Sends the frame in the first slot. */
void side_send_one(struct side *side, size_t length);

/* Takes the next buffer that arrived. Returns false if there is none. */
bool side_poll(struct side *side);

/* Takes frames until @count arrived in all. */
void side_receive(struct side *side, size_t count);

/* Takes what is there, once nothing more can come: after a frame to @side's own address that arrives last. */
void pair_settle(struct side *from, struct side *to);

#endif
