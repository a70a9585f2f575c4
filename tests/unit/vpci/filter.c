// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "filter.h"
#include "host.h"

static uint8_t device[VPCI_CONFIG_SIZE];
static struct vpci_filter filter;
static struct vpci_config config;
static struct vpci_shown shown;

static void filter_start(void)
{
	memset(device, 0, sizeof(device));
	filter = (struct vpci_filter){.device = device, .size = 256, .msi = 32, .flr = true};
	device[PCI_STATUS] = PCI_STATUS_CAP_LIST;
}

static void filter_put(unsigned int offset, unsigned int width, uint32_t value)
{
	memcpy(device + offset, &value, width);
}

static void filter_cap(unsigned int offset, uint8_t id, unsigned int next)
{
	device[offset] = id;
	device[offset + 1] = (uint8_t)next;
}

static void filter_run(void)
{
	static const struct vpci_identity identity = {.vendor = 0x1234};

	vpci_config_init(&config, filter.size, &identity);
	vpci_filter_apply(&filter, &config, &shown);
}

static uint32_t filter_read(unsigned int offset, unsigned int width)
{
	return vpci_config_read(&config, offset, width);
}

TestSuite(filter, .init = filter_start);

Test(filter, what_a_guest_may_have_keeps_its_place)
{
	device[PCI_CAPABILITY_LIST] = 0xc8;
	filter_cap(0xc8, PCI_CAP_ID_PM, 0x50);
	filter_cap(0x50, PCI_CAP_ID_MSI, 0x70);
	filter_cap(0x70, PCI_CAP_ID_MSIX, 0x80);
	filter_cap(0x80, PCI_CAP_ID_EXP, 0xe0);
	filter_cap(0xe0, PCI_CAP_ID_VNDR, 0);
	device[0xe2] = 8;
	filter.msix = 0x70;
	filter_run();
	cr_expect_eq(filter_read(PCI_CAPABILITY_LIST, 1), 0xc8);
	cr_expect_eq(filter_read(0xc8, 2), 0x5001);
	cr_expect_eq(filter_read(0x50, 2), 0x7005);
	cr_expect_eq(filter_read(0x70, 2), 0x8011);
	cr_expect_eq(filter_read(0x80, 2), 0xe010);
	cr_expect_eq(filter_read(0xe0, 2), 0x0009);
	cr_expect_eq(shown.msi, 0x50);
	cr_expect_eq(shown.msix, 0x70);
	cr_expect_eq(shown.express, 0x80);
}

Test(filter, what_it_may_not_have_is_unlinked_and_blanked)
{
	device[PCI_CAPABILITY_LIST] = 0x40;
	filter_cap(0x40, PCI_CAP_ID_VPD, 0x50);
	filter_cap(0x50, PCI_CAP_ID_PM, 0x60);
	filter_cap(0x60, PCI_CAP_ID_EA, 0x70);
	filter_cap(0x70, PCI_CAP_ID_MSIX, 0x80);
	filter_cap(0x80, PCI_CAP_ID_MSI, 0);
	filter.msi = 0;
	filter_run();
	cr_expect_eq(filter_read(PCI_CAPABILITY_LIST, 1), 0x50);
	cr_expect_eq(filter_read(0x50, 2), 0x0001);
	cr_expect_eq(filter_read(0x40, 2), 0);
	cr_expect_eq(vpci_config_live(&config, 0x40, 2), 0);
	cr_expect_eq(vpci_config_live(&config, 0x60, 2), 0);
	cr_expect_eq(shown.msi, 0);
	cr_expect_eq(shown.msix, 0);
}

Test(filter, the_vendors_area_passes)
{
	device[PCI_CAPABILITY_LIST] = 0x80;
	filter_cap(0x80, PCI_CAP_ID_PM, 0);
	filter_run();
	cr_expect_eq(vpci_config_live(&config, 0x40, 4), UINT32_MAX);
	cr_expect_eq(vpci_config_live(&config, 0xfc, 4), UINT32_MAX);
	cr_expect_eq(vpci_config_live(&config, 0x80, 4), 0);
	cr_expect_eq(vpci_config_live(&config, 0x3c, 4), 0);
}

Test(filter, no_list_means_no_capability)
{
	device[PCI_STATUS] = 0;
	device[PCI_CAPABILITY_LIST] = 0x50;
	filter_cap(0x50, PCI_CAP_ID_PM, 0);
	filter_run();
	cr_expect_eq(filter_read(PCI_CAPABILITY_LIST, 1), 0);
	cr_expect_eq(filter_read(PCI_STATUS, 2), 0);
}

Test(filter, loops_end)
{
	device[PCI_CAPABILITY_LIST] = 0x40;
	filter_cap(0x40, PCI_CAP_ID_PM, 0x50);
	filter_cap(0x50, PCI_CAP_ID_MSI, 0x40);
	filter_run();
	cr_expect_eq(filter_read(0x40, 2), 0x5001);
	cr_expect_eq(filter_read(0x50, 2), 0x0005);
	filter_cap(0x40, PCI_CAP_ID_PM, 0x40);
	filter_run();
	cr_expect_eq(filter_read(0x40, 2), 0x0001);
}

Test(filter, pointers_into_the_header_end_the_list)
{
	device[PCI_CAPABILITY_LIST] = 0x40;
	filter_cap(0x40, PCI_CAP_ID_PM, 0x10);
	filter_run();
	cr_expect_eq(filter_read(0x40, 2), 0x0001);
	device[PCI_CAPABILITY_LIST] = 0x3f;
	filter_run();
	cr_expect_eq(filter_read(PCI_CAPABILITY_LIST, 1), 0);
}

Test(filter, reserved_pointer_bits_are_masked)
{
	device[PCI_CAPABILITY_LIST] = 0x43;
	filter_cap(0x40, PCI_CAP_ID_PM, 0);
	filter_run();
	cr_expect_eq(filter_read(PCI_CAPABILITY_LIST, 1), 0x40);
}

Test(filter, overlapping_ones_are_dropped)
{
	device[PCI_CAPABILITY_LIST] = 0x40;
	filter_cap(0x40, PCI_CAP_ID_EXP, 0x50);
	filter_put(0x42, 2, 2);
	filter_cap(0x50, PCI_CAP_ID_MSI, 0x7c);
	filter_cap(0x7c, PCI_CAP_ID_PM, 0);
	filter_run();
	cr_expect_eq(filter_read(0x40, 2), 0x7c10);
	cr_expect_eq(shown.msi, 0);
	cr_expect_eq(filter_read(0x7c, 2), 0x0001);
}

Test(filter, one_that_runs_over_the_end_is_dropped)
{
	device[PCI_CAPABILITY_LIST] = 0xfc;
	filter_cap(0xfc, PCI_CAP_ID_MSI, 0xf8);
	filter_cap(0xf8, PCI_CAP_ID_PM, 0);
	filter_run();
	cr_expect_eq(filter_read(PCI_CAPABILITY_LIST, 1), 0xf8);
	cr_expect_eq(shown.msi, 0);
}

Test(filter, a_second_msi_is_dropped)
{
	device[PCI_CAPABILITY_LIST] = 0x40;
	filter_cap(0x40, PCI_CAP_ID_MSI, 0x60);
	filter_cap(0x60, PCI_CAP_ID_MSI, 0);
	filter_run();
	cr_expect_eq(shown.msi, 0x40);
	cr_expect_eq(filter_read(0x40, 2), 0x0005);
}

Test(filter, vendor_capability_lengths_are_checked)
{
	device[PCI_CAPABILITY_LIST] = 0x40;
	filter_cap(0x40, PCI_CAP_ID_VNDR, 0x60);
	device[0x42] = 0xff;
	filter_cap(0x60, PCI_CAP_ID_VNDR, 0x80);
	device[0x62] = 2;
	filter_cap(0x80, PCI_CAP_ID_VNDR, 0);
	device[0x82] = 0x10;
	filter_run();
	cr_expect_eq(filter_read(PCI_CAPABILITY_LIST, 1), 0x80);
	cr_expect_eq(vpci_config_live(&config, 0x82, 2), 0xffff);
	cr_expect_eq(vpci_config_live(&config, 0x80, 2), 0);
}

Test(filter, power_states_are_taken_but_mean_nothing)
{
	device[PCI_CAPABILITY_LIST] = 0x40;
	filter_cap(0x40, PCI_CAP_ID_PM, 0);
	filter_put(0x40 + PCI_PM_PMC, 2, 0xfe03);
	filter_put(0x40 + PCI_PM_CTRL, 2, 0x8103);
	filter_run();
	cr_expect_eq(filter_read(0x40 + PCI_PM_PMC, 2), 3);
	cr_expect_eq(filter_read(0x40 + PCI_PM_CTRL, 2), 8);
	vpci_config_write(&config, 0x40 + PCI_PM_CTRL, 2, 0xffff);
	cr_expect_eq(filter_read(0x40 + PCI_PM_CTRL, 2), 0xb);
}

Test(filter, msi_never_offers_more_than_the_device_has)
{
	device[PCI_CAPABILITY_LIST] = 0x40;
	filter_cap(0x40, PCI_CAP_ID_MSI, 0);
	/* 64-bit, maskable, a reserved count of 7, switched on with an extended message. */
	filter_put(0x40 + PCI_MSI_FLAGS, 2, 0x078f);
	filter_run();
	cr_expect_eq(filter_read(0x40 + PCI_MSI_FLAGS, 2), 0x018a);
	vpci_config_write(&config, 0x40 + PCI_MSI_MASK_64, 4, UINT32_MAX);
	cr_expect_eq(filter_read(0x40 + PCI_MSI_MASK_64, 4), UINT32_MAX);
	filter.msi = 5;
	filter_run();
	cr_expect_eq(filter_read(0x40 + PCI_MSI_FLAGS, 2), 0x0184);
	vpci_config_write(&config, 0x40 + PCI_MSI_MASK_64, 4, UINT32_MAX);
	cr_expect_eq(filter_read(0x40 + PCI_MSI_MASK_64, 4), 0xf);
	vpci_config_write(&config, 0x40 + PCI_MSI_PENDING_64, 4, UINT32_MAX);
	cr_expect_eq(filter_read(0x40 + PCI_MSI_PENDING_64, 4), 0);
	vpci_config_write(&config, 0x40 + PCI_MSI_FLAGS, 2, 0xffff);
	cr_expect_eq(filter_read(0x40 + PCI_MSI_FLAGS, 2), 0x01f5);
}

Test(filter, express_becomes_an_integrated_endpoint_without_link)
{
	device[PCI_CAPABILITY_LIST] = 0x40;
	filter_cap(0x40, PCI_CAP_ID_EXP, 0);
	filter_put(0x40 + PCI_EXP_FLAGS, 2, 0x0102);
	filter_put(0x40 + PCI_EXP_DEVCAP, 4, PCI_EXP_DEVCAP_FLR | PCI_EXP_DEVCAP_RBER | 0x1a);
	filter_put(0x40 + PCI_EXP_LNKCAP, 4, UINT32_MAX);
	filter_put(0x40 + PCI_EXP_DEVCAP2, 4, UINT32_MAX);
	filter_run();
	cr_expect_eq(filter_read(0x40 + PCI_EXP_FLAGS, 2), PCI_EXP_TYPE_RC_END << 4 | 2);
	cr_expect_eq(filter_read(0x40 + PCI_EXP_DEVCAP, 4),
		     PCI_EXP_DEVCAP_FLR | PCI_EXP_DEVCAP_RBER);
	cr_expect_eq(filter_read(0x40 + PCI_EXP_LNKCAP, 4), 0);
	cr_expect_eq(filter_read(0x40 + PCI_EXP_DEVCAP2, 4), 0);
	cr_expect_eq(vpci_config_live(&config, 0x40 + PCI_EXP_LNKCTL, 4), 0);
	cr_expect_eq(vpci_config_live(&config, 0x40 + PCI_EXP_DEVCTL, 4), 0xffff0010);
	filter.flr = false;
	filter_run();
	cr_expect_eq(filter_read(0x40 + PCI_EXP_DEVCAP, 4), PCI_EXP_DEVCAP_RBER);
}

Test(filter, what_the_host_keeps_of_express_control_is_written_and_read_back)
{
	device[PCI_CAPABILITY_LIST] = 0x40;
	filter_cap(0x40, PCI_CAP_ID_EXP, 0);
	filter_put(0x40 + PCI_EXP_FLAGS, 2, 0x0002);
	filter_put(0x40 + PCI_EXP_DEVCTL, 2, 0x5810);
	filter_run();
	/* 512 byte requests, whatever the host has chosen; no snoop is never on. */
	cr_expect_eq(filter_read(0x40 + PCI_EXP_DEVCTL, 2), 0x2000);
	vpci_config_write(&config, 0x40 + PCI_EXP_DEVCTL, 2, 0xffff);
	cr_expect_eq(filter_read(0x40 + PCI_EXP_DEVCTL, 2), 0x71ef);
	vpci_config_write(&config, 0x40 + PCI_EXP_DEVCTL, 2, 0x3000);
	cr_expect_eq(filter_read(0x40 + PCI_EXP_DEVCTL, 2), 0x3000);
}

Test(filter, express_ends_where_its_kind_of_function_has_no_more_registers)
{
	static const struct {
		uint32_t flags;
		unsigned int size;
	} cases[] = {
		{1, 0x14},
		{2, 0x3c},
		{PCI_EXP_TYPE_RC_END << 4 | 1, 0x0c},
		{PCI_EXP_TYPE_RC_END << 4 | 2, 0x2c},
		{PCI_EXP_TYPE_LEG_END << 4 | 2, 0x3c},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned int next = 0x40 + cases[i].size;

		/* One that begins right behind is there, one that begins before is not. */
		for (unsigned int at = next - 4; at <= next; at += 4) {
			filter_start();
			device[PCI_CAPABILITY_LIST] = 0x40;
			filter_cap(0x40, PCI_CAP_ID_EXP, at);
			filter_put(0x40 + PCI_EXP_FLAGS, 2, cases[i].flags);
			filter_cap(at, PCI_CAP_ID_PM, 0);
			filter_run();
			cr_expect_eq(shown.express, 0x40);
			cr_expect_eq(filter_read(0x41, 1), at == next ? next : 0,
				     "case %zu, next at 0x%x", i, at);
		}
	}
}

Test(filter, any_bytes_are_survived)
{
	uint32_t seed = 1;

	for (unsigned int round = 0; round < 2000; round++) {
		for (unsigned int i = 0; i < sizeof(device); i++) {
			seed = seed * 1664525 + 1013904223;
			device[i] = (uint8_t)(seed >> 24);
		}
		device[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
		filter.size = round & 1 ? 4096 : 256;
		filter.msix = vpci_filter_find(device, PCI_CAP_ID_MSIX);
		filter_run();
		for (unsigned int at = 0x40, n = 0; at; at = filter_read(at + 1, 1), n++) {
			if (!n)
				at = filter_read(PCI_CAPABILITY_LIST, 1);
			cr_assert_lt(n, 48, "the list does not end");
			if (!at)
				break;
		}
	}
}
