/* SPDX-License-Identifier: GPL-2.0-only */
/* The expansion ROM of a device. */
#ifndef ULDF_ROM_H
#define ULDF_ROM_H

#include "device/device.h"

int uldf_rom_read(struct uldf_device *udev, u64 offset, size_t width, u64 *value);

#endif
