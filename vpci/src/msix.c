// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>
#include "little_endian.h"
#include "msix.h"

static int msix_place(uint32_t location, uint64_t size, const uint64_t bar_sizes[6],
		      struct vpci_msix_range *out)
{
	out->bar = location & PCI_MSIX_TABLE_BIR;
	out->offset = location & PCI_MSIX_TABLE_OFFSET;
	out->size = size;
	if (out->bar >= 6 || out->offset + size > bar_sizes[out->bar])
		return -EINVAL;
	return 0;
}

int vpci_msix_parse(uint16_t flags, uint32_t table, uint32_t pba, const uint64_t bar_sizes[6],
		    struct vpci_msix *out)
{
	struct vpci_msix msix = {.count = (flags & PCI_MSIX_FLAGS_QSIZE) + 1u};

	if (msix_place(table, (uint64_t)msix.count * VPCI_MSIX_ENTRY, bar_sizes, &msix.table) ||
	    msix_place(pba, (msix.count + 63) / 64 * 8, bar_sizes, &msix.pba))
		return -EINVAL;
	if (msix.table.bar == msix.pba.bar && msix.table.offset < msix.pba.offset + msix.pba.size &&
	    msix.pba.offset < msix.table.offset + msix.table.size)
		return -EINVAL;
	*out = msix;
	return 0;
}

int vpci_msix_init(struct vpci_msix *msix)
{
	msix->entries = calloc(msix->count, VPCI_MSIX_ENTRY);
	if (!msix->entries)
		return -ENOMEM;
	vpci_msix_reset(msix);
	return 0;
}

void vpci_msix_fini(struct vpci_msix *msix)
{
	free(msix->entries);
	memset(msix, 0, sizeof(*msix));
}

void vpci_msix_reset(struct vpci_msix *msix)
{
	for (unsigned int i = 0; i < msix->count; i++) {
		uint8_t *entry = msix->entries + i * VPCI_MSIX_ENTRY;

		memset(entry, 0, VPCI_MSIX_ENTRY);
		entry[PCI_MSIX_ENTRY_VECTOR_CTRL] = PCI_MSIX_ENTRY_CTRL_MASKBIT;
	}
}

bool vpci_msix_hit(const struct vpci_msix_range *range, unsigned int bar, uint64_t offset)
{
	return bar == range->bar && offset >= range->offset && offset - range->offset < range->size;
}

uint64_t vpci_msix_read(const struct vpci_msix *msix, uint64_t offset, unsigned int width)
{
	return vpci_le_load(msix->entries + (offset - msix->table.offset), width);
}

unsigned int vpci_msix_write(struct vpci_msix *msix, uint64_t offset, unsigned int width,
			     uint64_t value)
{
	uint64_t at = offset - msix->table.offset;
	uint8_t *entry = msix->entries + (at & ~(uint64_t)(VPCI_MSIX_ENTRY - 1));

	vpci_le_store(msix->entries + at, width, value);
	/* The low two bits of the address and all of vector control but the mask are reserved. */
	entry[PCI_MSIX_ENTRY_LOWER_ADDR] &= 0xfc;
	entry[PCI_MSIX_ENTRY_VECTOR_CTRL] &= PCI_MSIX_ENTRY_CTRL_MASKBIT;
	memset(entry + PCI_MSIX_ENTRY_VECTOR_CTRL + 1, 0, 3);
	return (unsigned int)(at / VPCI_MSIX_ENTRY);
}

bool vpci_msix_message(const struct vpci_msix *msix, uint16_t flags, unsigned int vector,
		       struct vpci_msi *out)
{
	const uint8_t *entry = msix->entries + vector * VPCI_MSIX_ENTRY;

	if ((flags & (PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL)) != PCI_MSIX_FLAGS_ENABLE ||
	    (entry[PCI_MSIX_ENTRY_VECTOR_CTRL] & PCI_MSIX_ENTRY_CTRL_MASKBIT))
		return false;
	out->address = vpci_le_load(entry + PCI_MSIX_ENTRY_LOWER_ADDR, 8);
	out->data = (uint32_t)vpci_le_load(entry + PCI_MSIX_ENTRY_DATA, 4);
	return true;
}
