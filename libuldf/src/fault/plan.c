// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include "fault/plan.h"

#define RATE_DEFAULT 50
#define RATE_WHOLE   1000
#define REMOVE_RANGE 4096 /* accesses: a removal without a number happens in these */

static const char *const names[FAULT_KINDS] = {"remove", "lost", "spurious", "map", "alloc"};

/* The finaliser of MurmurHash3: every bit of the input changes half of the output's. */
static uint64_t mix(uint64_t value)
{
	value ^= value >> 33;
	value *= 0xff51afd7ed558ccdULL;
	value ^= value >> 33;
	value *= 0xc4ceb9fe1a85ec53ULL;
	return value ^ value >> 33;
}

static uint64_t chosen(uint64_t seed, enum fault_kind kind, uint64_t number, uint64_t purpose)
{
	return mix(mix(mix(seed + 1) + (uint64_t)kind + 1) + number * 2 + purpose);
}

static bool read_number(const char **text, uint64_t *out)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	*out = strtoull(*text, &end, 0);
	*text = end;
	return true;
}

static const char *parse_one(const char **text, struct fault_plan *plan)
{
	uint64_t number = RATE_DEFAULT;
	unsigned int kind = 0;
	size_t length = strcspn(*text, "=,");

	while (kind < FAULT_KINDS &&
	       (strlen(names[kind]) != length || strncmp(*text, names[kind], length)))
		kind++;
	if (kind == FAULT_KINDS)
		return "there are the faults remove, lost, spurious, map and alloc";
	*text += length;
	if (**text == '=') {
		++*text;
		if (!read_number(text, &number))
			return "a number follows the equals sign of a fault";
		if (kind == FAULT_REMOVE)
			plan->remove_at = number;
		else if (number > RATE_WHOLE)
			return "no more than 1000 in 1000 can fail";
	}
	plan->rate[kind] = kind == FAULT_REMOVE ? 1 : (uint32_t)number;
	return NULL;
}

const char *fault_plan_parse(const char *text, struct fault_plan *out)
{
	struct fault_plan plan = {.remove_at = UINT64_MAX};
	const char *wrong = NULL;

	if (!read_number(&text, &plan.seed))
		return "a seed begins them: a number";
	if (!*text)
		for (unsigned int i = 0; i < FAULT_KINDS; i++)
			plan.rate[i] = RATE_DEFAULT;
	while (*text && !wrong) {
		if (*text++ != ',')
			return "a comma stands before each fault";
		wrong = parse_one(&text, &plan);
	}
	if (wrong)
		return wrong;
	if (plan.remove_at == UINT64_MAX)
		plan.remove_at = chosen(plan.seed, FAULT_REMOVE, 0, 1) % REMOVE_RANGE;
	*out = plan;
	return NULL;
}

bool fault_plan_strikes(struct fault_plan *plan, enum fault_kind kind)
{
	uint64_t number = plan->count[kind]++;

	return chosen(plan->seed, kind, number, 0) % RATE_WHOLE < plan->rate[kind];
}

bool fault_plan_removes(struct fault_plan *plan, uint64_t count)
{
	plan->count[FAULT_REMOVE] += count;
	return plan->rate[FAULT_REMOVE] && plan->count[FAULT_REMOVE] > plan->remove_at;
}

uint64_t fault_plan_number(const struct fault_plan *plan, enum fault_kind kind, uint64_t bound)
{
	return chosen(plan->seed, kind, plan->count[kind] - 1, 1) % bound;
}
