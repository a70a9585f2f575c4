/* SPDX-License-Identifier: MIT */
/* The parts of the DSDT; each is written into an open scope. */
#ifndef ACPI_TABLES_DSDT_H
#define ACPI_TABLES_DSDT_H

#include <acpi/platform.h>

#include "aml.h"

/* _STA of a device that is present, enabled, shown and working (ACPI 6.3 §6.3.7) */
#define ACPI_STA_PRESENT 0x0f
/* The same, but not shown to the user */
#define ACPI_STA_HIDDEN 0x0b

/* I/O ports of the PCI configuration mechanism: the host bridge's own, in no window */
#define ACPI_PCI_CONFIG_PORT	0xcf8
#define ACPI_PCI_CONFIG_N_PORTS 8

/* Host bridge @index with its windows, routing and _OSC (dsdt-pci.c); stays open. */
void acpi_dsdt_host_bridge(struct aml *a, const struct acpi_platform *p, size_t index);

/* Method _OSC of a host bridge that grants @control bits (dsdt-osc.c). */
void acpi_dsdt_osc(struct aml *a, uint32_t control);

/* What stands on the ISA bus: PM ports, serial ports, clock (dsdt-isa.c). */
void acpi_dsdt_isa_devices(struct aml *a, const struct acpi_platform *p);

#endif
