/* SPDX-License-Identifier: MIT */
/* A guest's driver of a virtio-iommu comes up. For programs that assert nothing of it: the tests' own is driver.h. */
#ifndef UNIT_VPCI_VIOMMU_START_H
#define UNIT_VPCI_VIOMMU_START_H

#include <vpci/bus.h>

#define VIOMMU_START_NO_VECTOR 0xffff

struct viommu_start_queue {
	uint16_t size;
	uint16_t vector;
	uint64_t desc, avail, used; /* guest-physical addresses */
};

/*
 * Resets the device whose registers for drivers lie at @common, accepts its features, sets its two queues up and says that the
 * driver is ready. Returns whether every access found the registers.
 */
bool viommu_start(struct vpci_bus *bus, uint64_t common, uint16_t config_vector,
		  const struct viommu_start_queue queues[2]);

#endif
