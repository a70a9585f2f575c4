/* SPDX-License-Identifier: GPL-2.0-only */
/* Segments: the bus addresses of memory in a bare space. */
#ifndef ULDF_DMA_SEGMENT_H
#define ULDF_DMA_SEGMENT_H

#include "core/call.h"

extern const struct uldf_call uldf_segment_calls[];

#endif
