/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_ULDF_NET_BRIDGE_H
#define TOOLS_ULDF_NET_BRIDGE_H

#include <event2/event.h>
#include <uldf/drivers/e1000e.h>
#include "arena.h"
#include "iface.h"
#include "tap.h"
#include "watchdog.h"

/* Frames since the bridge began, and why they were lost. */
struct bridge_counts {
	uint64_t refused; /* by the interface, which is down or has no memory */
	uint64_t sent;	  /* those that the card is done with */
	uint64_t lost;	  /* those that the card had when it was reset */
	uint64_t resets;  /* of a card that hung */
	uint64_t unfit;	  /* from the interface: too short, or longer than the MTU */
};

/* Frames in either direction between an interface and a card, in the turns of a loop. */
struct bridge {
	struct event_base *base;
	struct uldf_ctx *ctx;
	struct uldf_device *device;
	struct uldf_space *space; /* that it is attached to */
	struct uldf_e1000e *nic;
	struct tap tap;
	bool polled;
	bool promiscuous; /* whatever the interface is */
	bool offload;	  /* the host may leave work to the card */
	/* What follows begins zeroed. */
	struct uldf_buffer *frames; /* memory of the frames that the card is to send */
	struct arena arena;	    /* their places in it */
	struct bridge_counts counts;
	struct iface iface;
	struct iface_state state; /* of the interface, as last told */
	uint32_t mtu;		  /* of the interface, that the card follows */
	uint32_t mtu_refused; /* last MTU that was refused and is not replaced yet; 0 for none */
	bool is_promiscuous;  /* the card is */
	struct watchdog watchdog;
	unsigned int speed; /* of the link, 0 for none, once that was told */
	bool speed_told;
	bool ended;
	int err; /* why */
	struct event *tap_event;
	struct event *nic_event;
	struct event *more_event; /* the card may have more frames than the last batch */
	struct event *device_event;
	struct event *link_event;
	struct event *iface_event;
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

/* Looks which frames the card is done with, and reads from the interface while there is room. */
void bridge_update_room(struct bridge *bridge);

/* Looks whether there is a link, and tells the interface. */
void bridge_update_link(struct bridge *bridge);

/* Resets the card and starts it again; counts the frames that it had as lost. Answers 0 or -errno. */
int bridge_restart(struct bridge *bridge);

/* Ends bridge_run() because the card answered @err to @what; says so, with the library's reason. */
void bridge_end_nic(struct bridge *bridge, int err, const char *what);

#endif
