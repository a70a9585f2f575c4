// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "host.h"
#include "msi.h"

#define AT 0x50

static struct vpci_config config;

static void msi_start(uint16_t flags)
{
	static const struct vpci_identity identity = {.vendor = 0x1234};

	vpci_config_init(&config, 256, &identity);
	cr_assert_eq(vpci_config_add_capability(&config, PCI_CAP_ID_MSI, AT, vpci_msi_size(flags)),
		     0);
	vpci_config_define(&config, AT + PCI_MSI_FLAGS, 2, flags, 0xffff);
}

static void msi_set(unsigned int offset, unsigned int width, uint32_t value)
{
	vpci_config_define(&config, AT + offset, width, value, 0);
}

TestSuite(msi);

Test(msi, size_follows_the_flags)
{
	cr_expect_eq(vpci_msi_size(0), 0x0a);
	cr_expect_eq(vpci_msi_size(PCI_MSI_FLAGS_64BIT), 0x0e);
	cr_expect_eq(vpci_msi_size(PCI_MSI_FLAGS_MASKBIT), 0x14);
	cr_expect_eq(vpci_msi_size(PCI_MSI_FLAGS_MASKBIT | PCI_MSI_FLAGS_64BIT), 0x18);
}

Test(msi, nothing_is_sent_while_it_is_off)
{
	struct vpci_msi msi = {.data = 7};

	msi_start(0);
	cr_expect_not(vpci_msi_enabled(&config, AT));
	cr_expect_not(vpci_msi_message(&config, AT, 0, &msi));
	cr_expect_eq(msi.data, 7);
}

Test(msi, a_32_bit_message_is_found)
{
	struct vpci_msi msi = {0};

	msi_start(PCI_MSI_FLAGS_ENABLE);
	msi_set(PCI_MSI_ADDRESS_LO, 4, 0xfee01000);
	msi_set(PCI_MSI_DATA_32, 2, 0x4041);
	cr_expect(vpci_msi_message(&config, AT, 0, &msi));
	cr_expect_eq(msi.address, 0xfee01000);
	cr_expect_eq(msi.data, 0x4041);
	cr_expect_eq(vpci_msi_pending_register(&config, AT), 0);
}

Test(msi, a_64_bit_message_is_found)
{
	struct vpci_msi msi = {0};

	msi_start(PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_64BIT);
	msi_set(PCI_MSI_ADDRESS_LO, 4, 0xfee01000);
	msi_set(PCI_MSI_ADDRESS_HI, 4, 0x12);
	msi_set(PCI_MSI_DATA_64, 2, 0x4041);
	cr_expect(vpci_msi_message(&config, AT, 0, &msi));
	cr_expect_eq(msi.address, 0x12fee01000);
	cr_expect_eq(msi.data, 0x4041);
}

Test(msi, vectors_are_told_apart_by_the_low_bits)
{
	struct vpci_msi msi = {0};

	/* 8 offered, 4 allowed. */
	msi_start(PCI_MSI_FLAGS_ENABLE | 3 << 1 | 2 << 4);
	msi_set(PCI_MSI_DATA_32, 2, 0x4043);
	cr_expect_eq(vpci_msi_count(&config, AT), 4);
	cr_expect(vpci_msi_message(&config, AT, 2, &msi));
	cr_expect_eq(msi.data, 0x4042);
}

Test(msi, no_more_than_offered_are_allowed)
{
	msi_start(2 << 1 | 7 << 4);
	cr_expect_eq(vpci_msi_count(&config, AT), 4);
}

Test(msi, masked_vectors_send_nothing)
{
	static const uint16_t kinds[] = {0, PCI_MSI_FLAGS_64BIT};

	for (unsigned int i = 0; i < 2; i++) {
		struct vpci_msi msi;

		msi_start(PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_MASKBIT | 5 << 1 | 5 << 4 |
			  kinds[i]);
		msi_set(i ? PCI_MSI_MASK_64 : PCI_MSI_MASK_32, 4, 0x80000002);
		cr_expect(vpci_msi_message(&config, AT, 0, &msi));
		cr_expect_not(vpci_msi_message(&config, AT, 1, &msi));
		cr_expect_not(vpci_msi_message(&config, AT, 31, &msi));
		cr_expect_eq(vpci_msi_pending_register(&config, AT), AT + (i ? 0x14u : 0x10u));
	}
}

Test(msi, messages_outside_of_the_interrupts_addresses_are_none)
{
	static const struct {
		uint64_t address;
		bool interrupt;
	} rows[] = {
		{0xfee00000, true},  {0xfeefffff, true},   {0xfedfffff, false},
		{0xfef00000, false}, {0x1fee00000, false}, {0, false},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(vpci_msi_is_interrupt(&(struct vpci_msi){.address = rows[i].address}),
			     rows[i].interrupt, "row %u", i);
}
