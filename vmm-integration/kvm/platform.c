// SPDX-License-Identifier: MIT
#include "platform.h"

#include <errno.h>
#include <string.h>

#include "dump.h"
#include "pm.h"
#include "reset.h"
#include "rtc.h"

#define DEVICES 32
#define PINS	4

/* What KVM's IOAPIC has in its ID register. Messages travel by the system bus, so it may equal a local APIC's. */
#define IOAPIC_ID 0

static const struct acpi_override overrides[] = {
	/* The timer is on pin 2, as on every PC; the SCI is a level, active high. */
	{.irq = 0, .gsi = 2, .polarity = ACPI_POLARITY_BUS, .trigger = ACPI_TRIGGER_BUS},
	{.irq = VMM_GSI_SCI,
	 .gsi = VMM_GSI_SCI,
	 .polarity = ACPI_POLARITY_HIGH,
	 .trigger = ACPI_TRIGGER_LEVEL},
};

static const struct acpi_serial serial = {.port = VMM_PORT_SERIAL, .irq = VMM_GSI_SERIAL};

/*
 * Besides what the bus decodes for BARs, the ports of old: a compatibility-mode IDE controller's are below
 * those. What lies between would be given to BARs, too, and answer to none.
 */
static const struct acpi_window ports[] = {
	{.base = 0, .size = 0xd00},
	{.base = VMM_PORT_PCI, .size = VMM_PORT_PCI_SIZE},
};

void vmm_platform_bus_layout(const struct vmm_layout *layout, struct vpci_layout *out)
{
	*out = (struct vpci_layout){
		.segment = 0,
		.ecam = {.base = layout->ecam, .size = VMM_ECAM_SIZE},
		.ports = {.base = VMM_PORT_PCI, .size = VMM_PORT_PCI_SIZE},
		.mem32 = {.base = layout->mem32, .size = layout->mem32_size},
		.mem64 = {.base = layout->mem64, .size = layout->mem64_size},
		.config_ports = true,
		.gsis = {VMM_GSI_PCI, VMM_GSI_PCI + 1, VMM_GSI_PCI + 2, VMM_GSI_PCI + 3},
	};
}

static void set_pm(struct acpi_pm *pm)
{
	*pm = (struct acpi_pm){
		.event_port = VMM_PORT_PM + VMM_PM_EVENT,
		.control_port = VMM_PORT_PM + VMM_PM_CONTROL,
		.timer_port = VMM_PORT_PM + VMM_PM_TIMER,
		.power_button = true,
		.s5_type = VMM_PM_S5_TYPE,
		.sci_irq = VMM_GSI_SCI,
		.reset_port = VMM_PORT_RESET,
		.reset_value = VMM_RESET_VALUE,
	};
}

static void set_routes(const struct vpci_bus *bus, struct acpi_pci_route *routes)
{
	for (unsigned int device = 0; device < DEVICES; device++)
		for (unsigned int pin = 0; pin < PINS; pin++)
			*routes++ = (struct acpi_pci_route){
				.device = (uint8_t)device,
				.pin = (uint8_t)pin,
				.gsi = vpci_bus_gsi(bus, device, pin + 1),
			};
}

/*
 * All slots but the host bridge's and the virtio-iommu's own: Linux gives an IOMMU up that does not know a function which
 * is said to stand behind it.
 */
static size_t set_endpoints(int viommu, struct acpi_endpoints *ranges)
{
	unsigned int slot = (unsigned int)viommu >> 3;
	size_t count = 0;

	if (slot > 1)
		ranges[count++] = (struct acpi_endpoints){.first = 1 << 3,
							  .last = (uint16_t)((slot << 3) - 1)};
	if (slot < DEVICES - 1)
		ranges[count++] = (struct acpi_endpoints){.first = (uint16_t)((slot + 1) << 3),
							  .last = (DEVICES << 3) - 1};
	return count;
}

int vmm_platform_build(const struct vmm_platform *machine, struct acpi_tables *out,
		       struct vmm_reason *reason)
{
	const struct vpci_layout *bus_layout = machine->layout;
	const struct acpi_window mem32 = {bus_layout->mem32.base, bus_layout->mem32.size};
	const struct acpi_window mem64 = {bus_layout->mem64.base, bus_layout->mem64.size};
	struct acpi_pci_route routes[DEVICES * PINS];
	struct acpi_cpu processors[ACPI_MAX_CPUS];
	const struct acpi_pci_segment segment = {
		.segment = bus_layout->segment,
		.bus_last = (uint8_t)(bus_layout->ecam.size / VMM_1MIB - 1),
		.ecam_base = bus_layout->ecam.base,
		.io = ports,
		.n_io = sizeof(ports) / sizeof(ports[0]),
		.mmio32 = &mem32,
		.n_mmio32 = 1,
		.mmio64 = &mem64,
		.n_mmio64 = mem64.size ? 1 : 0,
		.routes = routes,
		.n_routes = DEVICES * PINS,
	};
	struct acpi_endpoints ranges[2];
	const struct acpi_viommu viommu = {
		.segment = bus_layout->segment,
		.address = (uint16_t)machine->viommu,
		.ranges = ranges,
		.n_ranges = set_endpoints(machine->viommu, ranges),
	};
	struct acpi_platform platform = {
		.cpus = processors,
		.n_cpus = machine->cpus,
		.lapic_base = VMM_LAPIC,
		.ioapic = {.id = IOAPIC_ID, .base = VMM_IOAPIC, .gsi_base = 0},
		.overrides = overrides,
		.n_overrides = sizeof(overrides) / sizeof(overrides[0]),
		.segments = &segment,
		.n_segments = 1,
		.serial = &serial,
		.n_serial = 1,
		.rtc = true,
		.rtc_century = VMM_RTC_CENTURY,
		.viommu = machine->viommu == VMM_PLATFORM_NO_VIOMMU ? NULL : &viommu,
		.rsdp_address = VMM_RSDP,
		.tables_base = VMM_ACPI_TABLES,
		.tables_size = VMM_ACPI_TABLES_SIZE,
	};
	const char *why = "";
	int error;

	for (unsigned int i = 0; i < machine->cpus; i++)
		processors[i].apic_id = i;
	set_pm(&platform.pm);
	set_routes(machine->bus, routes);
	error = acpi_tables_build(&platform, &why, out);
	if (error)
		return vmm_fail(reason, error, "ACPI tables: %s", why);
	return 0;
}

static int platform_copy(const struct acpi_tables *tables, const struct vmm_memory *memory,
			 struct vmm_reason *reason)
{
	void *rsdp = vmm_memory_at(memory, tables->rsdp_address, sizeof(tables->rsdp));
	void *bytes = vmm_memory_at(memory, tables->address, tables->length);

	if (!rsdp || !bytes)
		return vmm_fail(reason, -EFAULT, "ACPI tables: no RAM where they go");
	memcpy(rsdp, tables->rsdp, sizeof(tables->rsdp));
	memcpy(bytes, tables->bytes, tables->length);
	return 0;
}

int vmm_platform_load(const struct vmm_platform *platform, const struct vmm_memory *memory,
		      const char *dump, struct vmm_reason *reason)
{
	struct acpi_tables tables;
	int error;

	error = vmm_platform_build(platform, &tables, reason);
	if (error)
		return error;
	error = platform_copy(&tables, memory, reason);
	if (!error && dump)
		error = vmm_dump_acpi(&tables, dump, reason);
	acpi_tables_free(&tables);
	return error;
}
