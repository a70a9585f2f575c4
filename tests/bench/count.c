// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <x86intrin.h>
#include "bench.h"

enum {
	WARM_UP = 20,
	ROUNDS = 101,
};

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void nothing(void *state)
{
	(void)state;
}

static void steps(const struct bench_case *it, void *state, void (*step)(void *), uint64_t *took,
		  unsigned int rounds)
{
	for (unsigned int i = 0; i < rounds; i++) {
		uint64_t before = __rdtsc();

		step(state);
		took[i] = __rdtsc() - before;
		if (it->rest)
			it->rest(state);
	}
}

void count_samples(uint64_t *samples, unsigned int rounds, struct bench_count *out)
{
	uint64_t sum = 0;

	qsort(samples, rounds, sizeof(*samples), compare);
	for (unsigned int i = 0; i < rounds; i++)
		sum += samples[i];
	*out = (struct bench_count){samples[rounds / 2], sum / rounds, samples[0], rounds};
}

void count(const struct bench_case *it, void *state, struct bench_count *out)
{
	static const struct bench_case idle;
	uint64_t took[ROUNDS];
	struct bench_count own;

	steps(&idle, state, nothing, took, ROUNDS);
	count_samples(took, ROUNDS, &own);
	steps(it, state, it->step, took, WARM_UP);
	steps(it, state, it->step, took, ROUNDS);
	for (unsigned int i = 0; i < ROUNDS; i++)
		took[i] -= own.median;
	count_samples(took, ROUNDS, out);
}
