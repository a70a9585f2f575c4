/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that can map part of a region, and nothing else. */
#ifndef ULDF_REGION_FD_H
#define ULDF_REGION_FD_H

#include "core/call.h"

extern const struct uldf_call uldf_region_fd_calls[];

#endif
