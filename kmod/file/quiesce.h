/* SPDX-License-Identifier: GPL-2.0-only */
/* The one order in which a device is stopped. */
#ifndef ULDF_QUIESCE_H
#define ULDF_QUIESCE_H

#include "device/device.h"

int uldf_quiesce_new(struct uldf_device *udev);
struct uldf_space *uldf_quiesce(struct uldf_device *udev);

#endif
