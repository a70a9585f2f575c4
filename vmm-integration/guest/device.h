/* SPDX-License-Identifier: GPL-2.0-only */
/* The virtio-iommu: the PCI function, its configuration and its queue (virtio 1.2 section 5.13). */
#ifndef GUEST_DEVICE_H
#define GUEST_DEVICE_H

#include <linux/iommu.h>
#include <linux/virtio_pci_modern.h>
#include <linux/xarray.h>
#include "events.h"
#include "queue.h"

#define GUEST_DEVICE_VENDOR 0x1af4
#define GUEST_DEVICE_ID	    0x1057

/**
 * struct guest_device - the virtio-iommu
 * @mdev: its registers
 * @iommu: the kernel's part
 * @queue: its queue of requests
 * @events: its queue of faults
 * @domains: the domains, by number
 * @config: its configuration
 * @probe_size: bytes of the answer to PROBE
 */
struct guest_device {
	struct virtio_pci_modern_device mdev;
	struct iommu_device iommu;
	struct guest_queue queue;
	struct guest_events events;
	struct xarray domains;
	struct virtio_iommu_config config;
	u32 probe_size;
};

/** guest_device() - returns the virtio-iommu, NULL until its driver has it */
struct guest_device *guest_device(void);

extern struct pci_driver guest_device_driver;

#endif
