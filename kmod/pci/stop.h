/* SPDX-License-Identifier: GPL-2.0-only */
/* Stopping a device by the registers of its class or model. */
#ifndef ULDF_STOP_H
#define ULDF_STOP_H

#include "device/device.h"

bool uldf_stop(struct uldf_device *udev);

#endif
