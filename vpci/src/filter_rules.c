// SPDX-License-Identifier: MIT
/* What a guest sees of each standard capability. One that has no rule is hidden. */
#include <linux/pci_regs.h>
#include <stddef.h>
#include "filter.h"
#include "msi.h"

/*
 * Version 1 of the capability ends where the function has no more registers, after those of the link.
 * Version 2 has all of them; but an integrated endpoint, which has neither link nor slot, may end
 * before their second set (PCIe 6.0 section 7.5.3).
 */
#define EXPRESS_V1_SIZE		   0x14
#define EXPRESS_V1_INTEGRATED_SIZE 0x0c
#define EXPRESS_V2_SIZE		   0x3c
#define EXPRESS_V2_INTEGRATED_SIZE 0x2c

/*
 * Relaxed ordering is the device's own. What concerns its place in the host's hierarchy the guest can
 * write and read back, and the host's values stay. No Snoop is off and stays so, as of a function
 * that never sends it (PCIe 6.0 section 7.5.3.4).
 */
#define EXPRESS_LIVE_CONTROL PCI_EXP_DEVCTL_RELAX_EN
#define EXPRESS_KEPT_CONTROL                                                                      \
	(PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE | \
	 PCI_EXP_DEVCTL_PAYLOAD | PCI_EXP_DEVCTL_EXT_TAG | PCI_EXP_DEVCTL_READRQ)
/* Read requests of 512 bytes, as after any reset. */
#define EXPRESS_CONTROL PCI_EXP_DEVCTL_READRQ_512B

static unsigned int pm_size(const struct vpci_filter *filter, unsigned int at)
{
	return PCI_PM_SIZEOF;
}

/*
 * D0 and D3hot only, no PME. The guest reads back the state it asked for, but the device stays in
 * D0: its power is the host's. No_Soft_Reset says that nothing is lost on the way.
 */
static void pm_define(const struct vpci_filter *filter, struct vpci_config *config, unsigned int at)
{
	vpci_config_define(config, at + PCI_PM_PMC, 2, 3, 0);
	vpci_config_define(config, at + PCI_PM_CTRL, 2, PCI_PM_CTRL_NO_SOFT_RESET,
			   PCI_PM_CTRL_STATE_MASK);
}

static unsigned int msi_size(const struct vpci_filter *filter, unsigned int at)
{
	uint32_t flags = vpci_filter_load(filter, at + PCI_MSI_FLAGS, 2);

	return filter->msi ? vpci_msi_size((uint16_t)flags) : 0;
}

static void msi_define(const struct vpci_filter *filter, struct vpci_config *config,
		       unsigned int at)
{
	uint32_t flags = vpci_filter_load(filter, at + PCI_MSI_FLAGS, 2);
	bool wide = flags & PCI_MSI_FLAGS_64BIT;
	unsigned int most = (flags & PCI_MSI_FLAGS_QMASK) >> 1;

	/* 32 vectors are the most (PCI 3.0 section 6.8.1.3). */
	while (most > 5 || (most && 1u << most > filter->msi))
		most--;
	flags &= PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT;
	vpci_config_define(config, at + PCI_MSI_FLAGS, 2, flags | most << 1,
			   PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE);
	vpci_config_define(config, at + PCI_MSI_ADDRESS_LO, 4, 0, 0xfffffffc);
	if (wide)
		vpci_config_define(config, at + PCI_MSI_ADDRESS_HI, 4, 0, UINT32_MAX);
	vpci_config_define(config, at + (wide ? PCI_MSI_DATA_64 : PCI_MSI_DATA_32), 2, 0, 0xffff);
	if (flags & PCI_MSI_FLAGS_MASKBIT)
		vpci_config_define(config, at + (wide ? PCI_MSI_MASK_64 : PCI_MSI_MASK_32), 4, 0,
				   (uint32_t)((1ull << (1u << most)) - 1));
}

static unsigned int msix_size(const struct vpci_filter *filter, unsigned int at)
{
	return filter->msix == at ? PCI_CAP_MSIX_SIZEOF : 0;
}

static void msix_define(const struct vpci_filter *filter, struct vpci_config *config,
			unsigned int at)
{
	uint32_t flags = vpci_filter_load(filter, at + PCI_MSIX_FLAGS, 2);

	vpci_config_define(config, at + PCI_MSIX_FLAGS, 2, flags & PCI_MSIX_FLAGS_QSIZE,
			   PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	vpci_config_define(config, at + PCI_MSIX_TABLE, 4,
			   vpci_filter_load(filter, at + PCI_MSIX_TABLE, 4), 0);
	vpci_config_define(config, at + PCI_MSIX_PBA, 4,
			   vpci_filter_load(filter, at + PCI_MSIX_PBA, 4), 0);
}

static unsigned int express_size(const struct vpci_filter *filter, unsigned int at)
{
	uint32_t flags = vpci_filter_load(filter, at + PCI_EXP_FLAGS, 2);
	bool integrated = (flags & PCI_EXP_FLAGS_TYPE) == PCI_EXP_TYPE_RC_END << 4;

	if ((flags & PCI_EXP_FLAGS_VERS) >= 2)
		return integrated ? EXPRESS_V2_INTEGRATED_SIZE : EXPRESS_V2_SIZE;
	return integrated ? EXPRESS_V1_INTEGRATED_SIZE : EXPRESS_V1_SIZE;
}

/*
 * The guest's root bus has no port above the function, so it becomes a root-complex integrated
 * endpoint, which has no link (PCIe 6.0 section 7.5.3.2); the second set of registers is zero.
 */
static void express_define(const struct vpci_filter *filter, struct vpci_config *config,
			   unsigned int at)
{
	uint32_t flags = vpci_filter_load(filter, at + PCI_EXP_FLAGS, 2) & PCI_EXP_FLAGS_VERS;
	uint32_t able = vpci_filter_load(filter, at + PCI_EXP_DEVCAP, 4);

	able &= PCI_EXP_DEVCAP_EXT_TAG | PCI_EXP_DEVCAP_RBER |
		(filter->flr ? PCI_EXP_DEVCAP_FLR : 0);
	vpci_config_define(config, at + PCI_EXP_FLAGS, 2, flags | PCI_EXP_TYPE_RC_END << 4, 0);
	vpci_config_define(config, at + PCI_EXP_DEVCAP, 4, able, 0);
	vpci_config_define(config, at + PCI_EXP_DEVCTL, 2, EXPRESS_CONTROL, EXPRESS_KEPT_CONTROL);
	vpci_config_pass(config, at + PCI_EXP_DEVCTL, 2, EXPRESS_LIVE_CONTROL);
	vpci_config_pass(config, at + PCI_EXP_DEVSTA, 2, 0xffff);
}

static unsigned int vendor_size(const struct vpci_filter *filter, unsigned int at)
{
	unsigned int size = vpci_filter_load(filter, at + PCI_CAP_FLAGS, 1);

	return size < 3 ? 0 : size;
}

static void vendor_define(const struct vpci_filter *filter, struct vpci_config *config,
			  unsigned int at)
{
	unsigned int size = vendor_size(filter, at);

	for (unsigned int i = PCI_CAP_FLAGS; i < size; i++)
		vpci_config_pass(config, at + i, 1, 0xff);
}

const struct vpci_rule *vpci_rule_find(uint8_t id)
{
	static const struct vpci_rule rules[] = {
		{PCI_CAP_ID_PM, pm_size, pm_define},
		{PCI_CAP_ID_MSI, msi_size, msi_define},
		{PCI_CAP_ID_MSIX, msix_size, msix_define},
		{PCI_CAP_ID_EXP, express_size, express_define},
		{PCI_CAP_ID_VNDR, vendor_size, vendor_define},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].id == id)
			return &rules[i];
	return NULL;
}
