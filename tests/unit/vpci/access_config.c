// SPDX-License-Identifier: MIT
/* The two ways to configuration space: ports 0xcf8/0xcfc and ECAM. */
#include <linux/pci_regs.h>
#include "model.h"

#define SLOT (3 << 3)

static struct host host;
static struct vpci_bus *bus;

static void access_start(void)
{
	bus = host_bus(&host);
	model_add(model_create(256), bus, SLOT);
}

static void access_end(void)
{
	vpci_bus_destroy(bus);
	host_check_leaks();
}

TestSuite(access_config, .init = access_start, .fini = access_end);

static uint32_t port_read(uint16_t port, unsigned int width)
{
	uint32_t value = 0;

	cr_assert(vpci_bus_port_read(bus, port, width, &value));
	return value;
}

static void select_register(unsigned int number, unsigned int devfn, unsigned int offset)
{
	cr_assert(vpci_bus_port_write(bus, 0xcf8, 4,
				      0x80000000u | number << 16 | devfn << 8 | offset));
}

Test(access_config, ports_reach_every_byte_lane)
{
	select_register(0, SLOT, PCI_VENDOR_ID);
	cr_expect_eq(port_read(0xcfc, 4), 0x56781234);
	cr_expect_eq(port_read(0xcfc, 2), 0x1234);
	cr_expect_eq(port_read(0xcfe, 2), 0x5678);
	cr_expect_eq(port_read(0xcfc, 1), 0x34);
	cr_expect_eq(port_read(0xcfd, 1), 0x12);
	cr_expect_eq(port_read(0xcfe, 1), 0x78);
	cr_expect_eq(port_read(0xcff, 1), 0x56);
	cr_expect_eq(port_read(0xcfd, 2), 0x7812);
}

Test(access_config, ports_write_every_byte_lane)
{
	select_register(0, SLOT, PCI_INTERRUPT_LINE);
	cr_expect(vpci_bus_port_write(bus, 0xcfc, 1, 0x0a));
	cr_expect_eq(port_read(0xcfc, 4), 0x0000010a);
	select_register(0, SLOT, PCI_COMMAND);
	cr_expect(vpci_bus_port_write(bus, 0xcfd, 1, 0x04));
	cr_expect_eq(port_read(0xcfc, 2), 0x0400);
	select_register(0, SLOT, PCI_CACHE_LINE_SIZE);
	cr_expect(vpci_bus_port_write(bus, 0xcfc, 4, 0xffff2010));
	cr_expect_eq(port_read(0xcfc, 4), 0x00002010);
}

Test(access_config, address_register_is_a_dword_with_reserved_bits)
{
	uint32_t value = 7;

	cr_expect(vpci_bus_port_write(bus, 0xcf8, 4, 0xffffffff));
	cr_expect_eq(port_read(0xcf8, 4), 0x80fffffc);
	/* 0xcf9 as a byte is the platform's reset register. */
	cr_expect_not(vpci_bus_port_write(bus, 0xcf9, 1, 6));
	cr_expect_not(vpci_bus_port_read(bus, 0xcf8, 2, &value));
	cr_expect_eq(value, 7);
}

Test(access_config, without_the_enable_bit_ports_read_ones)
{
	cr_expect(vpci_bus_port_write(bus, 0xcf8, 4, SLOT << 8));
	cr_expect_eq(port_read(0xcfc, 4), UINT32_MAX);
	cr_expect(vpci_bus_port_write(bus, 0xcfc, 4, 0));
}

Test(access_config, empty_slots_and_other_buses_read_ones)
{
	select_register(0, 9 << 3, 0);
	cr_expect_eq(port_read(0xcfc, 4), UINT32_MAX);
	cr_expect_eq(port_read(0xcfd, 1), 0xff);
	select_register(1, SLOT, 0);
	cr_expect_eq(port_read(0xcfc, 4), UINT32_MAX);
	cr_expect_eq(host_config_read(bus, 9 << 3, 0, 2), 0xffff);
	cr_expect_eq(host_memory_read(bus, HOST_ECAM + 0x100000, 4), UINT32_MAX);
	cr_expect_eq(host_memory_read(bus, HOST_ECAM, 4), 0x00081b36);
	host_memory_write(bus, HOST_ECAM + 0x100000 + (SLOT << 12) + PCI_COMMAND, 2, 7);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_COMMAND, 2), 0);
}

Test(access_config, ecam_takes_all_widths)
{
	cr_expect_eq(host_config_read(bus, SLOT, 0, 4), 0x56781234);
	cr_expect_eq(host_config_read(bus, SLOT, 3, 1), 0x56);
	cr_expect_eq(host_memory_read(bus, HOST_ECAM + (SLOT << 12), 8), 0x0000000056781234);
	cr_expect_eq(host_memory_read(bus, HOST_ECAM + (SLOT << 12) + 1, 2), 0x7812);
	host_config_write(bus, SLOT, PCI_INTERRUPT_LINE, 1, 5);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_INTERRUPT_LINE, 2), 0x0105);
}

Test(access_config, conventional_functions_have_no_extended_space)
{
	cr_expect_eq(host_config_read(bus, SLOT, 0x100, 4), UINT32_MAX);
	cr_expect_eq(host_config_read(bus, SLOT, 0xffc, 4), UINT32_MAX);
	host_config_write(bus, SLOT, 0x104, 4, 0);
}

Test(access_config, express_functions_have_extended_space)
{
	struct model *model = model_create(VPCI_CONFIG_SIZE);

	vpci_config_add_extended(&model->function.config, PCI_EXT_CAP_ID_DSN, 1, 0x100, 12);
	model_add(model, bus, 4 << 3);
	cr_expect_eq(host_config_read(bus, 4 << 3, 0x100, 4), 0x00010003);
	cr_expect_eq(host_config_read(bus, 4 << 3, 0xffc, 4), 0);
}

Test(access_config, ecam_ends_where_its_window_ends)
{
	uint64_t value;

	cr_expect_eq(host_memory_read(bus, HOST_ECAM + 0x1ffffc, 4), UINT32_MAX);
	cr_expect_not(vpci_bus_memory_read(bus, HOST_ECAM + 0x200000, 4, &value));
	cr_expect_not(vpci_bus_memory_read(bus, HOST_ECAM - 4, 4, &value));
}

Test(access_config, ports_belong_to_the_bus_that_was_given_them)
{
	struct vpci_layout layout = host_layout();
	struct vpci_bus *other;
	uint32_t value;

	layout.config_ports = false;
	cr_assert_eq(vpci_bus_create(&layout, &host_ops, &host, &other), 0);
	cr_expect_not(vpci_bus_port_write(other, 0xcf8, 4, 0x80000000));
	cr_expect_not(vpci_bus_port_read(other, 0xcfc, 4, &value));
	vpci_bus_destroy(other);
}

Test(access_config, several_functions_are_told_by_the_header)
{
	cr_expect_eq(host_config_read(bus, SLOT, PCI_HEADER_TYPE, 1), 0);
	model_add(model_create(256), bus, SLOT + 2);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_HEADER_TYPE, 1), 0x80);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_CACHE_LINE_SIZE, 4), 0x00800000);
	cr_expect_eq(host_config_read(bus, SLOT + 2, PCI_HEADER_TYPE, 1), 0x80);
	cr_expect_eq(host_config_read(bus, 0, PCI_HEADER_TYPE, 1), 0);
	cr_expect_eq(vpci_bus_remove(bus, SLOT + 2), 0);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_HEADER_TYPE, 1), 0);
}
