/* SPDX-License-Identifier: MIT */
/*
 * A clock that only moves when somebody looks at it or waits: what a driver waits for is over at once. The linker
 * puts these functions in place of clock_gettime(), nanosleep() and poll() ("--wrap"); libFuzzer's own clock is
 * in a shared library and goes on.
 */
#ifndef TESTS_FUZZ_CLOCK_H
#define TESTS_FUZZ_CLOCK_H

#include <poll.h>
#include <time.h>

/** CLOCK_LEAST_NS - what every wait takes at least, so that a poll of seconds is over after some reads */
#define CLOCK_LEAST_NS 100000000

/**
 * clock_ns() - say what time it is
 *
 * Return: nanoseconds of this clock since the process began.
 */
unsigned long long clock_ns(void);

int __wrap_clock_gettime(clockid_t id, struct timespec *out);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);
int __wrap_poll(struct pollfd *list, nfds_t count, int milliseconds);

#endif
