/* SPDX-License-Identifier: MIT */
/*
 * Policy 'viommu': the guest has an IOMMU, and its domains are spaces of the framework. A space for the guest's RAM as a
 * whole stands beside them, for devices that are in no domain.
 */
#ifndef VMM_VIOMMU_H
#define VMM_VIOMMU_H

#include <vpci/bus.h>
#include <vpci/viommu.h>

#include "assign.h"
#include "memory.h"
#include "reason.h"

/**
 * struct vmm_viommu - the guest's IOMMU
 * @assign: devices behind it
 * @memory: the guest's RAM
 * @bus: bus that it is on
 * @devfn: its slot
 */
struct vmm_viommu {
	struct vmm_assign *assign;
	const struct vmm_memory *memory;
	struct vpci_bus *bus;
	uint8_t devfn;
};

/**
 * vmm_viommu_plug() - put an IOMMU on the bus, and let @assign put its devices behind it
 * @viommu: uninitialised memory; must outlive the bus
 * @assign: opened by policy 'viommu' and mapped, nothing plugged; must outlive the bus
 * @memory: what was mapped; must outlive the bus
 * @bus: bus
 * @strict: demand that the guest's driver unmaps at once
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_viommu_plug(struct vmm_viommu *viommu, struct vmm_assign *assign,
		    const struct vmm_memory *memory, struct vpci_bus *bus, bool strict,
		    struct vmm_reason *reason);

#endif
