// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows. A row is one extent of a space: mappings at adjacent bus addresses, made by one batch. So a
 * scatter list is looked up, entered and removed as a whole, and yet each of its mappings can be ended
 * alone: what is left of the row becomes one row or two.
 *
 * The mappings of a row use neighbouring slots of one page. Each slot is an extent, so that ending
 * mappings needs no memory. The first slot is the row's extent; of the others only first and memory are
 * used. Free slots are used before another page is allocated, so a space has no more pages than the most
 * mappings it ever had would fill, and it keeps at most IDLE_MAX pages without mappings.
 *
 * Mapping and unmapping a list of 64 pieces takes 59,300 instructions this way, and 108,000 with one tree
 * node for each mapping. A single page takes 4,985 either way.
 *
 * Guarded by uldf_space.lock.
 */
#include <linux/bitops.h>
#include <linux/gfp.h>
#include <linux/mm.h>

#include "dma/row.h"

#define ALL	 GENMASK_ULL(ULDF_SLOTS - 1, 0)
#define IDLE_MAX 4 /* pages without mappings that a space keeps */

static noinline int slots_create(struct uldf_space *space)
{
	struct uldf_slots *slots = (void *)__get_free_page(GFP_KERNEL_ACCOUNT);

	if (!slots)
		return -ENOMEM;
	slots->free = ALL;
	slots->rows = 0;
	list_add(&slots->node, &space->slots);
	space->slots_idle++;
	return 0;
}

static void slots_take(struct uldf_space *space, struct uldf_slots *slots, u64 mask)
{
	if (slots->free == ALL)
		space->slots_idle--;
	slots->free &= ~mask;
	if (!slots->free)
		list_del_init(&slots->node);
}

/* Keeps or frees a page whose last mapping has ended. */
static noinline void slots_idle(struct uldf_space *space, struct uldf_slots *slots)
{
	if (space->slots_idle == IDLE_MAX) {
		list_del(&slots->node);
		free_page((unsigned long)slots);
		return;
	}
	/* to the tail, so that pages with mappings are filled first */
	list_move_tail(&slots->node, &space->slots);
	space->slots_idle++;
}

static void slots_put(struct uldf_space *space, struct uldf_slots *slots, u64 mask)
{
	if (!slots->free)
		list_add(&slots->node, &space->slots);
	slots->free |= mask;
	slots->rows &= ~mask;
	if (slots->free != ALL)
		return;
	/* the common case: this is the only page, and is kept */
	if (list_is_singular(&space->slots))
		space->slots_idle++;
	else
		slots_idle(space, slots);
}

/**
 * uldf_row_begin - find slots for a row
 * @space: the space
 * @row: gets adjacent free slots, and no mapping yet
 *
 * Return: 0 or -ENOMEM
 */
int uldf_row_begin(struct uldf_space *space, struct uldf_row *row)
{
	struct uldf_slots *slots;
	unsigned int index;

	if (list_empty(&space->slots) && slots_create(space))
		return -ENOMEM;
	slots = list_first_entry(&space->slots, struct uldf_slots, node);
	index = __ffs64(slots->free);
	row->extent = &slots->slot[index];
	row->count = 0;
	row->room = __ffs64(~(slots->free >> index));
	return 0;
}

/**
 * uldf_row_enter - enter a row in the tree of its space
 * @space: the space
 * @row: the row, with at least one mapping
 */
void uldf_row_enter(struct uldf_space *space, const struct uldf_row *row)
{
	struct uldf_slots *slots = uldf_slots_of(row->extent);
	unsigned int index = uldf_slot_index(row->extent);

	slots->rows |= BIT_ULL(index);
	slots_take(space, slots, GENMASK_ULL(row->count - 1, 0) << index);
	space->mappings_count += row->count;
	uldf_extent_insert(&space->extents, row->extent);
}

/* Returns the index of the row's mapping that begins at @address, or the row's count if none does. */
unsigned int uldf_row_find(const struct uldf_extent *row, u64 address)
{
	unsigned int count = uldf_row_count(row), low = 0, high = count, middle;

	/* row[low] begins at @address or before it, row[high] behind it */
	while (high - low > 1) {
		middle = (low + high) / 2;
		if (row[middle].first <= address)
			low = middle;
		else
			high = middle;
	}
	return row[low].first == address ? low : count;
}

/* Gives back the addresses of some of a row's mappings, not of all. The rest becomes one row or two. */
static noinline void row_split(struct uldf_space *space, struct uldf_extent *row, unsigned int from,
			       unsigned int count, unsigned int all)
{
	struct uldf_extent *rest = from + count < all ? row + from + count : NULL;

	if (rest)
		uldf_slots_of(row)->rows |= BIT_ULL(uldf_slot_index(rest));
	if (!from) {
		uldf_extent_replace(&space->extents, row, rest);
		return;
	}
	if (rest)
		rest->last = row->last;
	uldf_extent_shorten(row, row[from].first - 1);
	if (rest)
		uldf_extent_insert(&space->extents, rest);
}

/**
 * uldf_row_remove - end mappings of a row
 * @space: the space
 * @row: the row
 * @from: the first mapping that ends
 * @count: how many mappings end
 */
void uldf_row_remove(struct uldf_space *space, struct uldf_extent *row, unsigned int from,
		     unsigned int count)
{
	unsigned int all = uldf_row_count(row), i;

	for (i = from; i < from + count; i++)
		row[i].memory->mappings--;
	space->mappings_count -= count;
	if (count == all)
		uldf_extent_remove(&space->extents, row);
	else
		row_split(space, row, from, count, all);
	slots_put(space, uldf_slots_of(row),
		  GENMASK_ULL(count - 1, 0) << uldf_slot_index(row + from));
}

/* Frees the pages of slots; no mapping is left. */
void uldf_rows_forget(struct uldf_space *space)
{
	struct uldf_slots *slots, *next;

	list_for_each_entry_safe(slots, next, &space->slots, node)
		free_page((unsigned long)slots);
}
