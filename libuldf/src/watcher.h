/* SPDX-License-Identifier: MIT */
/*
 * A thread that watches a few descriptors: for backends whose kernel driver does not signal the
 * caller's eventfd by itself.
 */
#ifndef ULDF_SRC_WATCHER_H
#define ULDF_SRC_WATCHER_H

#include <stdbool.h>

#define WATCHER_FDS 4

struct watcher;

/**
 * watcher_create() - start the thread; it watches nothing yet
 * @fn: called in the thread, under the watcher's lock, when a descriptor is readable or broken; false
 *	ends watching it
 * @arg: its argument
 * @out: the watcher; untouched on failure
 *
 * The thread takes no signals. Return: 0, -ENOMEM, -EMFILE, -EAGAIN no more threads.
 */
int watcher_create(bool (*fn)(void *arg, unsigned int index, int fd), void *arg,
		   struct watcher **out);

/**
 * watcher_destroy() - end the thread
 * @watcher: the watcher, or NULL
 *
 * When it returns @fn is not running.
 */
void watcher_destroy(struct watcher *watcher);

/**
 * watcher_lock() - keep @fn from running
 * @watcher: the watcher
 */
void watcher_lock(struct watcher *watcher);

/**
 * watcher_unlock() - end watcher_lock()
 * @watcher: the watcher
 */
void watcher_unlock(struct watcher *watcher);

/**
 * watcher_watch() - watch another descriptor
 * @watcher: the watcher, locked
 * @index: below WATCHER_FDS
 * @fd: descriptor, which stays the caller's; -1 for none
 */
void watcher_watch(struct watcher *watcher, unsigned int index, int fd);

#endif
