/* SPDX-License-Identifier: GPL-2.0-only */
/* MSI and MSI-X: takes vectors of the host for those of a device. */
#ifndef ULDF_MESSAGE_H
#define ULDF_MESSAGE_H

#include "device/device.h"

int uldf_message_enable(struct uldf_device *udev, u32 count);
int uldf_message_take(struct uldf_device *udev, const u32 *wanted, u32 count);
void uldf_message_disable(struct uldf_device *udev);

#endif
