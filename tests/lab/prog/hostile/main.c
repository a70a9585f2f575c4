// SPDX-License-Identifier: MIT
/* usage: lab-hostile SEED SECONDS: a thread on each of two processors draws attacks until the time is over. */
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <time.h>
#include "hostile.h"

#define PROCESSORS 2

struct worker {
	pthread_t thread;
	unsigned int processor;
	struct chance chance;
	unsigned long steps;
};

static struct machine machine;
static time_t seconds;

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static void step(struct chance *chance)
{
	static void (*const attacks[])(struct chance *, const struct machine *) = {
		attack_config, attack_memory, attack_ports,  attack_vectors,
		attack_dma,    attack_viommu, attack_viommu,
	};

	attacks[draw_below(chance, sizeof(attacks) / sizeof(attacks[0]))](chance, &machine);
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	time_t end = now() + seconds;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(worker->processor, &set);
	if (sched_setaffinity(0, sizeof(set), &set) || iopl(3))
		err(1, "processor %u", worker->processor);
	do {
		for (unsigned int i = 0; i < 16; i++)
			step(&worker->chance);
		worker->steps += 16;
	} while (now() < end);
	return NULL;
}

int main(int argc, char **argv)
{
	struct worker workers[PROCESSORS] = {0};
	uint64_t seed;

	if (argc != 3)
		errx(64, "usage: lab-hostile SEED SECONDS");
	seed = strtoull(argv[1], NULL, 0);
	seconds = (time_t)strtoul(argv[2], NULL, 0);
	machine_init(&machine);
	printf("hostile: %u functions, seed %llu\n", machine.count, (unsigned long long)seed);
	fflush(stdout);
	for (unsigned int i = 0; i < PROCESSORS; i++) {
		workers[i].processor = i;
		workers[i].chance.state = seed * PROCESSORS + i;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			errx(1, "no thread");
	}
	for (unsigned int i = 0; i < PROCESSORS; i++) {
		pthread_join(workers[i].thread, NULL);
		printf("hostile: processor %u took %lu steps\n", i, workers[i].steps);
	}
	return 0;
}
