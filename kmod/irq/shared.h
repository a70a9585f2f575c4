/* SPDX-License-Identifier: GPL-2.0-only */
/* The shared pages of a device: counts of its vectors. */
#ifndef ULDF_SHARED_H
#define ULDF_SHARED_H

#include "device/device.h"

int uldf_shared_init(struct uldf_device *udev);
void uldf_shared_clear(struct uldf_device *udev);
int uldf_shared_mmap(struct uldf_device *udev, struct vm_area_struct *vma);

#endif
