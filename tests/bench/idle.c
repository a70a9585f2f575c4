// SPDX-License-Identifier: MIT
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>
#include "bench.h"

struct idle {
	volatile uint64_t *turns;
	uint64_t turns_before;
	uint64_t before;
	double cost; /* of a turn, in ticks, with the timer's interrupts that fall into it */
};

static void spin(volatile uint64_t *turns)
{
	const struct sched_param none = {0};

	need(!prctl(PR_SET_PDEATHSIG, SIGKILL), "die with the parent");
	need(!sched_setscheduler(0, SCHED_IDLE, &none), "become idle");
	for (;;)
		++*turns;
}

struct idle *idle_new(void)
{
	const struct timespec while_idle = {.tv_nsec = 200000000};
	struct idle *idle = calloc(1, sizeof(*idle));
	uint64_t turns, before;
	pid_t child;

	need(idle != NULL, "memory");
	idle->turns = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(idle->turns != MAP_FAILED, "memory");
	child = fork();
	need(child >= 0, "fork");
	if (!child)
		spin(idle->turns);
	nanosleep(&while_idle, NULL);
	turns = *idle->turns;
	before = __rdtsc();
	nanosleep(&while_idle, NULL);
	idle->cost = (double)(__rdtsc() - before) / (*idle->turns - turns);
	return idle;
}

void idle_begin(struct idle *idle)
{
	idle->turns_before = *idle->turns;
	idle->before = __rdtsc();
}

uint64_t idle_end(struct idle *idle)
{
	uint64_t took = __rdtsc() - idle->before;
	uint64_t spun = (*idle->turns - idle->turns_before) * idle->cost;

	return took > spun ? took - spun : 0;
}
