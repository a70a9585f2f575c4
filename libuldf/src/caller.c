// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "caller.h"

#define LOOK_NS 1000000

/*
 * A thread that has run for so long without a call, and at so many looks in a row, is taken to look at memory
 * again and again. Time alone does not tell: a virtual processor that stood still has run, too. One that naps in
 * between takes little time, and more looks.
 */
#define SPIN_NS	   1000000
#define SPIN_LOOKS 3
#define NAP_LOOKS  10

/* So long after it was shown something a driver that has slept all the time is shown more. */
#define SHOWN_NS 20000000

static uint64_t time_of(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now))
		return UINT64_MAX;
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void caller_enter(struct caller *caller)
{
	__atomic_fetch_add(&caller->entered, 1, __ATOMIC_SEQ_CST);
}

void caller_leave(struct caller *caller)
{
	caller->left++;
	caller->thread = gettid();
	if (pthread_getcpuclockid(pthread_self(), &caller->clock))
		caller->clock = CLOCK_THREAD_CPUTIME_ID;
	caller_shown(caller);
}

/* The letter of proc(5) for what a thread does; 0 when it is gone. */
static char thread_state(pid_t thread)
{
	char path[64], text[512];
	const char *name_end;
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)thread);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	name_end = strrchr(text, ')');
	return name_end && name_end[1] == ' ' ? name_end[2] : 0;
}

void caller_shown(struct caller *caller)
{
	caller->ran = caller->seen = time_of(caller->clock);
	caller->shown = time_of(CLOCK_MONOTONIC);
	caller->looks = 0;
}

static bool calls(const struct caller *caller)
{
	return __atomic_load_n(&caller->entered, __ATOMIC_SEQ_CST) != caller->left;
}

bool caller_is_due(const struct caller *caller)
{
	return caller->seen != caller->ran || time_of(CLOCK_MONOTONIC) - caller->shown >= SHOWN_NS;
}

/*
 * Asleep is who has not run from one look to the next, so that drivers are left alone that take short naps, look and
 * call in turns: what they look for is shown to them when they call.
 */
bool caller_waits(struct caller *caller)
{
	uint64_t looked = time_of(CLOCK_MONOTONIC), now;
	char state;

	if (looked - caller->looked < LOOK_NS)
		return false;
	caller->looked = looked;
	now = time_of(caller->clock);
	state = thread_state(caller->thread);
	caller->asleep = now == caller->seen && (!state || state == 'S');
	if (caller->asleep)
		caller->looks = 0;
	else if (now != caller->seen)
		caller->looks++;
	caller->seen = now;
	return (!state || state == 'S' || state == 'R') && caller_waits_still(caller);
}

/* A thread that waits for the lock sleeps, too, but has entered a call before that. */
bool caller_waits_still(const struct caller *caller)
{
	uint64_t now = time_of(caller->clock);
	bool sleeps = caller->asleep && now == caller->seen;
	bool spins = (caller->looks >= SPIN_LOOKS && now - caller->ran >= SPIN_NS) ||
		     caller->looks >= NAP_LOOKS;

	return (sleeps || spins) && !calls(caller);
}
