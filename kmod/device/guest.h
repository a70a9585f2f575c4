/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest of KVM that a device is given to. */
#ifndef ULDF_GUEST_H
#define ULDF_GUEST_H

#include "core/call.h"
#include "device/device.h"

extern const struct uldf_call uldf_guest_calls[];

void uldf_guest_end(struct uldf_device *udev);

#endif
