/* SPDX-License-Identifier: GPL-2.0-only */
/* Sharing memory between spaces. */
#ifndef ULDF_DMA_SHARE_H
#define ULDF_DMA_SHARE_H

#include "core/call.h"

extern const struct uldf_call uldf_share_calls[];

#endif
