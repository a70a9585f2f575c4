/* SPDX-License-Identifier: GPL-2.0-only */
/* Ending mappings. */
#ifndef ULDF_DMA_UNMAP_H
#define ULDF_DMA_UNMAP_H

#include "dma/space.h"

/* What a call ended. */
struct uldf_ended {
	u64 mappings;
	u64 bytes;
};

/* Has the piece only what unmapping takes? */
static inline bool uldf_unmap_is_plain(const struct uldf_ioc_mapping *piece)
{
	return !piece->flags && !piece->memory && !piece->offset;
}

bool uldf_unmap_alone(struct uldf_space *space, const struct uldf_ioc_mapping *piece);
int uldf_unmap_pieces(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
		      u32 *done);
void uldf_unmap_undo(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
		     u64 done);
int uldf_unmap_range(struct uldf_space *space, u64 first, u64 last, struct uldf_ended *ended);
void uldf_unmap_memory(struct uldf_space *space, const struct uldf_memory *memory);
int uldf_unmap_all(struct uldf_space *space, bool dying);

#endif
