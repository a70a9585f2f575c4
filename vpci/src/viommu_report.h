/* SPDX-License-Identifier: MIT */
/* Reports a virtio-iommu's errors to the VMM: each cause once, in a line that says what to do. */
#ifndef VPCI_SRC_VIOMMU_REPORT_H
#define VPCI_SRC_VIOMMU_REPORT_H

#include "viommu.h"

/**
 * struct vpci_viommu_reporter - where reports go, and which were made
 * @host: the VMM's services
 * @devfn: slot of the virtio-iommu
 * @refusals: refusals reported, a bit for each type of request with each status
 */
struct vpci_viommu_reporter {
	const struct vpci_host *host;
	uint16_t devfn;
	uint64_t refusals;
};

/**
 * vpci_viommu_report_troubles() - report the errors that the engine noted
 * @reporter: where reports go
 * @viommu: engine
 */
void vpci_viommu_report_troubles(const struct vpci_viommu_reporter *reporter,
				 struct vpci_viommu *viommu);

/**
 * vpci_viommu_report_refusal() - report that a request of the guest failed
 * @reporter: where reports go
 * @request: request, whose type may be anything
 * @err: a negative errno
 */
void vpci_viommu_report_refusal(struct vpci_viommu_reporter *reporter,
				const struct vpci_viommu_request *request, int err);

#endif
