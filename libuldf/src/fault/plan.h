/* SPDX-License-Identifier: MIT */
/*
 * When faults strike. Pure: each decision is a function of the seed, of what is at stake and of how
 * often that was at stake before, so that neither time nor other kinds of faults change it.
 */
#ifndef ULDF_SRC_FAULT_PLAN_H
#define ULDF_SRC_FAULT_PLAN_H

#include <stdbool.h>
#include <stdint.h>

enum fault_kind {
	FAULT_REMOVE,	/* the device is gone, at the access with that number */
	FAULT_LOST,	/* an interrupt is not delivered */
	FAULT_SPURIOUS, /* an access raises an interrupt */
	FAULT_MAP,	/* a mapping fails */
	FAULT_ALLOC,	/* a space, a memory or a buffer cannot be had */
	FAULT_KINDS,
};

struct fault_plan {
	uint64_t seed;
	uint32_t rate[FAULT_KINDS];  /* in 1000; of FAULT_REMOVE whether it happens */
	uint64_t count[FAULT_KINDS]; /* how often it was at stake */
	uint64_t remove_at;	     /* number of the access */
};

/**
 * fault_plan_parse() - read "SEED[,WHAT[=NUMBER]]..."
 * @text: the seed, decimal or 0x...; then remove, lost, spurious, map, alloc, where none means all
 *	of them; the number of remove is that of an access, the others' is how many of 1000 fail
 * @out: the plan; untouched on failure
 *
 * Return: NULL, or what is wrong with the text.
 */
const char *fault_plan_parse(const char *text, struct fault_plan *out);

/**
 * fault_plan_strikes() - whether a fault happens now
 * @plan: plan
 * @kind: what is at stake; not FAULT_REMOVE
 *
 * Return: whether it does.
 */
bool fault_plan_strikes(struct fault_plan *plan, enum fault_kind kind);

/**
 * fault_plan_removes() - count accesses
 * @plan: plan
 * @count: how many are made
 *
 * Return: whether the device is gone before the last of them.
 */
bool fault_plan_removes(struct fault_plan *plan, uint64_t count);

/**
 * fault_plan_number() - a number that the seed chooses
 * @plan: plan
 * @kind: for what
 * @bound: it is less than this; not 0
 *
 * Return: the number that goes with the last decision on @kind.
 */
uint64_t fault_plan_number(const struct fault_plan *plan, enum fault_kind kind, uint64_t bound);

#endif
