// SPDX-License-Identifier: MIT
#include "thread.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#define KICK	    SIGUSR1
#define NANOSECONDS 1000000000L

/* The signal only has to interrupt system calls. */
static void on_kick(int signal)
{
}

/* Names itself: to name another one takes a file, which the sandbox has not. */
static void *begin(void *arg)
{
	const struct vmm_thread *thread = arg;

	pthread_setname_np(pthread_self(), thread->name);
	return thread->run(thread->arg);
}

int vmm_thread_start(struct vmm_thread *thread, const char *name, void *(*run)(void *), void *arg)
{
	const struct sigaction action = {.sa_handler = on_kick};
	sigset_t others, before;
	int error;

	sigaction(KICK, &action, NULL);
	sigfillset(&others);
	sigdelset(&others, KICK);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	snprintf(thread->name, sizeof(thread->name), "%s", name);
	thread->run = run;
	thread->arg = arg;
	error = pthread_create(&thread->id, NULL, begin, thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	thread->started = !error;
	return -error;
}

void vmm_thread_kick(const struct vmm_thread *thread)
{
	if (thread->started)
		pthread_kill(thread->id, KICK);
}

bool vmm_thread_join(struct vmm_thread *thread, unsigned int milliseconds)
{
	struct timespec deadline;

	if (!thread->started)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += milliseconds / 1000;
	deadline.tv_nsec += milliseconds % 1000 * 1000000L;
	if (deadline.tv_nsec >= NANOSECONDS) {
		deadline.tv_nsec -= NANOSECONDS;
		deadline.tv_sec++;
	}
	if (pthread_clockjoin_np(thread->id, NULL, CLOCK_MONOTONIC, &deadline))
		return false;
	thread->started = false;
	return true;
}
