/* SPDX-License-Identifier: GPL-2.0-only */
/* Spaces behind an IOMMU. */
#ifndef ULDF_DMA_TRANSLATED_H
#define ULDF_DMA_TRANSLATED_H

#include "dma/space.h"

int uldf_translated_create(struct uldf_device *udev, struct uldf_space **out);

#endif
