/* SPDX-License-Identifier: GPL-2.0-only */
/* Mappings of memory BARs in user space. */
#ifndef ULDF_REGION_MAP_H
#define ULDF_REGION_MAP_H

#include <linux/mm.h>

#include "core/compat.h"
#include "device/device.h"

int uldf_region_map(struct uldf_device *udev, struct vm_area_struct *vma);
void uldf_region_map_vma(struct vm_area_struct *vma);
vm_fault_t uldf_region_map_insert(struct uldf_device *udev, struct vm_fault *vmf, u32 index,
				  u64 offset, unsigned int order);
#ifdef uldf_find_address
unsigned long uldf_region_map_address(struct file *file, unsigned long address, unsigned long size,
				      unsigned long pgoff, unsigned long flags);
#else
#define uldf_region_map_address NULL
#endif

#endif
