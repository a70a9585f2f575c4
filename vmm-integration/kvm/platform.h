/* SPDX-License-Identifier: MIT */
/* Describes our machine to the guest in ACPI tables. */
#ifndef VMM_PLATFORM_H
#define VMM_PLATFORM_H

#include <acpi/platform.h>
#include <vpci/bus.h>

#include "layout.h"
#include "memory.h"
#include "reason.h"

/**
 * vmm_platform_bus_layout() - where the PCI bus lies
 * @layout: the guest's layout
 * @out: the bus's
 */
void vmm_platform_bus_layout(const struct vmm_layout *layout, struct vpci_layout *out);

/* No slot has this number. */
#define VMM_PLATFORM_NO_VIOMMU (-1)

/**
 * struct vmm_platform - what the tables tell of
 * @layout: where the PCI bus lies
 * @bus: the bus, for its wiring
 * @cpus: how many processors
 * @viommu: slot of the virtio-iommu that all other functions stand behind, or VMM_PLATFORM_NO_VIOMMU
 */
struct vmm_platform {
	const struct vpci_layout *layout;
	const struct vpci_bus *bus;
	unsigned int cpus;
	int viommu;
};

/**
 * vmm_platform_build() - make the ACPI tables of our machine
 * @platform: the machine
 * @out: the tables, freed by acpi_tables_free(); untouched on failure
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_platform_build(const struct vmm_platform *platform, struct acpi_tables *out,
		       struct vmm_reason *reason);

/**
 * vmm_platform_load() - make the tables and write them into the guest's memory
 * @platform: the machine
 * @memory: guest RAM
 * @dump: folder to write them to as well, see vmm_dump_acpi(); or NULL
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_platform_load(const struct vmm_platform *platform, const struct vmm_memory *memory,
		      const char *dump, struct vmm_reason *reason);

#endif
