/* SPDX-License-Identifier: GPL-2.0-only */
/* Mappings of memory BARs in user space. */
#ifndef ULDF_REGION_MAP_H
#define ULDF_REGION_MAP_H

#include <linux/mm.h>

#include "device/device.h"

int uldf_region_map(struct uldf_device *udev, struct vm_area_struct *vma);
void uldf_region_map_vma(struct vm_area_struct *vma);
vm_fault_t uldf_region_map_insert(struct uldf_device *udev, struct vm_fault *vmf, u32 index,
				  u64 offset);

#endif
