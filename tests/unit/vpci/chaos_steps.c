// SPDX-License-Identifier: MIT
/* What a guest does to configuration space, memory, ports and interrupts, and what happens to its devices. */
#include "assigned_function.h"
#include "chaos.h"

static const uint8_t chaos_devfns[] = {0, CHAOS_VIOMMU, 16, 24, 32, CHAOS_MODEL};

static unsigned int draw_devfn(void)
{
	return chaos_one_in(16) ? (unsigned int)chaos_draw(256)
				: chaos_devfns[chaos_draw(sizeof(chaos_devfns))];
}

static unsigned int draw_width(void)
{
	return 1u << chaos_draw(3);
}

/* One that something depends on: BARs, the command register, capabilities of device_card(). */
static unsigned int draw_register(void)
{
	static const uint8_t capabilities[] = {0x70, 0x80, 0xc8, 0xd0, 0x40, 0x84, 0x98};

	switch (chaos_draw(4)) {
	case 0:
		return PCI_COMMAND;
	case 1:
		return PCI_BASE_ADDRESS_0 + 4 * (unsigned int)chaos_draw(6);
	case 2:
		return capabilities[chaos_draw(sizeof(capabilities))] +
		       (unsigned int)chaos_draw(0x18);
	}
	return (unsigned int)chaos_draw(0x1000);
}

static void access_config(void)
{
	unsigned int devfn = draw_devfn(), offset = draw_register(), width = draw_width();
	uint32_t value;

	if (chaos_one_in(2)) {
		if (chaos_one_in(4))
			chaos_config_read(devfn, offset & 0xffc, width);
		else
			chaos_config_write(devfn, offset & 0xffc, width, (uint32_t)chaos_value());
		return;
	}
	vpci_bus_port_write(chaos.bus, 0xcf8, 4, 0x80000000 | devfn << 8 | (offset & 0xfc));
	if (chaos_one_in(4))
		vpci_bus_port_read(chaos.bus, (uint16_t)(0xcfc + chaos_draw(4)), width, &value);
	else
		vpci_bus_port_write(chaos.bus, (uint16_t)(0xcfc + chaos_draw(4)), width,
				    (uint32_t)chaos_value());
}

/* Addresses of few pages, so that BARs meet; mostly with decoding on. */
static void access_bar(void)
{
	unsigned int devfn = draw_devfn(), bar = (unsigned int)chaos_draw(6);
	uint64_t address = chaos_one_in(3)   ? HOST_PORTS + chaos_draw(8) * 16
			   : chaos_one_in(2) ? HOST_MEM32 + chaos_draw(24) * 0x800
					     : HOST_MEM64 + chaos_draw(8) * 0x1000;

	chaos_config_write(devfn, PCI_BASE_ADDRESS_0 + 4 * bar, 4, (uint32_t)address);
	if (bar < 5 && chaos_one_in(2))
		chaos_config_write(devfn, PCI_BASE_ADDRESS_0 + 4 * (bar + 1), 4,
				   (uint32_t)(address >> 32));
	if (!chaos_one_in(8))
		chaos_config_write(devfn, PCI_COMMAND, 2,
				   PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
					   (chaos_one_in(4) ? 0 : PCI_COMMAND_MASTER));
}

static uint64_t draw_address(void)
{
	static const uint64_t bases[] = {HOST_MEM32, HOST_MEM64, HOST_ECAM, HOST_MEM32 - 8,
					 HOST_MEM64 + 0xfffffff8};

	return bases[chaos_draw(5)] + chaos_draw(1ull << (4 + chaos_draw(16)));
}

static void access_memory(void)
{
	uint64_t address = chaos_one_in(32) ? chaos_value() : draw_address(), value;
	unsigned int width = 1u << chaos_draw(4);

	if (chaos_one_in(2))
		vpci_bus_memory_read(chaos.bus, address, width, &value);
	else
		vpci_bus_memory_write(chaos.bus, address, width, chaos_value());
}

static void access_ports(void)
{
	static const uint16_t bases[] = {HOST_PORTS, 0x1f0, 0x170, 0x3f4, 0x374, 0xcf6, 0xfff8};
	uint16_t port = (uint16_t)(bases[chaos_draw(7)] + chaos_draw(chaos_one_in(4) ? 256 : 16));
	unsigned int width = draw_width();
	uint32_t value;

	if (chaos_one_in(2))
		vpci_bus_port_read(chaos.bus, port, width, &value);
	else
		vpci_bus_port_write(chaos.bus, port, width, (uint32_t)chaos_value());
}

void chaos_access(void)
{
	static void (*const kinds[])(void) = {access_config, access_bar, access_memory,
					      access_ports};

	kinds[chaos_draw(4)]();
}

/* Writes through the BAR if it is decoded; the table is in BAR 0 of each card. */
static void write_entry(struct chaos_device *slot)
{
	uint64_t base = 0, entry = 0x2000 + 16 * chaos_draw(10);

	if (!slot->function || !vpci_config_bar_base(&slot->function->config, 0, &base))
		return;
	switch (chaos_draw(4)) {
	case 0:
		vpci_bus_memory_write(chaos.bus, base + entry, 8,
				      chaos_one_in(8) ? chaos_value()
						      : 0xfee00000 + (chaos_draw(4) << 12));
		return;
	case 1:
		vpci_bus_memory_write(chaos.bus, base + entry + 8, 4, chaos_draw(256));
		return;
	}
	vpci_bus_memory_write(chaos.bus, base + entry + 12, 4, chaos_draw(2));
}

void chaos_interrupt(void)
{
	struct chaos_device *slot = &chaos.devices[chaos_draw(CHAOS_DEVICES)];
	unsigned int vector = (unsigned int)chaos_draw(8);

	switch (chaos_draw(8)) {
	case 0:
		chaos_config_write(slot->devfn, 0x72, 2, (uint32_t)chaos_draw(4) << 14);
		return;
	case 1:
		chaos_config_write(slot->devfn, 0xd2, 2, (uint32_t)chaos_draw(128));
		return;
	case 2:
		chaos_config_write(slot->devfn, 0xd4, 4,
				   0xfee00000 | (uint32_t)chaos_draw(4) << 12);
		chaos_config_write(slot->devfn, 0xd8, 4, 0);
		return;
	case 3:
		chaos_config_write(slot->devfn, 0xe0, 4, (uint32_t)chaos_draw(16));
		return;
	case 4:
		if (slot->function && !slot->device.gone && slot->device.type == ULDF_IRQ_MSIX)
			device_fire(&slot->device, vector);
		return;
	}
	write_entry(slot);
}

/* The guest takes down all interrupts and windows, and sets them up as they were. */
static void settle(void)
{
	chaos_fail(false);
	if (chaos_one_in(64)) {
		vpci_bus_reset(chaos.bus);
		chaos.unsettled_isa = false;
		memset(chaos.domain_of, 0, sizeof(chaos.domain_of));
	}
	for (unsigned int i = 0; i < CHAOS_DEVICES; i++) {
		unsigned int devfn = chaos.devices[i].devfn;
		uint32_t command = chaos_config_read(devfn, PCI_COMMAND, 2);
		uint32_t msix = chaos_config_read(devfn, 0x72, 2);
		uint32_t msi = chaos_config_read(devfn, 0xd2, 2);

		if (!chaos.devices[i].function || chaos.devices[i].function->gone)
			continue;
		if (devfn != 32) {
			chaos_config_write(devfn, 0x72, 2, 0);
			chaos_config_write(devfn, 0xd2, 2, 0);
		}
		chaos_config_write(devfn, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
		chaos_config_write(devfn, PCI_COMMAND, 2, command);
		if (devfn != 32) {
			chaos_config_write(devfn, 0xd2, 2, msi);
			chaos_config_write(devfn, 0x72, 2, msix);
		}
	}
	chaos.unsettled = false;
}

static void event_pull(struct chaos_device *slot)
{
	bool endpoint = slot->devfn < IOMMU_ENDPOINTS;

	if (slot->function) {
		if (endpoint)
			vpci_viommu_remove_endpoint(chaos.viommu, slot->devfn);
		chaos.domain_of[slot->devfn % IOMMU_ENDPOINTS] = 0;
		chaos_unplug(slot);
		return;
	}
	if (!chaos_plug(slot) || !endpoint)
		return;
	/* The VMM gives up when the endpoint cannot be confined. */
	if (vpci_viommu_add_endpoint(chaos.viommu, slot->devfn, NULL, 0))
		chaos_unplug(slot);
}

static void event_vanish(struct chaos_device *slot)
{
	if (!slot->function)
		return;
	slot->device.gone = true;
	slot->device.events = chaos_one_in(2) ? ULDF_EVENT_REMOVED : 0;
	if (chaos_one_in(2)) {
		cr_assert_eq(vpci_bus_presence(chaos.bus, slot->devfn), VPCI_GONE);
		slot->noticed = true;
	}
}

void chaos_event(void)
{
	struct chaos_device *slot = &chaos.devices[chaos_draw(CHAOS_DEVICES)];

	switch (chaos_draw(12)) {
	case 0:
		if (!slot->function || slot->device.gone || chaos_one_in(8))
			event_pull(slot);
		return;
	case 1:
		if (chaos_one_in(8))
			event_vanish(slot);
		return;
	case 2:
		if (!chaos_one_in(8))
			return;
		vpci_bus_reset(chaos.bus);
		memset(chaos.domain_of, 0, sizeof(chaos.domain_of));
		return;
	case 3: /* by function */
		chaos_config_write(slot->devfn, 0x80 + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR);
		return;
	case 4:
	case 5:
		vpci_function_set_line(&chaos.model->function, chaos_draw(2));
		return;
	case 6:
		chaos_fail(true);
		return;
	case 7:
		slot->device.reset_error = chaos_one_in(2) ? -EIO : 0;
		return;
	}
	settle();
}
