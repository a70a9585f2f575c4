// SPDX-License-Identifier: MIT
#include "device.h"

#define SLOT (1 << 3)

static struct host host;
static struct vpci_bus *bus;
static struct device device;

static void config_start(void)
{
	bus = host_bus(&host);
	device_card(&device);
	cr_assert_eq(vpci_bus_add(bus, SLOT, device_assign(&device)), SLOT);
}

static void config_end(void)
{
	vpci_bus_destroy(bus);
	device_fini(&device);
	host_check_leaks();
}

TestSuite(assigned_config, .init = config_start, .fini = config_end);

static uint32_t config_read(unsigned int offset, unsigned int width)
{
	return host_config_read(bus, SLOT, offset, width);
}

static void config_write(unsigned int offset, unsigned int width, uint32_t value)
{
	host_config_write(bus, SLOT, offset, width, value);
}

Test(assigned_config, identity_is_the_devices)
{
	cr_expect_eq(config_read(PCI_VENDOR_ID, 4), 0x10d38086);
	cr_expect_eq(config_read(PCI_CLASS_REVISION, 4), 0x02000007);
	cr_expect_eq(config_read(PCI_SUBSYSTEM_VENDOR_ID, 4), 0xa01f8086);
	cr_expect_eq(config_read(PCI_INTERRUPT_PIN, 1), 1);
	cr_expect_eq(config_read(PCI_HEADER_TYPE, 1), 0);
}

Test(assigned_config, decoding_stays_on_in_the_device)
{
	cr_expect_eq(device.command, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	config_write(PCI_COMMAND, 2, 0);
	cr_expect_eq(device.command, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	cr_expect_eq(config_read(PCI_COMMAND, 2), 0);
}

/* What a move leaves behind that has failed twice. */
Test(assigned_config, a_device_without_a_space_decodes_but_masters_no_bus)
{
	device.handle->attached = false;
	config_write(PCI_COMMAND, 2, PCI_COMMAND_MASTER | PCI_COMMAND_INVALIDATE);
	cr_expect_eq(device.command, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_INVALIDATE);
}

Test(assigned_config, bus_mastering_follows_the_guest)
{
	config_write(PCI_COMMAND, 2, PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
	cr_expect_eq(device.command, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	cr_expect_eq(config_read(PCI_COMMAND, 2), PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
	config_write(PCI_COMMAND, 1, 0);
	cr_expect_eq(device.command, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
}

Test(assigned_config, the_host_says_whether_errors_are_reported)
{
	cr_assert_eq(vpci_bus_remove(bus, SLOT), 0);
	device_fini(&device);
	device_card(&device);
	device_set(&device, PCI_COMMAND, 2, PCI_COMMAND_SERR | PCI_COMMAND_MASTER);
	cr_assert_eq(vpci_bus_add(bus, SLOT, device_assign(&device)), SLOT);
	cr_expect_eq(device.command, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_SERR);
	config_write(PCI_COMMAND, 2, PCI_COMMAND_SERR);
	config_write(PCI_COMMAND, 2, 0);
	cr_expect_eq(device.command, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_SERR);
	cr_expect_eq(config_read(PCI_COMMAND, 2), 0);
}

Test(assigned_config, status_passes)
{
	cr_expect_eq(config_read(PCI_STATUS, 2), PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_CAP_LIST);
	device_set(&device, PCI_STATUS, 2, 0x02a0);
	cr_expect_eq(config_read(PCI_STATUS, 2), 0x02b0);
	cr_expect_eq(config_read(PCI_COMMAND, 4), 0x02b00000);
	config_write(PCI_COMMAND, 4, 0xf9000000);
	cr_expect_eq(device_get(&device, PCI_STATUS, 2), 0xf900);
	cr_expect_eq(device_get(&device, PCI_COMMAND, 2), PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
}

Test(assigned_config, the_vendors_registers_pass)
{
	cr_expect_eq(config_read(0x44, 4), 0x44444444);
	config_write(0x45, 1, 0x55);
	cr_expect_eq(device_get(&device, 0x44, 4), 0x44445544);
	config_write(0x46, 2, 0x6677);
	cr_expect_eq(config_read(0x44, 4), 0x66775544);
}

Test(assigned_config, a_partly_live_write_keeps_the_rest)
{
	config_write(0x80 + PCI_EXP_DEVCTL, 2, 0x50f0);
	cr_expect_eq(device_get(&device, 0x80 + PCI_EXP_DEVCTL, 2), 0x281f);
	cr_expect_eq(config_read(0x80 + PCI_EXP_DEVCTL, 2), 0x50e0 | 0x10);
	config_write(0x80 + PCI_EXP_DEVCTL, 1, 0x00);
	cr_expect_eq(device_get(&device, 0x80 + PCI_EXP_DEVCTL, 2), 0x280f);
	cr_expect_eq(config_read(0x80 + PCI_EXP_DEVCTL, 2), 0x5000);
}

Test(assigned_config, what_is_modelled_never_reaches_the_device)
{
	unsigned int writes = device.region_writes;

	config_write(PCI_BASE_ADDRESS_0, 4, UINT32_MAX);
	config_write(PCI_ROM_ADDRESS, 4, UINT32_MAX);
	config_write(0xd0 + PCI_MSI_ADDRESS_LO, 4, 0xfee00000);
	config_write(0xc8 + PCI_PM_CTRL, 2, 3);
	config_write(0x80 + PCI_EXP_LNKCTL, 2, 0xffff);
	config_write(0x104, 4, UINT32_MAX);
	config_write(PCI_INTERRUPT_LINE, 1, 11);
	cr_expect_eq(device.region_writes, writes);
	cr_expect_eq(config_read(PCI_BASE_ADDRESS_0, 4), 0xffffc000);
	cr_expect_eq(config_read(PCI_ROM_ADDRESS, 4), 0);
	cr_expect_eq(config_read(0xc8 + PCI_PM_CTRL, 2), 0xb);
}

Test(assigned_config, any_access_is_survived)
{
	uint32_t seed = 7;

	for (unsigned int i = 0; i < 20000; i++) {
		unsigned int width = 1u << (seed >> 30), offset;

		if (width > 4)
			width = 4;
		seed = seed * 1664525 + 1013904223;
		offset = (seed >> 12) % 4096 & ~(width - 1);
		if (seed & 0x800)
			config_write(offset, width, seed);
		else
			config_read(offset, width);
	}
	vpci_bus_reset(bus);
	cr_expect_eq(host_route_count(&host), 0);
	cr_expect_eq(host_wire_count(&host), 1);
}
