// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "model.h"

static struct host host;
static struct vpci_bus *bus;

static void assign_start(void)
{
	bus = host_bus(&host);
}

static void assign_end(void)
{
	vpci_bus_destroy(bus);
	host_check_leaks();
}

TestSuite(assign, .init = assign_start, .fini = assign_end);

static uint32_t assign_bar(unsigned int devfn, unsigned int bar)
{
	return host_config_read(bus, devfn, PCI_BASE_ADDRESS_0 + 4 * bar, 4);
}

Test(assign, bars_get_aligned_addresses_that_do_not_overlap)
{
	static const uint64_t sizes[] = {0x20000, 0x20, 0x1000, 0x4000, 0x10, 0x80000};
	uint64_t begin[6], end[6];

	for (unsigned int i = 0; i < 6; i++) {
		struct model *model = model_create(256);

		model_bar(model, 1, VPCI_BAR_MEM32, sizes[i], MODEL_NOT_FIXED);
		model_add(model, bus, (int)(i + 1) << 3);
	}
	cr_expect_eq(vpci_bus_assign(bus), 0);
	for (unsigned int i = 0; i < 6; i++) {
		begin[i] = assign_bar((i + 1) << 3, 1);
		end[i] = begin[i] + (sizes[i] < 0x1000 ? 0x1000 : sizes[i]);
		cr_expect_eq(begin[i] & (sizes[i] - 1), 0);
		cr_expect(begin[i] >= HOST_MEM32 && end[i] <= HOST_MEM32 + 0x1000000);
		for (unsigned int j = 0; j < i; j++)
			cr_expect(end[i] <= begin[j] || end[j] <= begin[i]);
	}
}

Test(assign, each_kind_goes_to_its_window)
{
	struct model *model = model_create(256);

	model_bar(model, 0, VPCI_BAR_MEM64, 0x10000000, MODEL_NOT_FIXED);
	model_bar(model, 2, VPCI_BAR_PORTS, 0x20, MODEL_NOT_FIXED);
	model_bar(model, 3, VPCI_BAR_MEM32, 0x1000, MODEL_NOT_FIXED);
	model_add(model, bus, 8);
	cr_expect_eq(vpci_bus_assign(bus), 0);
	cr_expect_eq(assign_bar(8, 0), (uint32_t)HOST_MEM64 | 4);
	cr_expect_eq(assign_bar(8, 1), HOST_MEM64 >> 32);
	cr_expect_eq(assign_bar(8, 2), HOST_PORTS | 1);
	cr_expect_eq(assign_bar(8, 3), HOST_MEM32);
	cr_expect_eq(host_config_read(bus, 8, PCI_ROM_ADDRESS, 4), 0);
	cr_expect_eq(host_config_read(bus, 8, PCI_COMMAND, 2), PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	cr_expect_eq(host_config_read(bus, 8, PCI_INTERRUPT_LINE, 1), 17);
}

Test(assign, wide_bars_go_below_4_gib_without_another_window)
{
	struct vpci_layout layout = host_layout();
	struct model *model = model_create(256);

	vpci_bus_destroy(bus);
	layout.mem64.size = 0;
	cr_assert_eq(vpci_bus_create(&layout, &host_ops, &host, &bus), 0);
	model_bar(model, 0, VPCI_BAR_MEM64, 0x4000, MODEL_NOT_FIXED);
	model_add(model, bus, 8);
	cr_expect_eq(vpci_bus_assign(bus), 0);
	cr_expect_eq(assign_bar(8, 0), HOST_MEM32 | 4);
	cr_expect_eq(assign_bar(8, 1), 0);
}

Test(assign, fixed_bars_are_switched_on_where_they_are)
{
	struct model *model = model_create(256);
	uint32_t value;

	model_bar(model, 0, VPCI_BAR_PORTS, 8, 0x1f0);
	model_add(model, bus, 8);
	cr_expect_eq(vpci_bus_assign(bus), 0);
	cr_expect_eq(assign_bar(8, 0), 0);
	cr_expect_eq(host_config_read(bus, 8, PCI_COMMAND, 2), PCI_COMMAND_IO);
	cr_expect(vpci_bus_port_read(bus, 0x1f7, 1, &value));
	cr_expect_eq(value, 7);
}

Test(assign, a_full_window_is_enospc_and_leaves_decoding_off)
{
	static const struct {
		enum vpci_bar_type type;
		uint64_t size;
	} cases[] = {
		{VPCI_BAR_MEM32, 0x1000000},  {VPCI_BAR_MEM32, 0x2000000},
		{VPCI_BAR_PORTS, 0x1000},     {VPCI_BAR_PORTS, 0x10000},
		{VPCI_BAR_MEM64, 1ull << 32}, {VPCI_BAR_MEM64, 1ull << 63},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *one = model_create(256), *two = model_create(256);

		model_bar(one, 0, cases[i].type, cases[i].size, MODEL_NOT_FIXED);
		model_bar(two, 0, cases[i].type, cases[i].size, MODEL_NOT_FIXED);
		model_add(one, bus, 8);
		model_add(two, bus, 16);
		cr_expect_eq(vpci_bus_assign(bus), -ENOSPC, "case %zu", i);
		cr_expect_eq(host_config_read(bus, 8, PCI_COMMAND, 2), 0);
		cr_expect_eq(host_config_read(bus, 16, PCI_COMMAND, 2), 0);
		vpci_bus_remove(bus, 8);
		vpci_bus_remove(bus, 16);
	}
}

Test(assign, a_window_can_be_used_to_its_last_byte)
{
	struct model *model = model_create(256);

	model_bar(model, 0, VPCI_BAR_MEM32, 0x1000000, MODEL_NOT_FIXED);
	model_bar(model, 1, VPCI_BAR_PORTS, 0x1000, MODEL_NOT_FIXED);
	model_bar(model, 2, VPCI_BAR_MEM64, 1ull << 32, MODEL_NOT_FIXED);
	model_add(model, bus, 8);
	cr_expect_eq(vpci_bus_assign(bus), 0);
	host_memory_read(bus, HOST_MEM32 + 0xfffffc, 4);
	host_memory_read(bus, HOST_MEM64 + 0xfffffff8, 8);
}

Test(assign, bus_mastering_goes_off)
{
	struct model *model = model_create(256);

	model_bar(model, 0, VPCI_BAR_MEM32, 0x1000, MODEL_NOT_FIXED);
	model_add(model, bus, 8);
	host_config_write(bus, 8, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	cr_expect_eq(vpci_bus_assign(bus), 0);
	cr_expect_eq(host_config_read(bus, 8, PCI_COMMAND, 2), PCI_COMMAND_MEMORY);
}
