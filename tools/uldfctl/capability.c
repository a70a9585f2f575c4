// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/pci_regs.h>
#include "capability.h"

/* No list can be longer than the space has room for capabilities of the least size. */
#define STANDARD_MOST ((PCI_CFG_SPACE_SIZE - PCI_STD_HEADER_SIZEOF) / 4)
#define EXTENDED_MOST ((PCI_CFG_SPACE_EXP_SIZE - PCI_CFG_SPACE_SIZE) / 8)

static uint16_t config_word(const uint8_t *bytes, unsigned int offset)
{
	return (uint16_t)(bytes[offset] | bytes[offset + 1] << 8);
}

bool capability_find(const uint8_t *bytes, size_t size, uint8_t id, unsigned int *out)
{
	unsigned int offset;

	if (size < PCI_CFG_SPACE_SIZE || !(bytes[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return false;
	offset = bytes[PCI_CAPABILITY_LIST] & 0xfcu;
	for (unsigned int visited = 0; visited < STANDARD_MOST && offset >= PCI_STD_HEADER_SIZEOF;
	     visited++) {
		if (bytes[offset] == id) {
			*out = offset;
			return true;
		}
		offset = bytes[offset + PCI_CAP_LIST_NEXT] & 0xfcu;
	}
	return false;
}

bool capability_find_extended(const uint8_t *bytes, size_t size, uint16_t id, unsigned int *out)
{
	unsigned int offset = PCI_CFG_SPACE_SIZE;

	for (unsigned int visited = 0; visited < EXTENDED_MOST; visited++) {
		uint32_t header;

		if (offset < PCI_CFG_SPACE_SIZE || offset + 4 > size)
			return false;
		header = config_word(bytes, offset) | (uint32_t)config_word(bytes, offset + 2)
							      << 16;
		/* Zero: there are none; ones: nothing answers there. */
		if (!header || header == UINT32_MAX)
			return false;
		if (PCI_EXT_CAP_ID(header) == id) {
			*out = offset;
			return true;
		}
		offset = PCI_EXT_CAP_NEXT(header);
	}
	return false;
}

void vectors_read(const uint8_t *bytes, size_t size, struct vectors *out)
{
	unsigned int at;

	*out = (struct vectors){.known = size >= PCI_CFG_SPACE_SIZE};
	if (size < PCI_STD_HEADER_SIZEOF)
		return;
	if (bytes[PCI_INTERRUPT_PIN] >= 1 && bytes[PCI_INTERRUPT_PIN] <= 4)
		out->pin = (char)('A' + bytes[PCI_INTERRUPT_PIN] - 1);
	out->known = out->known || !(bytes[PCI_STATUS] & PCI_STATUS_CAP_LIST);
	if (capability_find(bytes, size, PCI_CAP_ID_MSI, &at) && at + 4 <= PCI_CFG_SPACE_SIZE)
		out->msi =
			1u << ((config_word(bytes, at + PCI_MSI_FLAGS) & PCI_MSI_FLAGS_QMASK) >> 1);
	if (capability_find(bytes, size, PCI_CAP_ID_MSIX, &at) && at + 4 <= PCI_CFG_SPACE_SIZE)
		out->msix = (config_word(bytes, at + PCI_MSIX_FLAGS) & PCI_MSIX_FLAGS_QSIZE) + 1u;
}
