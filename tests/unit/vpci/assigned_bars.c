// SPDX-License-Identifier: MIT
#include "device.h"

#define SLOT (1 << 3)

static struct host host;
static struct vpci_bus *bus;
static struct device device;

static void bars_start(void)
{
	bus = host_bus(&host);
	device_card(&device);
}

static void bars_add(void)
{
	cr_assert_eq(vpci_bus_add(bus, SLOT, device_assign(&device)), SLOT);
	cr_assert_eq(vpci_bus_assign(bus), 0);
}

static void bars_end(void)
{
	vpci_bus_destroy(bus);
	cr_expect_eq(device.maps, 0);
	device_fini(&device);
	host_check_leaks();
}

TestSuite(assigned_bars, .init = bars_start, .fini = bars_end);

Test(assigned_bars, the_pages_of_table_and_pending_bits_are_not_shown)
{
	bars_add();
	cr_assert_eq(host_window_count(&host), 1);
	cr_assert(host_window_at(&host, HOST_MEM32));
	cr_expect_eq(host_window_at(&host, HOST_MEM32)->size, 0x2000);
	cr_expect_eq(host_window_at(&host, HOST_MEM32)->address, device.bars[0]);
}

Test(assigned_bars, what_lies_around_them_is)
{
	device.regions[0].size = device.regions[0].area[0].size = 0x8000;
	device_set(&device, 0x70 + PCI_MSIX_TABLE, 4, 0x1800);
	device_set(&device, 0x70 + PCI_MSIX_PBA, 4, 0x5000);
	bars_add();
	cr_assert_eq(host_window_count(&host), 3);
	cr_expect_eq(host_window_at(&host, HOST_MEM32)->size, 0x1000);
	cr_expect_eq(host_window_at(&host, HOST_MEM32 + 0x2000)->size, 0x3000);
	cr_expect_eq(host_window_at(&host, HOST_MEM32 + 0x6000)->size, 0x2000);
	cr_expect_eq(host_window_at(&host, HOST_MEM32 + 0x6000)->address, device.bars[0] + 0x6000);
}

Test(assigned_bars, without_a_sound_table_msix_is_hidden_and_all_is_shown)
{
	device_set(&device, 0x70 + PCI_MSIX_TABLE, 4, 0x4000);
	bars_add();
	cr_expect_eq(host_config_read(bus, SLOT, 0x70, 2), 0);
	cr_assert_eq(host_window_count(&host), 1);
	cr_expect_eq(host_window_at(&host, HOST_MEM32)->size, 0x4000);
}

Test(assigned_bars, areas_longer_than_the_bar_are_not_shown)
{
	device.regions[1] = (struct uldf_region){
		.size = 0x100, .writable = true, .areas = 1, .area = {{0, 0x2000}}};
	bars_add();
	cr_expect_eq(host_window_count(&host), 1);
	device.bars[1][0x20] = 0x77;
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x4020, 1), 0x77);
}

Test(assigned_bars, the_page_of_a_small_bar_is_shown_where_it_has_it_alone)
{
	device.regions[1] = (struct uldf_region){
		.size = 0x800, .writable = true, .areas = 1, .area = {{0, 0x1000}}};
	device.regions[3] = (struct uldf_region){.size = 0x800, .writable = true};
	bars_add();
	cr_expect_eq(host_window_count(&host), 2);
	cr_assert(host_window_at(&host, HOST_MEM32 + 0x4000));
	cr_expect_eq(host_window_at(&host, HOST_MEM32 + 0x4000)->size, 0x1000);
	cr_expect_eq(host_window_at(&host, HOST_MEM32 + 0x4000)->address, device.bars[1]);
	host_config_write(bus, SLOT, PCI_BASE_ADDRESS_3, 4, (uint32_t)HOST_MEM32 + 0x4800);
	cr_expect_eq(host_window_count(&host), 1, "a neighbour");
	device.bars[1][0x20] = 0x77;
	device.bars[3][0x20] = 0x88;
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x4020, 1), 0x77);
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x4820, 1), 0x88);
	host_config_write(bus, SLOT, PCI_BASE_ADDRESS_3, 4, (uint32_t)HOST_MEM32 + 0x8000);
	cr_expect_eq(host_window_count(&host), 2);
	host_config_write(bus, SLOT, PCI_BASE_ADDRESS_1, 4, (uint32_t)HOST_MEM32 + 0xa800);
	cr_expect_eq(host_window_count(&host), 1, "not at a page's begin");
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0xa820, 1), 0x77);
	host_config_write(bus, SLOT, PCI_BASE_ADDRESS_1, 4, (uint32_t)HOST_MEM32 + 0xa000);
	cr_expect_eq(host_window_count(&host), 2);
}

Test(assigned_bars, accesses_reach_the_device)
{
	uint32_t value;

	bars_add();
	device.bars[0][0x2100] = 0x12;
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x2100, 4), 0x12);
	host_memory_write(bus, HOST_MEM32 + 0x3008, 8, 0x1122334455667788);
	cr_expect_eq(device.bars[0][0x300f], 0x11);
	cr_expect(vpci_bus_port_write(bus, HOST_PORTS + 4, 2, 0xabcd));
	cr_expect_eq(device.bars[2][5], 0xab);
	cr_expect(vpci_bus_port_read(bus, HOST_PORTS + 4, 4, &value));
	cr_expect_eq(value, 0xabcd);
}

Test(assigned_bars, table_and_pending_bits_never_reach_the_device)
{
	bars_add();
	for (unsigned int at = 0; at < 8 * 16; at += 4)
		host_memory_write(bus, HOST_MEM32 + 0x2000 + at, 4, UINT32_MAX);
	host_memory_write(bus, HOST_MEM32 + 0x3000, 8, UINT64_MAX);
	for (unsigned int at = 0; at < 8 * 16; at++)
		cr_expect_eq(device.bars[0][0x2000 + at], 0);
	cr_expect_eq(device.bars[0][0x3000], 0);
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x3000, 8), 0);
}

Test(assigned_bars, sizes_are_rounded_to_what_a_bar_can_say)
{
	device.regions[1] = (struct uldf_region){.size = 0x900, .writable = true};
	device.regions[3] = (struct uldf_region){.size = 1, .ports = true, .writable = true};
	bars_add();
	host_config_write(bus, SLOT, PCI_BASE_ADDRESS_1, 4, UINT32_MAX);
	host_config_write(bus, SLOT, PCI_BASE_ADDRESS_3, 4, UINT32_MAX);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_BASE_ADDRESS_1, 4), 0xfffff000);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_BASE_ADDRESS_3, 4), 0xfffffffd);
	vpci_bus_assign(bus);
	/* Beyond the region there is nothing to read. */
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x4900, 4), UINT32_MAX);
}
