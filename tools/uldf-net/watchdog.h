/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Resets a card that has frames to send and finishes none of them for five seconds, while there is a link. The
 * bridge starts it whenever the card has frames; an idle card costs no timer.
 */
#ifndef TOOLS_ULDF_NET_WATCHDOG_H
#define TOOLS_ULDF_NET_WATCHDOG_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

struct bridge;

struct watchdog {
	struct event *event; /* a second from the last look */
	uint64_t sent;	     /* frames, at the last look */
	unsigned int idle;   /* seconds without progress */
	bool said;	     /* that the card hangs; until it sends again */
};

/* Answers 0 or -ENOMEM. */
int watchdog_init(struct bridge *bridge);

/* Takes a bridge that watchdog_init() has not seen, too. */
void watchdog_fini(struct bridge *bridge);

/* Looks at the card in a second, if it has frames. */
void watchdog_start(struct bridge *bridge);

/* What happens each second while the card has frames. */
void watchdog_look(struct bridge *bridge);

#endif
