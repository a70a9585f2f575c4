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
	uint64_t entered;   /* calls that were begun, those that wait for the lock, too */
	uint64_t left;	    /* calls that were ended */
	uint64_t ran;	    /* CPU time of the thread when it was left alone last */
	uint64_t seen;	    /* the same at the last look at it */
	uint64_t looked;    /* when, by CLOCK_MONOTONIC */
	uint64_t shown;	    /* likewise, when it was shown something, or called */
	unsigned int looks; /* that found it further than the one before */
	bool asleep;	    /* from the look before the last to the last */
	clockid_t clock;    /* which tells its time */
	pid_t thread;	    /* that called last */
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
 * Looks at it once in a millisecond at most.
 *
 * Return: whether nobody calls, and the thread that called last has slept from one look to the next, or is
 * gone, or was found running, or having run, at several looks: then it looks at memory again and again.
 */
bool caller_waits(struct caller *caller);

/**
 * caller_is_due() - may the driver, which waits, be shown more in memory?
 * @caller: caller
 *
 * Return: whether it has run since it was shown something last, or that is some time ago: another thread may be
 * the one that looks.
 */
bool caller_is_due(const struct caller *caller);

/**
 * caller_waits_still() - is it so to this moment?
 * @caller: caller, of which caller_waits() was true
 *
 * Return: whether nobody calls, and a thread that slept has not run since.
 */
bool caller_waits_still(const struct caller *caller);

#endif
