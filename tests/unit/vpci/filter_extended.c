// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "filter.h"
#include "host.h"

static uint8_t device[VPCI_CONFIG_SIZE];
static struct vpci_filter filter;
static struct vpci_config config;

static void filter_put(unsigned int offset, uint32_t value)
{
	memcpy(device + offset, &value, 4);
}

static void filter_start(void)
{
	memset(device, 0, sizeof(device));
	filter = (struct vpci_filter){.device = device, .size = sizeof(device)};
	device[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	device[PCI_CAPABILITY_LIST] = 0x40;
	filter_put(0x40, 0x00020000 | PCI_CAP_ID_EXP);
}

static void filter_cap(unsigned int offset, uint16_t id, unsigned int next)
{
	filter_put(offset, id | 1 << 16 | next << 20);
}

static void filter_run(void)
{
	static const struct vpci_identity identity = {.vendor = 0x1234};
	struct vpci_shown shown;

	vpci_config_init(&config, filter.size, &identity);
	vpci_filter_apply(&filter, &config, &shown);
}

TestSuite(filter_extended, .init = filter_start);

Test(filter_extended, serial_number_passes_read_only)
{
	filter_cap(0x100, PCI_EXT_CAP_ID_DSN, 0);
	filter_put(0x104, 0x11223344);
	filter_put(0x108, 0x55667788);
	filter_run();
	vpci_config_write(&config, 0x104, 4, 0);
	cr_expect_eq(vpci_config_read(&config, 0x100, 4), 0x00010003);
	cr_expect_eq(vpci_config_read(&config, 0x104, 4), 0x11223344);
	cr_expect_eq(vpci_config_read(&config, 0x108, 4), 0x55667788);
	cr_expect_eq(vpci_config_live(&config, 0x104, 4), 0);
}

Test(filter_extended, what_is_the_hosts_is_hidden)
{
	static const uint16_t hidden[] = {
		PCI_EXT_CAP_ID_ERR,   PCI_EXT_CAP_ID_SRIOV, PCI_EXT_CAP_ID_ATS,
		PCI_EXT_CAP_ID_PRI,   PCI_EXT_CAP_ID_PASID, PCI_EXT_CAP_ID_ACS,
		PCI_EXT_CAP_ID_REBAR,
	};
	unsigned int at = 0x100;

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++, at += 0x40) {
		filter_cap(at, hidden[i], at + 0x40);
		filter_put(at + 4, UINT32_MAX);
	}
	filter_cap(at, PCI_EXT_CAP_ID_DSN, 0);
	filter_run();
	cr_expect_eq(vpci_config_read(&config, 0x100, 4), 1 << 16 | at << 20);
	for (unsigned int i = 0x104; i < at; i += 4)
		cr_expect_eq(vpci_config_read(&config, i, 4), 0);
}

Test(filter_extended, nothing_shown_leaves_nothing)
{
	filter_cap(0x100, PCI_EXT_CAP_ID_SRIOV, 0x200);
	filter_cap(0x200, PCI_EXT_CAP_ID_ATS, 0);
	filter_run();
	cr_expect_eq(vpci_config_read(&config, 0x100, 4), 0);
}

Test(filter_extended, loops_and_bad_pointers_end)
{
	filter_cap(0x100, PCI_EXT_CAP_ID_DSN, 0x200);
	filter_cap(0x200, PCI_EXT_CAP_ID_ATS, 0x100);
	filter_run();
	cr_expect_eq(vpci_config_read(&config, 0x100, 4), 0x00010003);
	filter_cap(0x100, PCI_EXT_CAP_ID_DSN, 0x40);
	filter_run();
	cr_expect_eq(vpci_config_read(&config, 0x100, 4), 0x00010003);
	/* One that runs over the end, and one that overlaps itself. */
	filter_cap(0x100, PCI_EXT_CAP_ID_ATS, 0xffc);
	filter_cap(0xffc, PCI_EXT_CAP_ID_DSN, 0);
	filter_run();
	cr_expect_eq(vpci_config_read(&config, 0x100, 4), 0);
}

Test(filter_extended, vendor_lengths_are_checked)
{
	filter_cap(0x100, PCI_EXT_CAP_ID_VNDR, 0x200);
	filter_put(0x104, 0xfff00001);
	filter_cap(0x200, PCI_EXT_CAP_ID_VNDR, 0x300);
	filter_put(0x204, 0x00400001);
	filter_cap(0x300, PCI_EXT_CAP_ID_VNDR, 0);
	filter_put(0x304, 0x00c00001);
	filter_put(0x308, 0x12345678);
	filter_run();
	cr_expect_eq(vpci_config_read(&config, 0x100, 4), 0x30010000);
	cr_expect_eq(vpci_config_read(&config, 0x308, 4), 0x12345678);
}

Test(filter_extended, a_device_that_is_not_express_has_none)
{
	device[0x40] = PCI_CAP_ID_PM;
	filter_cap(0x100, PCI_EXT_CAP_ID_DSN, 0);
	filter_run();
	cr_expect_eq(vpci_config_read(&config, 0x100, 4), 0);
}
