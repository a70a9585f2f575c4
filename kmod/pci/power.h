/* SPDX-License-Identifier: GPL-2.0-only */
/* Power states of a device: D0 and D3hot, and the machine's sleep. */
#ifndef ULDF_POWER_H
#define ULDF_POWER_H

#include "core/call.h"
#include "device/device.h"

extern const struct uldf_call uldf_power_calls[];
extern const struct dev_pm_ops uldf_pm_ops;

void uldf_power_wake(struct uldf_device *udev);
int uldf_power_up(struct uldf_device *udev);
void uldf_power_forget(struct uldf_device *udev);

#endif
