// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "eventfds.h"
#include "relay.h"

#define STOP UINT32_MAX

struct relay {
	struct relay_owner owner; /* its lock protects line */
	int epoll;
	int stop;
	pthread_t thread;
	unsigned int count;
	struct relay_line line[];
};

void relay_signal(struct relay *relay, unsigned int line, uint64_t count)
{
	/* A counter that is full, or a descriptor that is gone, has nobody to tell. */
	if (relay->line[line].driver >= 0 && count)
		(void)!write(relay->line[line].driver, &count, sizeof(count));
}

static void line_deliver(struct relay *relay, unsigned int line)
{
	uint64_t count;

	if (relay->line[line].own >= 0 &&
	    read(relay->line[line].own, &count, sizeof(count)) == sizeof(count))
		relay_signal(relay, line, relay->owner.fired(relay->owner.arg, line, count));
}

#define EVENTS 16

/* Whether the relay is to stop. */
static bool deliver(struct relay *relay, const struct epoll_event *event, int count)
{
	bool stop = false;

	for (int i = 0; i < count; i++) {
		if (event[i].data.u32 == STOP)
			stop = true;
		else
			line_deliver(relay, event[i].data.u32);
	}
	return stop;
}

void relay_collect(struct relay *relay)
{
	struct epoll_event event[EVENTS];
	int count;

	do {
		count = epoll_wait(relay->epoll, event, EVENTS, 0);
		if (deliver(relay, event, count))
			return;
	} while (count == EVENTS);
}

static void *relay_run(void *arg)
{
	struct relay *relay = arg;
	const struct relay_owner *owner = &relay->owner;
	struct epoll_event event[EVENTS];
	int timeout = owner->tick ? 0 : -1;
	bool stop;

	do {
		int count = epoll_wait(relay->epoll, event, EVENTS, timeout);

		pthread_mutex_lock(owner->lock);
		stop = deliver(relay, event, count);
		if (owner->tick)
			timeout = owner->tick(owner->arg);
		pthread_mutex_unlock(owner->lock);
	} while (!stop);
	return NULL;
}

/* Signals are the program's own: its handlers run in its own threads. */
static int relay_start(struct relay *relay)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&relay->thread, NULL, relay_run, relay);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

int relay_create(unsigned int lines, const struct relay_owner *owner, struct relay **out)
{
	struct epoll_event stop = {.events = EPOLLIN, .data.u32 = STOP};
	struct relay *relay = calloc(1, sizeof(*relay) + lines * sizeof(relay->line[0]));
	int err = 0;

	if (!relay)
		return -ENOMEM;
	relay->owner = *owner;
	relay->count = lines;
	for (unsigned int i = 0; i < lines; i++)
		relay->line[i] = (struct relay_line){-1, -1};
	relay->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (relay->epoll < 0) {
		err = -errno;
		goto err_free;
	}
	relay->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (relay->stop < 0) {
		err = -errno;
		goto err_epoll;
	}
	if (epoll_ctl(relay->epoll, EPOLL_CTL_ADD, relay->stop, &stop)) {
		err = -errno;
		goto err_stop;
	}
	err = relay_start(relay);
	if (err)
		goto err_stop;
	*out = relay;
	return 0;
err_stop:
	close(relay->stop);
err_epoll:
	close(relay->epoll);
err_free:
	free(relay);
	return err;
}

void relay_destroy(struct relay *relay)
{
	uint64_t one = 1;

	if (!relay)
		return;
	(void)!write(relay->stop, &one, sizeof(one));
	pthread_join(relay->thread, NULL);
	relay_discard(relay, relay->line, relay->count);
	close(relay->stop);
	close(relay->epoll);
	free(relay);
}

static int line_open(struct relay *relay, unsigned int index, int fd, struct relay_line *line)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};

	if (fd == -1)
		return 0;
	if (eventfds_check(&fd, 1))
		return -EINVAL;
	line->driver = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (line->driver < 0)
		return -errno;
	line->own = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (line->own < 0)
		return -errno;
	return epoll_ctl(relay->epoll, EPOLL_CTL_ADD, line->own, &event) ? -errno : 0;
}

int relay_prepare(struct relay *relay, unsigned int first, const int *fds, unsigned int count,
		  struct relay_line *out)
{
	int err = 0;

	for (unsigned int i = 0; i < count; i++)
		out[i] = (struct relay_line){-1, -1};
	for (unsigned int i = 0; i < count && !err; i++)
		err = line_open(relay, first + i, fds[i], &out[i]);
	if (err)
		relay_discard(relay, out, count);
	return err;
}

void relay_discard(struct relay *relay, struct relay_line *lines, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (lines[i].own >= 0) {
			epoll_ctl(relay->epoll, EPOLL_CTL_DEL, lines[i].own, NULL);
			close(lines[i].own);
		}
		if (lines[i].driver >= 0)
			close(lines[i].driver);
		lines[i] = (struct relay_line){-1, -1};
	}
}

void relay_drop(struct relay *relay, unsigned int first, unsigned int count)
{
	for (unsigned int i = first; i < first + count; i++)
		line_deliver(relay, i);
	relay_discard(relay, relay->line + first, count);
}

void relay_commit(struct relay *relay, unsigned int first, unsigned int count,
		  const struct relay_line *lines)
{
	relay_drop(relay, first, count);
	memcpy(relay->line + first, lines, count * sizeof(*lines));
}
