// SPDX-License-Identifier: MIT
#include <string.h>

#include "machine.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

#define ECAM_BASE   0xb0000000u /* segment 0's */
#define ECAM_SIZE   (256 * MIB)
#define ECAM_HIGH   (32 * GIB) /* where the other segments' lie */
#define MMIO32_BASE 0xc0000000u
#define MMIO32_END  0xfec00000u
#define MMIO64_BASE (512 * GIB)
#define MMIO64_SIZE (64 * GIB)
#define N_PORTS	    0x10000u
#define FIRST_GSI   16 /* pins of the IOAPIC that PCI has, 16..23 */
#define N_GSIS	    8
#define VIOMMU	    8 /* 00:01.0 */

const struct machine_options machine_defaults = {
	.n_cpus = 1,
	.n_segments = 1,
	.n_buses = 256,
	.n_serial = 1,
};

/* Pins of neighbouring devices are rotated, so that they spread over the GSIs. */
static void init_routes(struct machine *m)
{
	for (unsigned int i = 0; i < ACPI_MAX_ROUTES; i++) {
		unsigned int device = i / 4, pin = i % 4;

		m->routes[i] = (struct acpi_pci_route){
			.device = (uint8_t)device,
			.pin = (uint8_t)pin,
			.gsi = FIRST_GSI + (device + pin) % N_GSIS,
		};
	}
}

static void init_segment(struct machine *m, unsigned int i, const struct machine_options *o)
{
	uint64_t n_ports = N_PORTS / o->n_segments & ~UINT64_C(0xfff);
	uint64_t mmio32 = (MMIO32_END - MMIO32_BASE) / o->n_segments & ~(MIB - 1);

	m->io[i] = (struct acpi_window){i * n_ports, n_ports};
	m->mmio32[i] = (struct acpi_window){MMIO32_BASE + i * mmio32, mmio32};
	m->mmio64[i] = (struct acpi_window){MMIO64_BASE + i * MMIO64_SIZE, MMIO64_SIZE};
	m->segments[i] = (struct acpi_pci_segment){
		.segment = (uint16_t)i,
		.bus_last = (uint8_t)(o->n_buses - 1),
		.ecam_base = i ? ECAM_HIGH + i * ECAM_SIZE : ECAM_BASE,
		.io = &m->io[i],
		.n_io = 1,
		.mmio32 = &m->mmio32[i],
		.n_mmio32 = 1,
		.mmio64 = &m->mmio64[i],
		.n_mmio64 = o->no_mmio64 ? 0 : 1,
		.routes = m->routes,
		.n_routes = ACPI_MAX_ROUTES,
		.osc_control =
			o->native ? ACPI_PCI_NATIVE_HOTPLUG | ACPI_PCI_PME | ACPI_PCI_AER : 0,
	};
}

void machine_init(struct machine *m, const struct machine_options *o)
{
	static const struct acpi_serial serial[ACPI_MAX_SERIAL] = {
		{0x3f8, 4}, {0x2f8, 3}, {0x3e8, 4}, {0x2e8, 3}};
	static const struct acpi_override overrides[2] = {
		{0, 2, ACPI_POLARITY_BUS, ACPI_TRIGGER_BUS},
		{9, 9, ACPI_POLARITY_HIGH, ACPI_TRIGGER_LEVEL}};

	memset(m, 0, sizeof(*m));
	memcpy(m->serial, serial, sizeof(serial));
	memcpy(m->overrides, overrides, sizeof(overrides));
	for (unsigned int i = 0; i < o->n_cpus; i++)
		m->cpus[i].apic_id = i;
	init_routes(m);
	m->endpoints = (struct acpi_endpoints){VIOMMU + 8, (uint16_t)((o->n_buses << 8) - 1)};
	m->viommu = (struct acpi_viommu){.address = VIOMMU, .ranges = &m->endpoints, .n_ranges = 1};
	for (unsigned int i = 0; i < o->n_segments; i++)
		init_segment(m, i, o);
	m->platform = (struct acpi_platform){
		.cpus = m->cpus,
		.n_cpus = o->n_cpus,
		.lapic_base = 0xfee00000,
		.ioapic = {.id = 0, .base = 0xfec00000, .gsi_base = 0},
		.overrides = m->overrides,
		.n_overrides = 2,
		.segments = m->segments,
		.n_segments = o->n_segments,
		.viommu = o->viommu ? &m->viommu : NULL,
		.pm = {.event_port = 0x600,
		       .control_port = 0x604,
		       .timer_port = 0x608,
		       .power_button = true,
		       .s5_type = 5,
		       .sci_irq = 9,
		       .reset_port = 0xcf9,
		       .reset_value = 6},
		.serial = m->serial,
		.n_serial = o->n_serial,
		.rtc = !o->no_rtc,
		.rtc_century = o->no_rtc ? 0 : 0x32,
		.rsdp_address = 0xe0000,
		.tables_base = 0x7fff0000,
		.tables_size = 0x10000,
	};
}
