/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the DMA of a device is confined, and who may have a device whose DMA is not. */
#ifndef ULDF_CONFINE_H
#define ULDF_CONFINE_H

#include "device/device.h"

int uldf_confine_check(struct uldf_device *udev);

#endif
