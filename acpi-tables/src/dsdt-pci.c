// SPDX-License-Identifier: MIT
/* A PCI Express host bridge (PCI Firmware 3.3 §4, ACPI 6.3 §6.2.13 for _PRT). */
#include <stdio.h>

#include "dsdt.h"
#include "resource.h"

/* A window without the configuration ports: what is left below and above them. */
static void write_io_window(struct aml *a, const struct acpi_window *w)
{
	uint64_t end = w->base + w->size;
	uint64_t hole = ACPI_PCI_CONFIG_PORT;
	uint64_t hole_end = hole + ACPI_PCI_CONFIG_N_PORTS;

	if (end <= hole || w->base >= hole_end) {
		aml_resource_io_window(a, w->base, w->size);
		return;
	}
	if (w->base < hole)
		aml_resource_io_window(a, w->base, hole - w->base);
	if (end > hole_end)
		aml_resource_io_window(a, hole_end, end - hole_end);
}

static void write_crs(struct aml *a, const struct acpi_pci_segment *s, bool has_config_ports)
{
	aml_name_decl(a, "_CRS");
	aml_resource_template(a);
	aml_resource_bus_window(a, s->bus_first, s->bus_last);
	if (has_config_ports)
		aml_resource_io(a, ACPI_PCI_CONFIG_PORT, ACPI_PCI_CONFIG_N_PORTS);
	for (size_t i = 0; i < s->n_io; i++)
		write_io_window(a, &s->io[i]);
	for (size_t i = 0; i < s->n_mmio32; i++)
		aml_resource_memory32_window(a, s->mmio32[i].base, s->mmio32[i].size);
	for (size_t i = 0; i < s->n_mmio64; i++)
		aml_resource_memory64_window(a, s->mmio64[i].base, s->mmio64[i].size);
	aml_end(a);
}

/* An entry is {device and any function, pin, no link device, GSI}. */
static void write_prt(struct aml *a, const struct acpi_pci_segment *s)
{
	aml_name_decl(a, "_PRT");
	aml_package(a, (unsigned int)s->n_routes);
	for (size_t i = 0; i < s->n_routes; i++) {
		aml_package(a, 4);
		aml_integer(a, (uint64_t)s->routes[i].device << 16 | 0xffff);
		aml_integer(a, s->routes[i].pin);
		aml_integer(a, 0);
		aml_integer(a, s->routes[i].gsi);
		aml_end(a);
	}
	aml_end(a);
}

void acpi_dsdt_host_bridge(struct aml *a, const struct acpi_platform *p, size_t index)
{
	const struct acpi_pci_segment *s = &p->segments[index];
	char name[5];

	snprintf(name, sizeof(name), "PCI%X", (unsigned int)(index & 0xf));
	aml_device(a, name);
	aml_name_eisaid(a, "_HID", "PNP0A08");
	aml_name_eisaid(a, "_CID", "PNP0A03");
	aml_name_integer(a, "_UID", index);
	aml_name_integer(a, "_STA", ACPI_STA_PRESENT);
	aml_name_integer(a, "_SEG", s->segment);
	aml_name_integer(a, "_BBN", s->bus_first);
	write_crs(a, s, index == 0);
	write_prt(a, s);
	acpi_dsdt_osc(a, s->osc_control);
}
