/* SPDX-License-Identifier: GPL-2.0-only */
/* Which bits of a device's configuration space its holder may write. */
#ifndef ULDF_FILTER_H
#define ULDF_FILTER_H

#include "device/device.h"

void uldf_filter_init(struct uldf_device *udev);

#endif
