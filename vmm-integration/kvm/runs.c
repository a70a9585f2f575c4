// SPDX-License-Identifier: MIT
#include "runs.h"

#include <stdlib.h>

#define LOW_FIRST (2 * VMM_1MIB)

static int compare_runs(const void *a, const void *b)
{
	const struct vmm_run *left = a, *right = b;

	return left->address < right->address ? -1 : left->address > right->address;
}

void vmm_runs_sort(struct vmm_run *runs, size_t count)
{
	if (count)
		qsort(runs, count, sizeof(*runs), compare_runs);
}

/* Cuts [*first, *end) down to whole pages between two limits. Return: whether any are left. */
static bool clip(uint64_t *first, uint64_t *end, uint64_t from, uint64_t to, uint64_t page)
{
	if (*first < from)
		*first = (from + page - 1) & ~(page - 1);
	if (*end > to)
		*end = to & ~(page - 1);
	return *first < *end;
}

/*
 * The piece that begins with run *@next and lies on one side of the hole; then *@next is the first run that does
 * not belong to it. Return: whether there is one.
 */
static bool next_piece(const struct vmm_run *runs, size_t count, size_t *next, uint64_t page,
		       bool low, struct vmm_ram *out)
{
	while (*next < count) {
		uint64_t first = runs[*next].address;
		uint64_t end = first;

		while (*next < count && runs[*next].address == end)
			end += runs[(*next)++].size;
		if (!clip(&first, &end, low ? LOW_FIRST : VMM_4GIB,
			  low ? VMM_LOW_RAM_MAX : UINT64_MAX, page))
			continue;
		*out = (struct vmm_ram){.address = first, .size = end - first};
		return true;
	}
	return false;
}

static bool is_chosen(const struct vmm_choice *choice, const struct vmm_ram *piece)
{
	for (size_t i = 0; i < choice->n_ram; i++)
		if (choice->ram[i].address == piece->address)
			return true;
	return false;
}

/* Adds the largest piece that is not chosen yet, or as much of it as is wanted. Return: whether there was one. */
static bool add_largest(const struct vmm_run *runs, size_t count, uint64_t page, bool low,
			uint64_t size, struct vmm_choice *choice)
{
	uint64_t wanted = size - choice->size;
	struct vmm_ram piece, largest = {.size = 0};
	size_t next = 0;

	while (next_piece(runs, count, &next, page, low, &piece))
		if (piece.size > largest.size && !is_chosen(choice, &piece))
			largest = piece;
	if (!largest.size)
		return false;
	if (largest.size > wanted)
		largest.size = wanted;
	choice->ram[choice->n_ram++] = largest;
	choice->size += largest.size;
	if (low)
		choice->low += largest.size;
	return true;
}

static int compare_ram(const void *a, const void *b)
{
	const struct vmm_ram *left = a, *right = b;

	return left->address < right->address ? -1 : left->address > right->address;
}

void vmm_runs_choose(const struct vmm_run *runs, size_t count, uint64_t page, uint64_t size,
		     uint64_t low, size_t room, struct vmm_choice *out)
{
	*out = (struct vmm_choice){.n_ram = 0};
	while (out->low < low && out->size < size && out->n_ram < room)
		if (!add_largest(runs, count, page, true, size, out))
			break;
	while (out->size < size && out->n_ram < room)
		if (!add_largest(runs, count, page, false, size, out))
			break;
	while (out->size < size && out->n_ram < room)
		if (!add_largest(runs, count, page, true, size, out))
			break;
	if (out->n_ram)
		qsort(out->ram, out->n_ram, sizeof(out->ram[0]), compare_ram);
}
