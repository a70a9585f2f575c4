/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows: mappings at adjacent bus addresses, made by one batch. */
#ifndef ULDF_DMA_ROW_H
#define ULDF_DMA_ROW_H

#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/mm.h>

#include "dma/extent.h"
#include "dma/memory.h"
#include "dma/space.h"

#define ULDF_SLOTS 63

/* A page of mappings. */
struct uldf_slots {
	struct list_head node; /* in uldf_space.slots, or empty if no slot is free */
	u64 free;	       /* a bit for each free slot */
	u64 rows;	       /* a bit for the first slot of each row */
	struct uldf_extent slot[ULDF_SLOTS];
};
static_assert(sizeof(struct uldf_slots) <= PAGE_SIZE);

static inline struct uldf_slots *uldf_slots_of(const struct uldf_extent *extent)
{
	return (struct uldf_slots *)((unsigned long)extent & PAGE_MASK);
}

static inline unsigned int uldf_slot_index(const struct uldf_extent *extent)
{
	return extent - uldf_slots_of(extent)->slot;
}

/* Returns how many mappings a row has. */
static inline unsigned int uldf_row_count(const struct uldf_extent *row)
{
	struct uldf_slots *slots = uldf_slots_of(row);
	u64 ends = slots->free | slots->rows | BIT_ULL(ULDF_SLOTS);

	return __ffs64(ends >> uldf_slot_index(row) >> 1) + 1;
}

/* A row of mappings that is being made. */
struct uldf_row {
	struct uldf_extent *extent; /* the slot of the first mapping, and the row's extent */
	unsigned int count, room;   /* mappings that it has, and that it can have */
};

int uldf_row_begin(struct uldf_space *space, struct uldf_row *row);
void uldf_row_enter(struct uldf_space *space, const struct uldf_row *row);

/* Adds a mapping of @memory at @first..@last, adjacent to the row's last one; there is room. */
static inline void uldf_row_add(struct uldf_row *row, u64 first, u64 last,
				struct uldf_memory *memory)
{
	struct uldf_extent *slot = &row->extent[row->count++];

	slot->first = first;
	slot->memory = memory;
	row->extent->last = last;
	memory->mappings++;
}

unsigned int uldf_row_find(const struct uldf_extent *row, u64 address);
void uldf_row_remove(struct uldf_space *space, struct uldf_extent *row, unsigned int from,
		     unsigned int count);
void uldf_rows_forget(struct uldf_space *space);

#endif
