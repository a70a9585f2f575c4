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
 * Joins adjacent runs, from run *@next on, to the first piece that a guest can use on one side of the hole below 4 GiB.
 * Sets *@next to the run behind that piece. Return: false when no such piece is left.
 */
static bool next_piece(const struct vmm_run *runs, size_t count, size_t *next,
		       const struct vmm_wish *wish, bool low, struct vmm_ram *out)
{
	while (*next < count) {
		uint64_t first = runs[*next].address;
		uint64_t end = first;

		while (*next < count && runs[*next].address == end)
			end += runs[(*next)++].size;
		if (!clip(&first, &end, low ? LOW_FIRST : VMM_4GIB,
			  low ? VMM_LOW_RAM_MAX : wish->limit, wish->page) ||
		    end - first < VMM_RUNS_PIECE_LEAST)
			continue;
		*out = (struct vmm_ram){.address = first, .size = end - first};
		return true;
	}
	return false;
}

static struct vmm_ram *find_chosen(struct vmm_choice *choice, uint64_t address)
{
	for (size_t i = 0; i < choice->n_ram; i++)
		if (choice->ram[i].address == address)
			return &choice->ram[i];
	return NULL;
}

/* Chooses at most @most bytes of the piece that has most bytes left. Return: whether there was one. */
static bool add_largest(const struct vmm_run *runs, size_t count, const struct vmm_wish *wish,
			bool low, uint64_t most, size_t room, struct vmm_choice *choice)
{
	struct vmm_ram piece, largest = {.size = 0};
	struct vmm_ram *chosen;
	uint64_t left = 0;
	size_t next = 0;

	while (next_piece(runs, count, &next, wish, low, &piece)) {
		chosen = find_chosen(choice, piece.address);
		if (!chosen && choice->n_ram >= room)
			continue;
		if (piece.size - (chosen ? chosen->size : 0) > left) {
			left = piece.size - (chosen ? chosen->size : 0);
			largest = piece;
		}
	}
	if (!left)
		return false;
	if (left > most)
		left = most;
	chosen = find_chosen(choice, largest.address);
	if (!chosen) {
		chosen = &choice->ram[choice->n_ram++];
		*chosen = (struct vmm_ram){.address = largest.address};
	}
	chosen->size += left;
	choice->size += left;
	if (low)
		choice->low += left;
	return true;
}

static int compare_ram(const void *a, const void *b)
{
	const struct vmm_ram *left = a, *right = b;

	return left->address < right->address ? -1 : left->address > right->address;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void vmm_runs_choose(const struct vmm_run *runs, size_t count, const struct vmm_wish *wish,
		     struct vmm_choice *out)
{
	const uint64_t low = least(wish->low, wish->size);

	*out = (struct vmm_choice){.n_ram = 0};
	while (out->low < low &&
	       add_largest(runs, count, wish, true, low - out->low, wish->room / 2, out))
		;
	while (out->size < wish->size &&
	       add_largest(runs, count, wish, false, wish->size - out->size, wish->room, out))
		;
	while (out->size < wish->size &&
	       add_largest(runs, count, wish, true, wish->size - out->size, wish->room, out))
		;
	if (out->n_ram)
		qsort(out->ram, out->n_ram, sizeof(out->ram[0]), compare_ram);
	for (size_t i = 0; i < out->n_ram; i++)
		if (out->ram[i].size > out->largest)
			out->largest = out->ram[i].size;
}

/* What a run has from @first to @end. Return: false, and @out is untouched, if that is nothing. */
static bool cut(const struct vmm_run *run, uint64_t first, uint64_t end, struct vmm_run *out)
{
	if (first >= end)
		return false;
	*out = (struct vmm_run){
		.address = first,
		.offset = run->offset + (first - run->address),
		.size = end - first,
	};
	return true;
}

bool vmm_runs_part(const struct vmm_run *run, const struct vmm_ram *ram, struct vmm_run *out)
{
	uint64_t first = run->address > ram->address ? run->address : ram->address;
	uint64_t end = least(run->address + run->size, ram->address + ram->size);

	return cut(run, first, end, out);
}

bool vmm_runs_rest(const struct vmm_run *run, const struct vmm_choice *choice, uint64_t *at,
		   struct vmm_run *out)
{
	uint64_t first = *at, end = run->address + run->size;

	for (size_t i = 0; i < choice->n_ram && first < end; i++) {
		const struct vmm_ram *ram = &choice->ram[i];

		if (ram->address > first) {
			end = least(end, ram->address);
			break;
		}
		if (ram->address + ram->size > first)
			first = ram->address + ram->size;
	}
	if (!cut(run, first, end, out))
		return false;
	*at = end;
	return true;
}

bool vmm_runs_are(const struct vmm_run *runs, size_t count, const struct vmm_ram *ram, size_t n_ram)
{
	uint64_t done = 0; /* of the piece */
	size_t piece = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t at = runs[i].address, left = runs[i].size;

		while (left) {
			uint64_t step;

			if (piece == n_ram || at != ram[piece].address + done)
				return false;
			step = least(ram[piece].size - done, left);
			at += step;
			left -= step;
			done += step;
			if (done == ram[piece].size) {
				piece++;
				done = 0;
			}
		}
	}
	return piece == n_ram && !done;
}
