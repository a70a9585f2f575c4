// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "msi.h"

/* Messages to 0xfeexxxxx are interrupts, all others plain writes (Intel SDM vol. 3 11.11.1). */
#define MSI_ADDRESS_MASK 0xfffffffffff00000ull
#define MSI_ADDRESS	 0x00000000fee00000ull

static uint32_t msi_flags(const struct vpci_config *config, unsigned int at)
{
	return vpci_config_read(config, at + PCI_MSI_FLAGS, 2);
}

unsigned int vpci_msi_size(uint16_t flags)
{
	if (flags & PCI_MSI_FLAGS_MASKBIT)
		return flags & PCI_MSI_FLAGS_64BIT ? 0x18 : 0x14;
	return flags & PCI_MSI_FLAGS_64BIT ? 0x0e : 0x0a;
}

bool vpci_msi_enabled(const struct vpci_config *config, unsigned int at)
{
	return msi_flags(config, at) & PCI_MSI_FLAGS_ENABLE;
}

unsigned int vpci_msi_count(const struct vpci_config *config, unsigned int at)
{
	uint32_t flags = msi_flags(config, at);
	unsigned int most = (flags & PCI_MSI_FLAGS_QMASK) >> 1;
	unsigned int asked = (flags & PCI_MSI_FLAGS_QSIZE) >> 4;

	return 1u << (asked < most ? asked : most);
}

bool vpci_msi_message(const struct vpci_config *config, unsigned int at, unsigned int vector,
		      struct vpci_msi *out)
{
	uint32_t flags = msi_flags(config, at), data, mask = 0;
	bool wide = flags & PCI_MSI_FLAGS_64BIT;

	if (flags & PCI_MSI_FLAGS_MASKBIT)
		mask = vpci_config_read(config, at + (wide ? PCI_MSI_MASK_64 : PCI_MSI_MASK_32), 4);
	if (!(flags & PCI_MSI_FLAGS_ENABLE) || mask >> vector & 1)
		return false;
	out->address = vpci_config_read(config, at + PCI_MSI_ADDRESS_LO, 4);
	if (wide)
		out->address |= (uint64_t)vpci_config_read(config, at + PCI_MSI_ADDRESS_HI, 4)
				<< 32;
	data = vpci_config_read(config, at + (wide ? PCI_MSI_DATA_64 : PCI_MSI_DATA_32), 2);
	/* The low bits of the data tell the vectors apart. */
	out->data = (data & ~(vpci_msi_count(config, at) - 1)) | vector;
	return true;
}

bool vpci_msi_is_interrupt(const struct vpci_msi *msi)
{
	return (msi->address & MSI_ADDRESS_MASK) == MSI_ADDRESS;
}

unsigned int vpci_msi_pending_register(const struct vpci_config *config, unsigned int at)
{
	uint32_t flags = msi_flags(config, at);

	if (!(flags & PCI_MSI_FLAGS_MASKBIT))
		return 0;
	return at + (flags & PCI_MSI_FLAGS_64BIT ? PCI_MSI_PENDING_64 : PCI_MSI_PENDING_32);
}
