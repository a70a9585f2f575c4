/* SPDX-License-Identifier: MIT */
/* Machines of many kinds, laid out like PCs with PCI Express. */
#ifndef TESTS_ACPI_MACHINE_H
#define TESTS_ACPI_MACHINE_H

#include <acpi/platform.h>

struct machine_options {
	unsigned int n_cpus;
	unsigned int n_segments;
	unsigned int n_buses; /* of each segment, 1..256 */
	unsigned int n_serial;
	bool no_mmio64;
	bool no_rtc;
	bool native; /* _OSC grants hot-plug, PME and AER */
	bool viommu; /* a virtio-iommu has all functions of the first segment behind it */
};

/* A platform and the arrays that it points to */
struct machine {
	struct acpi_platform platform;
	struct acpi_cpu cpus[ACPI_MAX_CPUS];
	struct acpi_pci_segment segments[ACPI_MAX_SEGMENTS];
	struct acpi_window io[ACPI_MAX_SEGMENTS];
	struct acpi_window mmio32[ACPI_MAX_SEGMENTS];
	struct acpi_window mmio64[ACPI_MAX_SEGMENTS];
	struct acpi_pci_route routes[ACPI_MAX_ROUTES];
	struct acpi_override overrides[2];
	struct acpi_serial serial[ACPI_MAX_SERIAL];
	struct acpi_viommu viommu;
	struct acpi_endpoints endpoints;
};

extern const struct machine_options machine_defaults;

/* Counts in @options are within what the arrays hold. */
void machine_init(struct machine *m, const struct machine_options *options);

#endif
