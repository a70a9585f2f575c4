// SPDX-License-Identifier: MIT
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "watcher.h"

struct watcher {
	pthread_t thread;
	pthread_mutex_t lock; /* protects fds, stop; held while fn runs */
	int wake;	      /* makes the thread look at them anew */
	int fds[WATCHER_FDS];
	bool stop;
	bool (*fn)(void *arg, unsigned int index, int fd);
	void *arg;
};

static void watcher_wake(struct watcher *watcher)
{
	const uint64_t one = 1;

	/* Fails only when the thread has 2^64 - 2 reasons to wake up already. */
	if (write(watcher->wake, &one, sizeof(one)) < 0)
		return;
}

static void watcher_drain(struct watcher *watcher)
{
	uint64_t count;

	if (read(watcher->wake, &count, sizeof(count)) < 0)
		return;
}

static void *watcher_run(void *arg)
{
	struct pollfd list[WATCHER_FDS + 1];
	struct watcher *watcher = arg;

	for (;;) {
		pthread_mutex_lock(&watcher->lock);
		if (watcher->stop)
			break;
		for (unsigned int i = 0; i < WATCHER_FDS; i++)
			list[i] = (struct pollfd){.fd = watcher->fds[i], .events = POLLIN};
		pthread_mutex_unlock(&watcher->lock);
		list[WATCHER_FDS] = (struct pollfd){.fd = watcher->wake, .events = POLLIN};
		if (poll(list, WATCHER_FDS + 1, -1) < 0)
			continue;
		if (list[WATCHER_FDS].revents)
			watcher_drain(watcher);
		pthread_mutex_lock(&watcher->lock);
		for (unsigned int i = 0; i < WATCHER_FDS; i++)
			if (list[i].revents && watcher->fds[i] == list[i].fd &&
			    !watcher->fn(watcher->arg, i, list[i].fd))
				watcher->fds[i] = -1;
		pthread_mutex_unlock(&watcher->lock);
	}
	pthread_mutex_unlock(&watcher->lock);
	return NULL;
}

int watcher_create(bool (*fn)(void *arg, unsigned int index, int fd), void *arg,
		   struct watcher **out)
{
	struct watcher *watcher = calloc(1, sizeof(*watcher));
	sigset_t all, before;
	int err;

	if (!watcher)
		return -ENOMEM;
	watcher->fn = fn;
	watcher->arg = arg;
	for (unsigned int i = 0; i < WATCHER_FDS; i++)
		watcher->fds[i] = -1;
	watcher->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (watcher->wake < 0) {
		err = -errno;
		goto err_free;
	}
	pthread_mutex_init(&watcher->lock, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = -pthread_create(&watcher->thread, NULL, watcher_run, watcher);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		goto err_close;
	*out = watcher;
	return 0;
err_close:
	pthread_mutex_destroy(&watcher->lock);
	close(watcher->wake);
err_free:
	free(watcher);
	return err;
}

void watcher_destroy(struct watcher *watcher)
{
	if (!watcher)
		return;
	pthread_mutex_lock(&watcher->lock);
	watcher->stop = true;
	pthread_mutex_unlock(&watcher->lock);
	watcher_wake(watcher);
	pthread_join(watcher->thread, NULL);
	pthread_mutex_destroy(&watcher->lock);
	close(watcher->wake);
	free(watcher);
}

void watcher_lock(struct watcher *watcher)
{
	pthread_mutex_lock(&watcher->lock);
}

void watcher_unlock(struct watcher *watcher)
{
	pthread_mutex_unlock(&watcher->lock);
}

void watcher_watch(struct watcher *watcher, unsigned int index, int fd)
{
	watcher->fds[index] = fd;
	watcher_wake(watcher);
}
