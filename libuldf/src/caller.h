/* SPDX-License-Identifier: MIT */
/* Who calls, and whether a driver that does not call waits for its device. */
#ifndef ULDF_SRC_CALLER_H
#define ULDF_SRC_CALLER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* All zero to begin with. The owner's lock protects all but @entered, which is atomic. */
struct caller {
	uint64_t entered; /* calls that were begun, those that wait for the lock, too */
	uint64_t left;	  /* calls that were ended */
	uint64_t ran;	  /* CPU time of the thread then */
	clockid_t clock;  /* which tells it */
	pid_t thread;	  /* that called last */
};

/**
 * caller_enter() - a call is about to wait for the owner's lock
 * @caller: caller; the lock is not held
 */
void caller_enter(struct caller *caller);

/**
 * caller_leave() - a call is about to unlock
 * @caller: caller
 */
void caller_leave(struct caller *caller);

/**
 * caller_shown() - the driver was shown something and has not looked yet
 * @caller: caller
 */
void caller_shown(struct caller *caller);

/**
 * caller_waits() - does the driver wait for its device?
 * @caller: caller
 *
 * Return: whether nobody calls, and the thread that called last sleeps, or is gone, or has run for a
 * millisecond of its own time since: then it looks at memory again and again.
 */
bool caller_waits(const struct caller *caller);

#endif
