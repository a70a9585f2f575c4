/* SPDX-License-Identifier: MIT */
/* Descriptors that a caller says are eventfds. */
#ifndef ULDF_SRC_EVENTFDS_H
#define ULDF_SRC_EVENTFDS_H

/**
 * eventfds_check() - are they eventfds?
 * @fds: descriptors, or -1 for none
 * @count: how many
 *
 * Return: 0, or -EINVAL when one is something else.
 */
int eventfds_check(const int *fds, unsigned int count);

/**
 * eventfds_signal() - add 1 to an eventfd
 * @fd: eventfd, or -1 for none
 *
 * One that is full stays full: its owner is told anyway.
 */
void eventfds_signal(int fd);

/**
 * eventfds_drain() - read an eventfd that does not block
 * @fd: eventfd
 *
 * Return: 1 when it was signalled, 0 otherwise.
 */
int eventfds_drain(int fd);

#endif
