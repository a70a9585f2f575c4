// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "host.h"

static struct vpci_config config;

static void config_start(void)
{
	static const struct vpci_identity identity = {.vendor = 0x1234};

	vpci_config_init(&config, VPCI_CONFIG_SIZE, &identity);
}

TestSuite(config_list, .init = config_start);

Test(config_list, capabilities_are_linked_in_the_order_added)
{
	cr_expect_eq(vpci_config_read(&config, PCI_STATUS, 2), 0);
	cr_expect_eq(vpci_config_add_capability(&config, PCI_CAP_ID_MSI, 0x80, 14), 0);
	cr_expect_eq(vpci_config_add_capability(&config, PCI_CAP_ID_PM, 0x40, 8), 0);
	cr_expect_eq(vpci_config_read(&config, PCI_STATUS, 2), PCI_STATUS_CAP_LIST);
	cr_expect_eq(vpci_config_read(&config, PCI_CAPABILITY_LIST, 1), 0x80);
	cr_expect_eq(vpci_config_read(&config, 0x80, 2), 0x40 << 8 | PCI_CAP_ID_MSI);
	cr_expect_eq(vpci_config_read(&config, 0x40, 2), PCI_CAP_ID_PM);
}

Test(config_list, a_capability_begins_blank)
{
	vpci_config_define(&config, 0x44, 4, 0x1234, UINT32_MAX);
	vpci_config_pass(&config, 0x48, 4, UINT32_MAX);
	vpci_config_add_capability(&config, PCI_CAP_ID_MSIX, 0x40, 12);
	vpci_config_write(&config, 0x44, 4, 0x5678);
	cr_expect_eq(vpci_config_read(&config, 0x44, 4), 0);
	cr_expect_eq(vpci_config_live(&config, 0x48, 4), 0);
}

Test(config_list, a_capability_out_of_place_is_einval)
{
	cr_expect_eq(vpci_config_add_capability(&config, 1, 0x3c, 8), -EINVAL);
	cr_expect_eq(vpci_config_add_capability(&config, 1, 0x42, 8), -EINVAL);
	cr_expect_eq(vpci_config_add_capability(&config, 1, 0xfc, 8), -EINVAL);
	cr_expect_eq(vpci_config_add_capability(&config, 1, 0x100, 8), -EINVAL);
	cr_expect_eq(vpci_config_add_capability(&config, 1, 0x40, 1), -EINVAL);
	cr_expect_eq(vpci_config_add_capability(&config, 1, 0x40, 0xffffffff), -EINVAL);
	cr_expect_eq(vpci_config_read(&config, PCI_CAPABILITY_LIST, 1), 0);
}

Test(config_list, extended_ones_begin_at_0x100)
{
	cr_expect_eq(vpci_config_add_extended(&config, PCI_EXT_CAP_ID_DSN, 1, 0x100, 12), 0);
	cr_expect_eq(vpci_config_add_extended(&config, PCI_EXT_CAP_ID_VNDR, 2, 0xff0, 16), 0);
	cr_expect_eq(vpci_config_read(&config, 0x100, 4), 0xff010003);
	cr_expect_eq(vpci_config_read(&config, 0xff0, 4), 0x0002000b);
}

Test(config_list, a_null_capability_leads_to_the_first_extended_one)
{
	cr_expect_eq(vpci_config_add_extended(&config, PCI_EXT_CAP_ID_DSN, 1, 0x148, 12), 0);
	cr_expect_eq(vpci_config_read(&config, 0x100, 4), 0x14810000);
	cr_expect_eq(vpci_config_read(&config, 0x148, 4), 0x00010003);
}

Test(config_list, an_extended_one_out_of_place_is_einval)
{
	cr_expect_eq(vpci_config_add_extended(&config, 3, 1, 0xfc, 12), -EINVAL);
	cr_expect_eq(vpci_config_add_extended(&config, 3, 1, 0x102, 12), -EINVAL);
	cr_expect_eq(vpci_config_add_extended(&config, 3, 1, 0xffc, 12), -EINVAL);
	cr_expect_eq(vpci_config_add_extended(&config, 3, 1, 0x1000, 12), -EINVAL);
	cr_expect_eq(vpci_config_add_extended(&config, 3, 16, 0x100, 12), -EINVAL);
	cr_expect_eq(vpci_config_add_extended(&config, 3, 1, 0x100, 2), -EINVAL);
	config.size = 256;
	cr_expect_eq(vpci_config_add_extended(&config, 3, 1, 0x100, 12), -EINVAL);
}
