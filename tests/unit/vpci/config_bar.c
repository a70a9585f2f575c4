// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "host.h"

static struct vpci_config config;

static void config_start(void)
{
	static const struct vpci_identity identity = {.vendor = 0x1234};

	vpci_config_init(&config, 256, &identity);
}

TestSuite(config_bar, .init = config_start);

/* What an operating system reads after it wrote all ones. */
static uint32_t bar_sized(unsigned int at)
{
	vpci_config_write(&config, at, 4, UINT32_MAX);
	return vpci_config_read(&config, at, 4);
}

Test(config_bar, sizing_reads_back_the_mask_with_the_flags)
{
	static const struct {
		struct vpci_bar bar;
		uint32_t low, high;
	} cases[] = {
		{{.type = VPCI_BAR_PORTS, .size = 4}, 0xfffffffd, 0},
		{{.type = VPCI_BAR_PORTS, .size = 256}, 0xffffff01, 0},
		{{.type = VPCI_BAR_PORTS, .size = 0x10000}, 0xffff0001, 0},
		{{.type = VPCI_BAR_MEM32, .size = 16}, 0xfffffff0, 0},
		{{.type = VPCI_BAR_MEM32, .size = 0x20000}, 0xfffe0000, 0},
		{{.type = VPCI_BAR_MEM32, .size = 0x1000, .prefetchable = true}, 0xfffff008, 0},
		{{.type = VPCI_BAR_MEM32, .size = 1u << 31}, 0x80000000, 0},
		{{.type = VPCI_BAR_MEM64, .size = 0x4000}, 0xffffc004, 0xffffffff},
		{{.type = VPCI_BAR_MEM64, .size = 0x4000, .prefetchable = true},
		 0xffffc00c,
		 0xffffffff},
		{{.type = VPCI_BAR_MEM64, .size = 1ull << 32}, 0x00000004, 0xffffffff},
		{{.type = VPCI_BAR_MEM64, .size = 1ull << 36}, 0x00000004, 0xfffffff0},
		{{.type = VPCI_BAR_MEM64, .size = 1ull << 63}, 0x00000004, 0x80000000},
		{{.type = VPCI_BAR_PORTS, .size = 8, .fixed = true, .base = 0x1f0}, 0, 0},
		{{.type = VPCI_BAR_PORTS, .size = 1, .fixed = true, .base = 0x3f6}, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		config_start();
		cr_expect_eq(vpci_config_set_bar(&config, 2, &cases[i].bar), 0, "case %zu", i);
		cr_expect_eq(bar_sized(PCI_BASE_ADDRESS_2), cases[i].low, "case %zu", i);
		cr_expect_eq(bar_sized(PCI_BASE_ADDRESS_3), cases[i].high, "case %zu", i);
	}
}

Test(config_bar, undefined_ones_read_zero)
{
	for (unsigned int at = PCI_BASE_ADDRESS_0; at <= PCI_BASE_ADDRESS_5; at += 4)
		cr_expect_eq(bar_sized(at), 0);
	cr_expect_eq(bar_sized(PCI_ROM_ADDRESS), 0);
}

Test(config_bar, wrong_definitions_are_einval)
{
	static const struct {
		unsigned int index;
		struct vpci_bar bar;
	} cases[] = {
		{0, {.type = VPCI_BAR_NONE, .size = 16}},
		{0, {.type = VPCI_BAR_MEM32, .size = 0}},
		{0, {.type = VPCI_BAR_MEM32, .size = 8}},
		{0, {.type = VPCI_BAR_MEM32, .size = 48}},
		{0, {.type = VPCI_BAR_MEM32, .size = 1ull << 32}},
		{0, {.type = VPCI_BAR_PORTS, .size = 2}},
		{0, {.type = VPCI_BAR_PORTS, .size = 0x20000}},
		{5, {.type = VPCI_BAR_MEM64, .size = 16}},
		{6, {.type = VPCI_BAR_MEM32, .size = 16}},
		{UINT32_MAX, {.type = VPCI_BAR_MEM32, .size = 16}},
		{0, {.type = VPCI_BAR_PORTS, .fixed = true, .base = 0x1f0}},
		{0, {.type = VPCI_BAR_PORTS, .size = 8, .fixed = true, .base = 0xfffc}},
		{0, {.type = VPCI_BAR_MEM64, .size = 8, .fixed = true, .base = UINT64_MAX - 3}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(vpci_config_set_bar(&config, cases[i].index, &cases[i].bar), -EINVAL,
			     "case %zu", i);
}

Test(config_bar, a_register_taken_is_ebusy)
{
	struct vpci_bar wide = {.type = VPCI_BAR_MEM64, .size = 16};
	struct vpci_bar narrow = {.type = VPCI_BAR_MEM32, .size = 16};

	cr_expect_eq(vpci_config_set_bar(&config, 2, &wide), 0);
	cr_expect_eq(vpci_config_set_bar(&config, 2, &narrow), -EBUSY);
	cr_expect_eq(vpci_config_set_bar(&config, 3, &narrow), -EBUSY);
	cr_expect_eq(vpci_config_set_bar(&config, 1, &wide), -EBUSY);
	cr_expect_eq(vpci_config_set_bar(&config, 1, &narrow), 0);
	cr_expect_eq(vpci_config_set_bar(&config, 4, &wide), 0);
}

Test(config_bar, decoding_follows_the_command_register)
{
	struct vpci_bar ports = {.type = VPCI_BAR_PORTS, .size = 16};
	struct vpci_bar memory = {.type = VPCI_BAR_MEM64, .size = 0x1000};
	uint64_t base = 1;

	vpci_config_set_bar(&config, 0, &memory);
	vpci_config_set_bar(&config, 4, &ports);
	vpci_config_write(&config, PCI_BASE_ADDRESS_0, 4, 0xe0001000);
	vpci_config_write(&config, PCI_BASE_ADDRESS_1, 4, 0x12);
	vpci_config_write(&config, PCI_BASE_ADDRESS_4, 4, 0xc040);
	cr_expect_not(vpci_config_bar_base(&config, 0, &base));
	cr_expect_not(vpci_config_bar_base(&config, 4, &base));
	cr_expect_eq(base, 1);
	vpci_config_write(&config, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	cr_expect(vpci_config_bar_base(&config, 0, &base));
	cr_expect_eq(base, 0x12e0001000);
	cr_expect_not(vpci_config_bar_base(&config, 4, &base));
	vpci_config_write(&config, PCI_COMMAND, 2, PCI_COMMAND_IO);
	cr_expect_not(vpci_config_bar_base(&config, 0, &base));
	cr_expect(vpci_config_bar_base(&config, 4, &base));
	cr_expect_eq(base, 0xc040);
	cr_expect_not(vpci_config_bar_base(&config, 1, &base));
}

Test(config_bar, a_fixed_one_stays_where_it_is)
{
	struct vpci_bar bar = {.type = VPCI_BAR_PORTS, .size = 8, .fixed = true, .base = 0x170};
	uint64_t base = 0;

	vpci_config_set_bar(&config, 2, &bar);
	vpci_config_write(&config, PCI_BASE_ADDRESS_2, 4, 0xc000);
	vpci_config_write(&config, PCI_COMMAND, 2, PCI_COMMAND_IO);
	cr_expect_eq(vpci_config_read(&config, PCI_BASE_ADDRESS_2, 4), 0);
	cr_expect(vpci_config_bar_base(&config, 2, &base));
	cr_expect_eq(base, 0x170);
	cr_expect_eq(vpci_config_move_bar(&config, 2, 0x1000), -EINVAL);
}

Test(config_bar, firmware_moves_them)
{
	struct vpci_bar memory = {.type = VPCI_BAR_MEM64, .size = 0x1000};
	struct vpci_bar narrow = {.type = VPCI_BAR_MEM32, .size = 0x1000};

	vpci_config_set_bar(&config, 0, &memory);
	vpci_config_set_bar(&config, 2, &narrow);
	cr_expect_eq(vpci_config_move_bar(&config, 0, 0x300002000), 0);
	cr_expect_eq(vpci_config_read(&config, PCI_BASE_ADDRESS_0, 4), 0x2004);
	cr_expect_eq(vpci_config_read(&config, PCI_BASE_ADDRESS_1, 4), 3);
	cr_expect_eq(vpci_config_move_bar(&config, 0, 0x2800), -EINVAL);
	cr_expect_eq(vpci_config_move_bar(&config, 1, 0x1000), -EINVAL);
	cr_expect_eq(vpci_config_move_bar(&config, 2, 1ull << 32), -EINVAL);
	cr_expect_eq(vpci_config_move_bar(&config, 6, 0), -EINVAL);
}
