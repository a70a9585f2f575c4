/* SPDX-License-Identifier: MIT */
/*
 * Eventfds that pass through a decorator on their way from the device inside to the driver. A
 * thread waits for all of them; under the owner's lock it asks the owner and then signals the
 * driver. The same thread lets the owner do what is due between signals.
 */
#ifndef ULDF_SRC_RELAY_H
#define ULDF_SRC_RELAY_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct relay;

/* One line: what the device signals, and what the driver waits for; -1 where there is none. */
struct relay_line {
	int own;
	int driver;
};

/**
 * struct relay_owner - who is asked, with its lock held
 * @lock: the owner's lock
 * @fired: @line was signalled @count times; answers how often the driver is to be signalled
 * @tick: called after each signal and when the time it answered last is over; answers milliseconds,
 *	-1 for no time. NULL where there is nothing to do
 * @arg: the owner
 */
struct relay_owner {
	pthread_mutex_t *lock;
	uint64_t (*fired)(void *arg, unsigned int line, uint64_t count);
	int (*tick)(void *arg);
	void *arg;
};

/**
 * relay_create() - begin without any line bound
 * @lines: how many lines
 * @owner: who is asked; copied
 * @out: the relay; untouched on failure
 *
 * Return: 0, -ENOMEM, -EMFILE, -EAGAIN no thread.
 */
int relay_create(unsigned int lines, const struct relay_owner *owner, struct relay **out);

/**
 * relay_destroy() - end all lines
 * @relay: relay, or NULL; the owner's lock is not held
 */
void relay_destroy(struct relay *relay);

/**
 * relay_prepare() - make lines that are not yet in place
 * @relay: relay; the owner's lock is held from before this until they are in place or dropped
 * @first: where they are to be
 * @fds: the driver's eventfds, which it may close afterwards; -1 for none
 * @count: how many
 * @out: the lines, to be given to relay_commit() or relay_discard()
 *
 * Return: 0, -EINVAL one of them is no eventfd, -EMFILE, -ENOMEM.
 */
int relay_prepare(struct relay *relay, unsigned int first, const int *fds, unsigned int count,
		  struct relay_line *out);

/**
 * relay_commit() - put lines in place
 * @relay: relay
 * @first: the first
 * @count: how many
 * @lines: the lines, which the device signals by now
 *
 * What the device signalled to the lines that were there is passed on.
 */
void relay_commit(struct relay *relay, unsigned int first, unsigned int count,
		  const struct relay_line *lines);

/**
 * relay_discard() - drop lines that were not put in place
 * @relay: relay
 * @lines: the lines
 * @count: how many
 */
void relay_discard(struct relay *relay, struct relay_line *lines, unsigned int count);

/**
 * relay_drop() - end lines, passing on what was signalled before
 * @relay: relay; the owner's lock is held
 * @first: the first
 * @count: how many
 */
void relay_drop(struct relay *relay, unsigned int first, unsigned int count);

/**
 * relay_collect() - ask the owner about what was signalled by now
 * @relay: relay; the owner's lock is held
 */
void relay_collect(struct relay *relay);

/**
 * relay_signal() - signal the driver, whatever the device does
 * @relay: relay; the owner's lock is held
 * @line: which; nothing happens where none is bound
 * @count: how often
 */
void relay_signal(struct relay *relay, unsigned int line, uint64_t count);

#endif
