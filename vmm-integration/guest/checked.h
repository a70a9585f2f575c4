/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the kernel has no way to report that a map failed when it was synced: stands between drivers
 * and dma-iommu, looks at what dma-iommu mapped, and takes it back when some of it failed.
 */
#ifndef GUEST_CHECKED_H
#define GUEST_CHECKED_H

struct device;

/** guest_checked_setup() - stand in front of the DMA functions that a device has */
void guest_checked_setup(struct device *dev);

#endif
