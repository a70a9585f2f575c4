// SPDX-License-Identifier: MIT
/* An IDE controller in compatibility mode: fixed ports, ISA interrupts, no pin. */
#include "device.h"

#define SLOT (1 << 3)

static struct host host;
static struct vpci_bus *bus;
static struct device device;

static void ide_start(void)
{
	bus = host_bus(&host);
	device_ide(&device);
	cr_assert_eq(vpci_bus_add(bus, SLOT, device_assign(&device)), SLOT);
	cr_assert_eq(vpci_bus_assign(bus), 0);
}

static void ide_end(void)
{
	vpci_bus_destroy(bus);
	cr_expect_eq(host_wire_count(&host), 0);
	device_fini(&device);
	host_check_leaks();
}

TestSuite(ide, .init = ide_start, .fini = ide_end);

Test(ide, its_registers_look_like_the_controllers)
{
	cr_expect_eq(host_config_read(bus, SLOT, PCI_VENDOR_ID, 4), 0x70108086);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_CLASS_REVISION, 4), 0x01018000);
	for (unsigned int i = 0; i < 4; i++) {
		host_config_write(bus, SLOT, PCI_BASE_ADDRESS_0 + 4 * i, 4, UINT32_MAX);
		cr_expect_eq(host_config_read(bus, SLOT, PCI_BASE_ADDRESS_0 + 4 * i, 4), 0);
	}
	cr_expect_eq(host_config_read(bus, SLOT, PCI_BASE_ADDRESS_4, 4), HOST_PORTS | 1);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_INTERRUPT_PIN, 1), 0);
	cr_expect_eq(host_config_read(bus, SLOT, 0x100, 4), UINT32_MAX);
}

Test(ide, its_fixed_ports_appear_in_their_places)
{
	static const struct {
		uint16_t port;
		unsigned int bar, offset;
	} cases[] = {{0x1f0, 0, 0}, {0x1f7, 0, 7}, {0x3f6, 1, 0},
		     {0x170, 2, 0}, {0x177, 2, 7}, {0x376, 3, 0}};
	uint32_t value;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(vpci_bus_port_write(bus, cases[i].port, 1, 0x50 + (uint32_t)i));
		cr_expect_eq(device.bars[cases[i].bar][cases[i].offset], 0x50 + i);
		cr_expect(vpci_bus_port_read(bus, cases[i].port, 1, &value));
		cr_expect_eq(value, 0x50 + i);
	}
	cr_expect_not(vpci_bus_port_read(bus, 0x3f7, 1, &value));
	cr_expect_not(vpci_bus_port_read(bus, 0x1ef, 1, &value));
	cr_expect_not(vpci_bus_port_read(bus, 0x1f8, 1, &value));
}

Test(ide, the_data_port_takes_words_and_dwords)
{
	uint32_t value;

	cr_expect(vpci_bus_port_write(bus, 0x1f0, 4, 0x11223344));
	cr_expect(vpci_bus_port_read(bus, 0x1f0, 2, &value));
	cr_expect_eq(value, 0x3344);
}

Test(ide, the_bus_master_can_be_moved)
{
	host_config_write(bus, SLOT, PCI_BASE_ADDRESS_4, 4, HOST_PORTS + 0x40);
	cr_expect(vpci_bus_port_write(bus, HOST_PORTS + 0x44, 4, 0x1000));
	cr_expect_eq(device.bars[4][5], 0x10);
	cr_expect_not(vpci_bus_port_write(bus, HOST_PORTS + 4, 4, 0));
}

Test(ide, decoding_follows_the_command_register)
{
	uint32_t value;

	host_config_write(bus, SLOT, PCI_COMMAND, 2, 0);
	cr_expect_not(vpci_bus_port_read(bus, 0x1f7, 1, &value));
	cr_expect_eq(device.command, PCI_COMMAND_IO);
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
	cr_expect(vpci_bus_port_read(bus, 0x1f7, 1, &value));
	cr_expect_eq(device.command, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
}

Test(ide, its_lines_are_edges_on_14_and_15)
{
	cr_expect_eq(device.type, ULDF_IRQ_ISA);
	cr_expect_eq(host_wire_count(&host), 2);
	for (unsigned int i = 0; i < 2; i++) {
		cr_expect_eq(host.wires[i].gsi, 14 + i);
		cr_expect_eq(host.wires[i].fd, device.fds[i]);
		cr_expect_eq(host.wires[i].resample, -1);
	}
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_INTX_DISABLE);
	cr_expect_eq(host_wire_count(&host), 2);
}

Test(ide, timings_pass)
{
	cr_expect_eq(host_config_read(bus, SLOT, 0x40, 4), 0x80008000);
	host_config_write(bus, SLOT, 0x40, 2, 0xa307);
	host_config_write(bus, SLOT, 0x48, 1, 1);
	cr_expect_eq(device_get(&device, 0x40, 4), 0x8000a307);
	cr_expect_eq(device_get(&device, 0x48, 1), 1);
}

Test(ide, a_system_reset_stops_it_and_leaves_its_lines)
{
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
	cr_expect_eq(vpci_bus_reset(bus), 0);
	cr_expect_eq(device.command, PCI_COMMAND_IO);
	cr_expect_eq(device.type, ULDF_IRQ_ISA);
	cr_expect_eq(host_wire_count(&host), 2);
}

Test(ide, without_its_lines_it_is_refused)
{
	struct vpci_function *function;
	struct device other;

	device_ide(&other);
	other.enable_errors[ULDF_IRQ_ISA] = -EBUSY;
	function = device_assign(&other);
	cr_expect_eq(vpci_bus_add(bus, SLOT + 8, function), -EBUSY);
	cr_expect_eq(host_wire_count(&host), 2, "only the first one's are wired");
	vpci_function_destroy(function);
	device_fini(&other);
}
