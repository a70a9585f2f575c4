/* SPDX-License-Identifier: GPL-2.0-only */
/* Bus addresses that the module chooses. */
#ifndef ULDF_DMA_CHOICE_H
#define ULDF_DMA_CHOICE_H

#include "dma/space.h"

int uldf_choice_one(struct uldf_space *space, u64 limit, u64 size, u64 *out);
bool uldf_choice_all(struct uldf_space *space, u64 limit, struct uldf_ioc_mapping *pieces,
		     u32 count);

#endif
