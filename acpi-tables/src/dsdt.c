// SPDX-License-Identifier: MIT
/* Differentiated System Description Table: the machine as a tree of devices. */
#include <stdio.h>

#include "dsdt.h"
#include "resource.h"
#include "table.h"

#define REVISION 2 /* integers are 64 bits wide */

/* Processors are named C000 to C0FE, and are what MADT entries with the same _UID describe. */
static void write_processors(struct aml *a, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char name[5];

		snprintf(name, sizeof(name), "C%03X", (unsigned int)(i & 0xfff));
		aml_device(a, name);
		aml_name_string(a, "_HID", "ACPI0007");
		aml_name_integer(a, "_UID", i);
		aml_name_integer(a, "_STA", ACPI_STA_PRESENT);
		aml_end(a);
	}
}

/*
 * ECAM must be reserved by a motherboard resource that is not below the host bridge (PCI Firmware
 * 3.3 §4.1.2); Linux does not use it otherwise.
 */
static void write_motherboard(struct aml *a, const struct acpi_platform *p)
{
	aml_device(a, "MBRD");
	aml_name_eisaid(a, "_HID", "PNP0C02");
	aml_name_string(a, "_UID", "ECAM");
	aml_name_integer(a, "_STA", ACPI_STA_HIDDEN);
	aml_name_decl(a, "_CRS");
	aml_resource_template(a);
	for (size_t i = 0; i < p->n_segments; i++) {
		const struct acpi_pci_segment *s = &p->segments[i];
		uint64_t base = s->ecam_base + ((uint64_t)s->bus_first << 20);
		uint64_t size = ((uint64_t)s->bus_last - s->bus_first + 1) << 20;

		if (base + size - 1 <= UINT32_MAX)
			aml_resource_memory32_fixed(a, (uint32_t)base, (uint32_t)size);
		else
			aml_resource_memory64(a, base, size);
	}
	aml_end(a);
	aml_end(a);
}

/* Power-off is the only sleep state: SLP_TYP of PM1a, of PM1b, and two reserved (§7.4.2.6). */
static void write_power_off(struct aml *a, uint8_t s5_type)
{
	aml_name_decl(a, "\\_S5");
	aml_package(a, 4);
	aml_integer(a, s5_type);
	aml_integer(a, s5_type);
	aml_integer(a, 0);
	aml_integer(a, 0);
	aml_end(a);
}

void acpi_dsdt_write(struct acpi_blob *blob, const struct acpi_platform *p)
{
	struct aml a;

	acpi_table_start_header(blob, "DSDT", REVISION);
	aml_init(&a, &blob->bytes);
	aml_scope(&a, "\\_SB");
	write_processors(&a, p->n_cpus);
	write_motherboard(&a, p);
	for (size_t i = 0; i < p->n_segments; i++) {
		acpi_dsdt_host_bridge(&a, p, i);
		if (i == 0)
			acpi_dsdt_isa_devices(&a, p);
		aml_end(&a);
	}
	aml_end(&a);
	write_power_off(&a, p->pm.s5_type);
	aml_finish(&a);
	acpi_table_end_header(blob);
}
