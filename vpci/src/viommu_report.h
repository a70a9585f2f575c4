/* SPDX-License-Identifier: MIT */
/* What the VMM is told of a virtio-iommu: each cause once, in a line that says what to do. */
#ifndef VPCI_SRC_VIOMMU_REPORT_H
#define VPCI_SRC_VIOMMU_REPORT_H

#include "viommu.h"

/**
 * struct vpci_viommu_reporter - who tells the VMM
 * @host: the VMM's services
 * @devfn: slot of the virtio-iommu
 * @refusals: the kinds of refusals that the VMM was told of, a bit for each type of a request with each status
 */
struct vpci_viommu_reporter {
	const struct vpci_host *host;
	uint16_t devfn;
	uint64_t refusals;
};

/**
 * vpci_viommu_report_troubles() - tell the VMM of what the engine noted
 * @reporter: who tells
 * @viommu: engine
 */
void vpci_viommu_report_troubles(const struct vpci_viommu_reporter *reporter,
				 struct vpci_viommu *viommu);

/**
 * vpci_viommu_report_refusal() - tell the VMM that a request of the guest failed
 * @reporter: who tells
 * @type: VIRTIO_IOMMU_T_*, or anything
 * @err: a negative errno
 */
void vpci_viommu_report_refusal(struct vpci_viommu_reporter *reporter, uint8_t type, int err);

#endif
