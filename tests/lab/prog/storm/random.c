// SPDX-License-Identifier: MIT
/*
 * Chance. A step of a thread draws from a state made of the thread's number and the step's, so what it
 * draws does not depend on the steps before.
 */
#include <limits.h>

#include "splitmix64.h"
#include "storm.h"

uint64_t mix(uint64_t a, uint64_t b)
{
	return splitmix64_mix(a + splitmix64(&b));
}

uint64_t draw(struct worker *w)
{
	return splitmix64(&w->chance);
}

uint64_t draw_below(struct worker *w, uint64_t limit)
{
	uint64_t drawn = draw(w);

	return limit ? drawn % limit : 0;
}

bool draw_percent(struct worker *w, unsigned int percent)
{
	return draw_below(w, 100) < percent;
}

uint64_t draw_odd(struct worker *w, uint64_t value, uint64_t bound)
{
	const uint64_t odd[] = {
		0,
		1,
		-1,
		value + 1,
		value - 1,
		value + (1ULL << 32),
		value | 1ULL << 63,
		value + PAGE / 2,
		-value,
		bound,
		bound + 1,
		bound - 1,
		bound * 2,
		PAGE - 1,
		PAGE,
		-PAGE,
		INT_MAX,
		1ULL << 31,
		UINT_MAX,
		1ULL << 32,
		INT64_MAX,
		1ULL << 63,
	};
	uint64_t which = draw_below(w, COUNT(odd) + 8), any = draw(w);

	if (which < COUNT(odd))
		return odd[which];
	if (which < COUNT(odd) + 3)
		return 1ULL << any % 64;
	if (which < COUNT(odd) + 6)
		return value ^ 1ULL << any % 64;
	return any;
}

uint64_t draw_count(struct worker *w, uint64_t most)
{
	uint64_t how = draw_below(w, 100), few = most < 4 ? most : 4;

	if (how < 75)
		return 1 + draw_below(w, few);
	if (how < 95)
		return 1 + draw_below(w, most < 64 ? most : 64);
	if (how < 98)
		return 1 + draw_below(w, most);
	return most;
}

unsigned int draw_ms(struct worker *w, unsigned int most)
{
	uint64_t part = draw_below(w, 1000);

	/* the cube of an even distribution */
	return part * part * part * most / 1000 / 1000 / 1000;
}
