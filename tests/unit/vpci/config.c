// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "host.h"

static struct vpci_config config;

static void config_start(void)
{
	static const struct vpci_identity identity = {
		.vendor = 0x1234,
		.device = 0x5678,
		.subvendor = 0x9abc,
		.subdevice = 0xdef0,
		.class_code = 0x010180,
		.revision = 9,
		.pin = 2,
	};

	vpci_config_init(&config, 256, &identity);
}

TestSuite(config, .init = config_start);

Test(config, header_shows_the_identity)
{
	cr_expect_eq(vpci_config_read(&config, PCI_VENDOR_ID, 4), 0x56781234);
	cr_expect_eq(vpci_config_read(&config, PCI_CLASS_REVISION, 4), 0x01018009);
	cr_expect_eq(vpci_config_read(&config, PCI_SUBSYSTEM_VENDOR_ID, 4), 0xdef09abc);
	cr_expect_eq(vpci_config_read(&config, PCI_INTERRUPT_PIN, 1), 2);
	cr_expect_eq(vpci_config_read(&config, PCI_HEADER_TYPE, 1), 0);
}

Test(config, identity_cannot_be_written)
{
	for (unsigned int at = 0; at < 64; at += 4)
		vpci_config_write(&config, at, 4, UINT32_MAX);
	cr_expect_eq(vpci_config_read(&config, PCI_VENDOR_ID, 4), 0x56781234);
	cr_expect_eq(vpci_config_read(&config, PCI_CLASS_REVISION, 4), 0x01018009);
	cr_expect_eq(vpci_config_read(&config, PCI_INTERRUPT_PIN, 1), 2);
	cr_expect_eq(vpci_config_read(&config, PCI_BASE_ADDRESS_0, 4), 0);
}

Test(config, command_takes_its_bits_and_no_others)
{
	vpci_config_write(&config, PCI_COMMAND, 2, 0xffff);
	cr_expect_eq(vpci_config_read(&config, PCI_COMMAND, 2), 0x0557);
}

Test(config, byte_lanes_are_independent)
{
	vpci_config_write(&config, PCI_INTERRUPT_LINE, 1, 0x0b);
	vpci_config_write(&config, PCI_CACHE_LINE_SIZE, 2, 0x4010);
	cr_expect_eq(vpci_config_read(&config, PCI_INTERRUPT_LINE, 4), 0x0000020b);
	cr_expect_eq(vpci_config_read(&config, PCI_CACHE_LINE_SIZE, 4), 0x00004010);
	cr_expect_eq(vpci_config_read(&config, PCI_LATENCY_TIMER, 1), 0x40);
}

Test(config, bits_that_are_not_writable_keep_their_value)
{
	vpci_config_define(&config, 0x40, 2, 0xf0f1, 0x0f0f);
	vpci_config_write(&config, 0x40, 2, 0x3a02);
	cr_expect_eq(vpci_config_read(&config, 0x40, 2), 0xfaf2);
	vpci_config_write(&config, 0x41, 1, 0x45);
	cr_expect_eq(vpci_config_read(&config, 0x40, 2), 0xf5f2);
}

Test(config, past_the_end_reads_ones_and_takes_nothing)
{
	cr_expect_eq(vpci_config_read(&config, 256, 4), UINT32_MAX);
	cr_expect_eq(vpci_config_read(&config, 254, 4), UINT32_MAX);
	cr_expect_eq(vpci_config_read(&config, 4096, 1), 0xff);
	cr_expect_eq(vpci_config_read(&config, UINT32_MAX, 2), 0xffff);
	vpci_config_define(&config, 0xfe, 2, 0, 0xffff);
	vpci_config_write(&config, 254, 4, UINT32_MAX);
	cr_expect_eq(vpci_config_read(&config, 254, 2), 0);
	vpci_config_write(&config, UINT32_MAX, 4, 1);
}

Test(config, live_bits_are_told_and_end_with_a_definition)
{
	vpci_config_pass(&config, 0x50, 4, 0xff00ff00);
	cr_expect_eq(vpci_config_live(&config, 0x50, 4), 0xff00ff00);
	cr_expect_eq(vpci_config_live(&config, 0x51, 1), 0xff);
	vpci_config_define(&config, 0x50, 2, 0, 0);
	cr_expect_eq(vpci_config_live(&config, 0x50, 4), 0xff000000);
	cr_expect_eq(vpci_config_live(&config, 256, 4), 0);
}

Test(config, reset_brings_back_what_was_remembered)
{
	vpci_config_remember(&config);
	vpci_config_write(&config, PCI_COMMAND, 2, 7);
	vpci_config_write(&config, PCI_INTERRUPT_LINE, 1, 11);
	vpci_config_reset(&config);
	cr_expect_eq(vpci_config_read(&config, PCI_COMMAND, 2), 0);
	cr_expect_eq(vpci_config_read(&config, PCI_INTERRUPT_LINE, 1), 0);
	cr_expect_eq(vpci_config_read(&config, PCI_VENDOR_ID, 2), 0x1234);
}

Test(config, touching_is_having_a_byte_in_common)
{
	cr_expect(vpci_config_touches(4, 4, 6, 2));
	cr_expect(vpci_config_touches(7, 1, 4, 4));
	cr_expect_not(vpci_config_touches(4, 2, 6, 2));
	cr_expect_not(vpci_config_touches(8, 4, 6, 2));
}
