/* SPDX-License-Identifier: GPL-2.0-only */
/* Configuration space: accesses, and saving and restoring it for a claim. */
#ifndef ULDF_CONFIG_H
#define ULDF_CONFIG_H

#include "device/device.h"

int uldf_config_read(struct uldf_device *udev, u64 offset, size_t width, u64 *value);
int uldf_config_write(struct uldf_device *udev, u64 offset, size_t width, u64 value);
void uldf_config_find(struct uldf_device *udev);
int uldf_config_save(struct uldf_device *udev);
void uldf_config_restore(struct uldf_device *udev);
void uldf_config_give_back(struct uldf_device *udev);
bool uldf_config_can_interrupt(struct uldf_device *udev);

#endif
