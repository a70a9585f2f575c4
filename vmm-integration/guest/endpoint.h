/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Endpoints: the PCI functions behind the virtio-iommu. Which functions are endpoints, and which
 * addresses they cannot use, the device tells in answer to PROBE.
 */
#ifndef GUEST_ENDPOINT_H
#define GUEST_ENDPOINT_H

#include <linux/iommu.h>
#include <linux/pci.h>

struct guest_domain;

/**
 * struct guest_endpoint - an endpoint
 * @number: its number at the device: bus << 8 | devfn
 * @domain: where it is; NULL before the first attach; the queue's lock protects it
 * @properties: the answer to PROBE, and room for a tail
 */
struct guest_endpoint {
	u32 number;
	struct guest_domain *domain;
	u8 properties[];
};

/** guest_endpoint_behind() - does a function stand behind the virtio-iommu? */
bool guest_endpoint_behind(struct pci_dev *pdev);

extern const struct iommu_ops guest_endpoint_ops;

#endif
