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

void count(const struct bench_case *it, void *state, struct bench_count *out)
{
	static const struct bench_case idle;
	uint64_t took[ROUNDS], own, sum = 0;

	steps(&idle, state, nothing, took, ROUNDS);
	qsort(took, ROUNDS, sizeof(*took), compare);
	own = took[ROUNDS / 2];
	steps(it, state, it->step, took, WARM_UP);
	steps(it, state, it->step, took, ROUNDS);
	qsort(took, ROUNDS, sizeof(*took), compare);
	for (unsigned int i = 0; i < ROUNDS; i++)
		sum += took[i];
	*out = (struct bench_count){
		.median = took[ROUNDS / 2] - own,
		.mean = sum / ROUNDS - own,
		.least = took[0] - own,
		.rounds = ROUNDS,
	};
}
