// SPDX-License-Identifier: MIT
#include "device.h"

#define SLOT (1 << 3)

static struct host host;
static struct vpci_bus *bus;
static struct device device;

static void assigned_start(void)
{
	bus = host_bus(&host);
	device_card(&device);
}

static void assigned_end(void)
{
	vpci_bus_destroy(bus);
	device_fini(&device);
	host_check_leaks();
}

TestSuite(assigned, .init = assigned_start, .fini = assigned_end);

static void assigned_add(void)
{
	cr_assert_eq(vpci_bus_add(bus, SLOT, device_assign(&device)), SLOT);
	cr_assert_eq(vpci_bus_assign(bus), 0);
}

Test(assigned, a_function_owns_its_device)
{
	struct vpci_function *function = device_assign(&device);

	cr_expect_eq(device.maps, 1);
	vpci_function_destroy(function);
	cr_expect_eq(device.closes, 1);
	cr_expect_eq(device.maps, 0);
	vpci_function_destroy(NULL);
}

Test(assigned, a_bridge_is_enotsup)
{
	struct vpci_function *function = NULL;
	char reason[100] = "";

	device_set(&device, PCI_HEADER_TYPE, 1, PCI_HEADER_TYPE_BRIDGE);
	cr_expect_eq(device_try_assign(&device, reason, sizeof(reason), &function), -ENOTSUP);
	cr_expect_str_eq(reason, "device 0000:00:06.0: a bridge cannot be assigned");
	cr_expect_null(function);
	cr_expect_eq(device_try_assign(&device, NULL, 0, &function), -ENOTSUP);
}

Test(assigned, a_region_that_fits_no_bar_is_enotsup)
{
	struct vpci_function *function;
	char reason[100];

	device.regions[5] = (struct uldf_region){.size = 0x1000, .is64 = true};
	cr_expect_eq(device_try_assign(&device, reason, sizeof(reason), &function), -ENOTSUP);
	device.regions[5] = (struct uldf_region){.size = 1ull << 33};
	cr_expect_eq(device_try_assign(&device, reason, sizeof(reason), &function), -ENOTSUP);
	cr_expect_eq(device.closes, 2);
}

Test(assigned, memory_at_a_fixed_address_is_enotsup)
{
	struct vpci_function *function;
	char reason[100];

	device.regions[5] = (struct uldf_region){
		.size = 0x20000, .address = 0xa0000, .fixed = true, .writable = true};
	cr_expect_eq(device_try_assign(&device, reason, sizeof(reason), &function), -ENOTSUP);
	cr_expect_str_eq(reason, "device 0000:00:06.0: a region of it fits no BAR");
	device.regions[5].ports = true;
	device.regions[5].address = 0x3c0;
	device.regions[5].size = 0x20;
	cr_expect_eq(device_try_assign(&device, reason, sizeof(reason), &function), 0);
	vpci_function_destroy(function);
}

Test(assigned, a_device_that_is_gone_is_enodev)
{
	struct vpci_function *function;
	char reason[100];

	device.gone = true;
	cr_expect_eq(device_try_assign(&device, reason, sizeof(reason), &function), -ENODEV);
}

Test(assigned, flr_resets_the_device_alone)
{
	assigned_add();
	host_config_write(bus, SLOT, PCI_COMMAND, 2,
			  PCI_COMMAND_MEMORY | PCI_COMMAND_IO | PCI_COMMAND_MASTER);
	host_config_write(bus, SLOT, 0x70 + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
	host_memory_write(bus, HOST_MEM32 + 0x2000, 8, 0xfee01000);
	host_memory_write(bus, HOST_MEM32 + 0x200c, 4, 0);
	cr_expect_eq(host_route_count(&host), 1);
	host_config_write(bus, SLOT, 0x80 + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR | 0x0010);
	cr_expect_eq(device.resets, 1);
	cr_expect_eq(host_route_count(&host), 0);
	cr_expect_eq(host_window_count(&host), 0);
	cr_expect_eq(device.type, ULDF_IRQ_INTX);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_COMMAND, 2), 0);
	cr_expect_eq(host_config_read(bus, SLOT, 0x70 + PCI_MSIX_FLAGS, 2), 7);
	cr_expect_eq(host_config_read(bus, SLOT, 0x80 + PCI_EXP_DEVCTL, 2) & 0x8000, 0);
	cr_expect_eq(device.command, PCI_COMMAND_MEMORY | PCI_COMMAND_IO);
	/* The table is masked again. */
	vpci_bus_assign(bus);
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x200c, 4), 1);
	host_config_write(bus, SLOT, 0x80 + PCI_EXP_DEVCTL + 1, 1, 0x80);
	cr_expect_eq(device.resets, 2);
	host_config_write(bus, SLOT, 0x80 + PCI_EXP_DEVCTL, 4, 0x8000);
	cr_expect_eq(device.resets, 3);
	host_config_write(bus, SLOT, 0x80 + PCI_EXP_DEVCTL, 1, 0x80);
	host_config_write(bus, SLOT, 0x80 + PCI_EXP_DEVSTA, 2, 0xffff);
	cr_expect_eq(device.resets, 3);
}

Test(assigned, a_device_without_reset_shows_no_flr)
{
	device.info.resets = false;
	assigned_add();
	cr_expect_eq(host_config_read(bus, SLOT, 0x80 + PCI_EXP_DEVCAP, 4), PCI_EXP_DEVCAP_RBER);
	host_config_write(bus, SLOT, 0x80 + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR);
	cr_expect_eq(device.resets, 0);
}

Test(assigned, what_cannot_be_reset_is_stopped)
{
	device.reset_error = -ENOTSUP;
	assigned_add();
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	cr_expect_eq(vpci_bus_reset(bus), 0);
	cr_expect_eq(device.command & PCI_COMMAND_MASTER, 0);
	device.reset_error = -EIO;
	cr_expect_eq(vpci_bus_reset(bus), -EIO);
	cr_expect_eq(device.type, ULDF_IRQ_INTX);
}

Test(assigned, removal_stops_bus_mastering)
{
	assigned_add();
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	cr_expect(device.command & PCI_COMMAND_MASTER);
	cr_expect_eq(vpci_bus_remove(bus, SLOT), 0);
	cr_expect_not(device.command & PCI_COMMAND_MASTER);
	cr_expect_eq(device.type, -1);
	cr_expect_eq(device.closes, 1);
	cr_expect_eq(host_wire_count(&host), 0);
}

Test(assigned, a_device_that_vanished_reads_ones)
{
	assigned_add();
	device.gone = true;
	cr_expect_eq(host_config_read(bus, SLOT, PCI_VENDOR_ID, 4), UINT32_MAX);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_COMMAND, 2), 0xffff);
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x10, 4), UINT32_MAX);
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x2000, 8), UINT64_MAX);
	host_memory_write(bus, HOST_MEM32 + 0x10, 4, 0);
	host_config_write(bus, SLOT, PCI_COMMAND, 2, 7);
	vpci_bus_reset(bus);
}

Test(assigned, vanishing_is_noticed_by_a_bar_access_too)
{
	assigned_add();
	device.gone = true;
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x10, 4), UINT32_MAX);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_CLASS_REVISION, 4), UINT32_MAX);
}

Test(assigned, any_access_that_finds_it_gone_hides_its_windows)
{
	assigned_add();
	cr_expect_eq(host_window_count(&host), 1);
	device.gone = true;
	host_config_read(bus, SLOT, PCI_VENDOR_ID, 4);
	cr_expect_eq(host_window_count(&host), 0);
	cr_expect_eq(vpci_bus_check(bus), 1);
	cr_expect_eq(host_memory_read(bus, HOST_MEM32, 4), UINT32_MAX);
}

Test(assigned, a_check_finds_it_gone_without_an_access_of_the_guests)
{
	unsigned int writes;

	assigned_add();
	writes = device.region_writes;
	cr_expect_eq(vpci_bus_check(bus), 0);
	cr_expect_eq(host_window_count(&host), 1);
	device.gone = true;
	cr_expect_eq(vpci_bus_check(bus), 1);
	cr_expect_eq(host_window_count(&host), 0);
	cr_expect_eq(vpci_bus_check(bus), 1);
	cr_expect_eq(device.region_writes, writes);
	cr_expect_eq(host_memory_read(bus, HOST_MEM32, 4), UINT32_MAX);
	vpci_bus_reset(bus);
	vpci_bus_assign(bus);
	cr_expect_eq(host_window_count(&host), 0);
	cr_expect_eq(vpci_bus_remove(bus, SLOT), 0);
}

Test(assigned, an_error_shuts_it_off_until_it_is_opened_anew)
{
	assigned_add();
	cr_expect_eq(vpci_bus_presence(bus, SLOT), VPCI_PRESENT);
	device.events = ULDF_EVENT_ERROR | ULDF_EVENT_RESET;
	cr_expect_eq(vpci_bus_check(bus), 1);
	cr_expect_eq(vpci_bus_presence(bus, SLOT), VPCI_BROKEN);
	cr_expect_eq(host_window_count(&host), 0);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_VENDOR_ID, 4), UINT32_MAX);
	cr_expect_eq(host.reports, 1);
	cr_expect(strstr(host.last_report, "0000:00:06.0: its bus reported an error"));
	cr_expect_eq(vpci_bus_remove(bus, SLOT), 0);
	cr_expect_eq(vpci_bus_presence(bus, SLOT), VPCI_PRESENT);
}

Test(assigned, an_access_that_fails_after_an_error_tells_of_the_error)
{
	assigned_add();
	device.gone = true;
	device.events = ULDF_EVENT_ERROR;
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x10, 4), UINT32_MAX);
	cr_expect_eq(vpci_bus_presence(bus, SLOT), VPCI_BROKEN);
}

Test(assigned, what_is_removed_is_gone_whatever_happened_before)
{
	assigned_add();
	device.events = ULDF_EVENT_ERROR | ULDF_EVENT_REMOVED;
	cr_expect_eq(vpci_bus_check(bus), 1);
	cr_expect_eq(vpci_bus_presence(bus, SLOT), VPCI_GONE);
	cr_expect(strstr(host.last_report, "is gone from the host"));
}

Test(assigned, a_reset_by_others_is_told_and_changes_nothing)
{
	assigned_add();
	for (unsigned int i = 0; i < 2; i++) {
		device.events = ULDF_EVENT_RESET;
		cr_expect_eq(vpci_bus_check(bus), 0);
	}
	cr_expect_eq(vpci_bus_presence(bus, SLOT), VPCI_PRESENT);
	cr_expect_eq(host.reports, 1);
	cr_expect(strstr(host.last_report, "somebody on the host reset it"));
	cr_expect_eq(host_window_count(&host), 1);
}
