/* SPDX-License-Identifier: GPL-2.0-only */
/* Spaces on hosts without an IOMMU. */
#ifndef ULDF_DMA_BARE_H
#define ULDF_DMA_BARE_H

#include "device/device.h"
#include "dma/space.h"

int uldf_bare_create(struct uldf_device *udev, u64 mask, struct uldf_space **out);
void uldf_bare_end(struct uldf_device *udev);

#endif
