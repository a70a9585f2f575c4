/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses to regions. */
#ifndef ULDF_ACCESS_H
#define ULDF_ACCESS_H

#include "device/device.h"

ssize_t uldf_access_read(struct file *file, char __user *buf, size_t count, loff_t *pos);
ssize_t uldf_access_write(struct file *file, const char __user *buf, size_t count, loff_t *pos);
int uldf_access_one(struct uldf_device *udev, u32 index, u64 offset, size_t width, u64 *value,
		    bool write);
int uldf_access_prepare(struct uldf_device *udev, u32 index);
void uldf_access_bar(struct uldf_device *udev, u32 index, u64 offset, size_t width, u64 *value,
		     bool write);

#endif
