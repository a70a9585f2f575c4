/* SPDX-License-Identifier: GPL-2.0-only */
/* Mappings: the calls that make and end them. */
#ifndef ULDF_DMA_MAPPING_H
#define ULDF_DMA_MAPPING_H

#include "core/call.h"
#include "dma/space.h"

long uldf_mapping_map(struct uldf_space *space, unsigned long user);
long uldf_mapping_unmap(struct uldf_space *space, unsigned long user);

extern const struct uldf_call uldf_mapping_calls[];

#endif
