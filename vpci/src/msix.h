/* SPDX-License-Identifier: MIT */
/* An MSI-X table with its pending bits (PCI 3.0 section 6.8.2), as a guest sees it. Pure. */
#ifndef VPCI_SRC_MSIX_H
#define VPCI_SRC_MSIX_H

#include <vpci/config.h>
#include <vpci/host.h>

/** VPCI_MSIX_ENTRY - bytes of a table entry */
#define VPCI_MSIX_ENTRY 16

/**
 * struct vpci_msix_range - where the table or the pending bits lie
 * @bar: in which BAR
 * @offset: bytes from its start, a multiple of 8
 * @size: bytes, a multiple of 8
 */
struct vpci_msix_range {
	unsigned int bar;
	uint64_t offset;
	uint64_t size;
};

/**
 * struct vpci_msix - the table
 * @count: entries, 1..2048; 0 without MSI-X
 * @table: where it is
 * @pba: where the pending bits are
 * @entries: @count entries, little-endian; owned
 */
struct vpci_msix {
	unsigned int count;
	struct vpci_msix_range table;
	struct vpci_msix_range pba;
	uint8_t *entries;
};

/**
 * vpci_msix_parse() - read an MSI-X capability
 * @flags: message control
 * @table: table offset and BIR
 * @pba: pending bit array offset and BIR
 * @bar_sizes: bytes of each of the six BARs, 0 for those that are no memory
 * @out: where things are, without entries; untouched on failure
 *
 * Return: 0, -EINVAL when either lies outside of its BAR or both overlap.
 */
int vpci_msix_parse(uint16_t flags, uint32_t table, uint32_t pba, const uint64_t bar_sizes[6],
		    struct vpci_msix *out);

/**
 * vpci_msix_init() - allocate the entries, all masked
 * @msix: parsed
 *
 * Return: 0, or -ENOMEM.
 */
int vpci_msix_init(struct vpci_msix *msix);

/**
 * vpci_msix_fini() - free the entries
 * @msix: may be zero
 */
void vpci_msix_fini(struct vpci_msix *msix);

/**
 * vpci_msix_reset() - mask and clear every entry
 * @msix: may be zero
 */
void vpci_msix_reset(struct vpci_msix *msix);

/**
 * vpci_msix_hit() - does an access go to the table or to the pending bits?
 * @range: either
 * @bar: BAR accessed
 * @offset: bytes from its start, a multiple of the access's width
 *
 * Return: true when it does.
 */
bool vpci_msix_hit(const struct vpci_msix_range *range, unsigned int bar, uint64_t offset);

/**
 * vpci_msix_read() - read the table
 * @msix: the table
 * @offset: bytes into the BAR, a hit
 * @width: 1, 2, 4 or 8
 *
 * Return: what is there.
 */
uint64_t vpci_msix_read(const struct vpci_msix *msix, uint64_t offset, unsigned int width);

/**
 * vpci_msix_write() - write the table
 * @msix: the table
 * @offset: bytes into the BAR, a hit
 * @width: 1, 2, 4 or 8
 * @value: what to write
 *
 * Return: the entry that was written.
 */
unsigned int vpci_msix_write(struct vpci_msix *msix, uint64_t offset, unsigned int width,
			     uint64_t value);

/**
 * vpci_msix_message() - what a vector sends now
 * @msix: the table
 * @flags: message control as the guest wrote it
 * @vector: which, less than @count
 * @out: address and data; untouched when nothing may be sent
 *
 * Return: true when the vector may be sent: MSI-X is on, neither function nor vector masked.
 */
bool vpci_msix_message(const struct vpci_msix *msix, uint16_t flags, unsigned int vector,
		       struct vpci_msi *out);

#endif
