/* SPDX-License-Identifier: GPL-2.0-only */
/* Regions: BARs, the expansion ROM and configuration space of a device. */
#ifndef ULDF_REGION_H
#define ULDF_REGION_H

#include "core/call.h"
#include "device/device.h"

extern const struct uldf_call uldf_region_calls[];

static inline bool uldf_region_is_bar(u32 index)
{
	return index < PCI_STD_NUM_BARS;
}

void uldf_region_init(struct uldf_device *udev);
void uldf_region_fini(struct uldf_device *udev);
int uldf_region_mappable(struct uldf_device *udev, u32 index, u64 offset, u64 size);

#endif
