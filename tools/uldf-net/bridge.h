/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_ULDF_NET_BRIDGE_H
#define TOOLS_ULDF_NET_BRIDGE_H

#include <event2/event.h>
#include <uldf/drivers/e1000e.h>
#include "tap.h"

/* Frames in either direction between an interface and a card, in the turns of a loop. */
struct bridge {
	struct event_base *base;
	struct uldf_ctx *ctx;
	struct uldf_device *device;
	struct uldf_space *space; /* that it is attached to */
	struct uldf_e1000e *nic;
	struct tap tap;
	bool polled;
	/* What follows begins zeroed. */
	struct uldf_buffer *slots; /* where frames wait for the card to send them */
	unsigned int next;	   /* slot to fill */
	unsigned int used;	   /* slots, before it, that the card still has */
	uint64_t dropped;   /* frames that the interface would not take, or of no valid size */
	unsigned int speed; /* of the link, 0 for none, once that was told */
	bool speed_told;
	bool ended;
	int err; /* why */
	struct event *tap_event;
	struct event *nic_event;
	struct event *more_event; /* the card may have more frames than the last batch */
	struct event *device_event;
	struct event *link_event;
	int device_fd; /* signalled when something happens to the device; -1 for nothing tells */
};

/*
 * Makes it ready to carry frames. When that fails the card is closed, as by bridge_fini(); what is
 * wrong has been said.
 */
int bridge_init(struct bridge *bridge);

/* Closes the card first: until then it may read what it was to send. */
void bridge_fini(struct bridge *bridge);

/* Until bridge_end(); answers why it ended, which has been said. */
int bridge_run(struct bridge *bridge);

/* Ends bridge_run(). @err: what it answers; @what, unless NULL: what to say. The first call counts. */
void bridge_end(struct bridge *bridge, int err, const char *what);

#endif
