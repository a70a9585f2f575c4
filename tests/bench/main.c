// SPDX-License-Identifier: MIT
/*
 * bench list: print each case with its side and device.
 * bench run CASE SIDE ADDRESS: count one, and print its figures as a line of JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"

static const struct bench_case *const tables[] = {
	dma_cases, space_cases, interrupt_cases, config_cases,
	ide_cases, nvme_cases,	uring_cases,	 bar_cases,
};

void need(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static int list(void)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct bench_case *it = tables[i]; it->name; it++)
			printf("%s %s %s\n", it->name, it->side, it->device);
	return 0;
}

static const struct bench_case *find(const char *name, const char *side)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct bench_case *it = tables[i]; it->name; it++)
			if (!strcmp(it->name, name) && !strcmp(it->side, side))
				return it;
	return NULL;
}

static int run(const struct bench_case *it, const char *address)
{
	void *state = it->begin(address);
	struct bench_count figures;

	if (it->measure)
		it->measure(state, &figures);
	else
		count(it, state, &figures);
	printf("{\"case\": \"%s\", \"side\": \"%s\", \"median\": %" PRIu64 ", \"mean\": %" PRIu64
	       ", \"least\": %" PRIu64 ", \"rounds\": %u}\n",
	       it->name, it->side, figures.median, figures.mean, figures.least, figures.rounds);
	return 0;
}

int main(int argc, char **argv)
{
	const struct bench_case *it;

	if (argc == 2 && !strcmp(argv[1], "list"))
		return list();
	if (argc != 5 || strcmp(argv[1], "run")) {
		fprintf(stderr, "usage: bench list | bench run CASE SIDE ADDRESS\n");
		return 2;
	}
	it = find(argv[2], argv[3]);
	if (!it) {
		fprintf(stderr, "no case %s of side %s\n", argv[2], argv[3]);
		return 2;
	}
	return run(it, argv[4]);
}
