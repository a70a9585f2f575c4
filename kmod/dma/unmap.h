/* SPDX-License-Identifier: GPL-2.0-only */
/* Ending mappings. */
#ifndef ULDF_DMA_UNMAP_H
#define ULDF_DMA_UNMAP_H

#include "dma/batch.h"
#include "dma/extent.h"
#include "dma/row.h"
#include "dma/space.h"

/* What a call ended. */
struct uldf_ended {
	u32 ranges; /* that are done */
	u64 mappings;
	u64 bytes;
};

/* Are all fields 0 that unmapping does not use? */
static inline bool uldf_unmap_is_plain(const struct uldf_ioc_mapping *piece)
{
	return !piece->flags && !piece->memory && !piece->offset;
}

/**
 * uldf_unmap_alone - end what most calls end: one piece, which is a row of its own
 * @space: the space, its lock held
 * @piece: the piece, for which uldf_unmap_is_plain() is true
 *
 * Return: whether it was ended; if not, uldf_unmap_pieces() ends it or tells why it cannot
 */
static __always_inline bool uldf_unmap_alone(struct uldf_space *space,
					     const struct uldf_ioc_mapping *piece)
{
	struct uldf_extent *row = uldf_extent_above(&space->extents, piece->address);

	if (!row || !row->memory || row->first != piece->address ||
	    row->last - row->first != piece->size - 1 || uldf_row_count(row) != 1 ||
	    piece->size > ULDF_GATHER_MAX ||
	    iommu_unmap(space->domain, piece->address, piece->size) != piece->size)
		return false;
	uldf_row_remove(space, row, 0, 1);
	return true;
}

int uldf_unmap_pieces(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
		      u32 *done);
void uldf_unmap_undo(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
		     u64 done);
int uldf_unmap_ranges(struct uldf_space *space, const struct uldf_ioc_space_range *ranges,
		      u32 count, struct uldf_ended *ended);
void uldf_unmap_ended(struct uldf_space *space);
int uldf_unmap_all(struct uldf_space *space, bool dying);

#endif
