/* SPDX-License-Identifier: GPL-2.0-only */
/* Which space a device is attached to. */
#ifndef ULDF_DMA_ATTACH_H
#define ULDF_DMA_ATTACH_H

#include "core/call.h"

struct uldf_device;
struct uldf_space;

extern const struct uldf_call uldf_attach_calls[];

struct uldf_space *uldf_attach_end(struct uldf_device *udev);

#endif
