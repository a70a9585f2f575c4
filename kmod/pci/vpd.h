/* SPDX-License-Identifier: GPL-2.0-only */
/* Vital product data of a device. */
#ifndef ULDF_VPD_H
#define ULDF_VPD_H

#include "device/device.h"

#define ULDF_VPD_SIZE 8 /* bytes of the capability */

/* Does an access at @offset go to the capability? */
static inline bool uldf_vpd_has(const struct uldf_device *udev, u64 offset)
{
	return offset - udev->vpd.at < ULDF_VPD_SIZE;
}

void uldf_vpd_init(struct uldf_device *udev);
u64 uldf_vpd_show(struct uldf_device *udev, u64 offset, size_t width, u64 value);
int uldf_vpd_write(struct uldf_device *udev, u64 offset, size_t width, u32 value);

#endif
