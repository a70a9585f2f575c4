// SPDX-License-Identifier: MIT
/* All acts in one table: one is drawn by its weight, done and counted. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

#define ENOUGH 300   /* times that an act is done, and once at least well */
#define WHOLE  30000 /* acts that a run makes, so that it had devices long enough for that */

static struct {
	struct act act[ACTS];
	unsigned int count;
	uint64_t weight;
} all;

void acts_init(void)
{
	static const struct acts *const lists[] = {
		&open_acts,   &device_acts,  &space_acts, &region_acts, &map_acts,
		&memory_acts, &machine_acts, &post_acts,  &sysfs_acts,	&process_acts,
	};

	for (size_t i = 0; i < COUNT(lists); i++)
		for (size_t j = 0; j < lists[i]->count; j++) {
			const struct act *act = &lists[i]->act[j];

			need(all.count < ACTS, "more acts than ACTS");
			need(!act->call || act->call->layout->size <= STRUCTURE, act->name);
			all.act[all.count++] = *act;
			all.weight += act->weight;
		}
}

const char *act_name(unsigned int index)
{
	return index < all.count ? all.act[index].name : "nothing";
}

static unsigned int act_pick(struct worker *w)
{
	uint64_t at = draw_below(w, all.weight);
	unsigned int i = 0;

	while (at >= all.act[i].weight)
		at -= all.act[i++].weight;
	return i;
}

static enum mood mood_pick(struct worker *w)
{
	uint64_t drawn = draw_below(w, 100);

	return drawn < 80 ? PLAUSIBLE : drawn < 97 ? ONE_ODD : NOISE;
}

static uint64_t microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

static void count(unsigned int index, long ret, uint64_t taken)
{
	struct tally *tally = &storm->tally[index];

	if (ret == IDLE)
		return;
	tally->calls++;
	tally->taken += taken;
	if (ret >= 0)
		tally->good++;
	else if (-ret < ERRORS)
		tally->errors[-ret]++;
}

void act_step(struct worker *w)
{
	const struct act *act;
	unsigned int index;
	uint64_t began;
	long ret;

	w->chance = mix(w->number, ++w->step);
	w->mood = mood_pick(w);
	w->device = &storm->device[draw_below(w, storm->device_count)];
	w->count = 0;
	index = act_pick(w);
	act = &all.act[index];
	w->now->act = index;
	w->now->step = w->step;
	w->now->process = getpid();
	w->now->thread = gettid();
	began = microseconds();
	ret = act->call ? call_run(w, act->call) : act->run(w);
	w->now->thread = 0;
	count(index, ret, microseconds() - began);
	if (storm->verbose)
		dprintf(1, "%d %016llx %llu %s %ld\n", gettid(), (unsigned long long)w->number,
			(unsigned long long)w->step, act->name, ret);
}

void acts_report(void)
{
	for (unsigned int i = 0; i < all.count; i++) {
		struct tally *tally = &storm->tally[i];

		printf("   %-24s %8u done, %8u us each, %8u well", all.act[i].name, tally->calls,
		       (unsigned int)(tally->calls ? tally->taken / tally->calls : 0), tally->good);
		for (int error = 0; error < ERRORS; error++)
			if (tally->errors[error])
				printf(" %s:%u", strerrorname_np(error), tally->errors[error]);
		putchar('\n');
	}
}

unsigned int acts_useless(void)
{
	unsigned int useless = 0;
	uint64_t calls = 0;

	for (unsigned int i = 0; i < all.count; i++)
		calls += storm->tally[i].calls;
	if (calls < WHOLE)
		return 0;
	for (unsigned int i = 0; i < all.count; i++) {
		struct tally *tally = &storm->tally[i];

		if (tally->good || all.act[i].rare || tally->calls < ENOUGH)
			continue;
		say("%s: done %u times, never well", all.act[i].name, tally->calls);
		useless++;
	}
	return useless;
}
