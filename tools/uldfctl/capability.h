/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds capabilities in the bytes of a configuration space, and counts the vectors that they offer. Pure. */
#ifndef TOOLS_ULDFCTL_CAPABILITY_H
#define TOOLS_ULDFCTL_CAPABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPABILITY_BYTES 4096 /* the largest configuration space (PCIe 6.0 section 7.2) */

/* Finds a standard capability (PCI 3.0 section 6.7). @bytes: from offset 0. @out: its offset; untouched for none. */
bool capability_find(const uint8_t *bytes, size_t size, uint8_t id, unsigned int *out);

/* Finds an extended capability (PCIe 6.0 section 7.6.3). @out: its offset; untouched for none. */
bool capability_find_extended(const uint8_t *bytes, size_t size, uint16_t id, unsigned int *out);

/*
 * @known: the bytes tell @msi and @msix; without privilege Linux shows 64 bytes, which hold no capability
 * @pin: 'A' to 'D', the pin of INTx; 0 for none
 * @msi: vectors of MSI; 0 for none
 * @msix: vectors of MSI-X; 0 for none
 */
struct vectors {
	bool known;
	char pin;
	unsigned int msi;
	unsigned int msix;
};

/* Reads what vectors the device with these bytes has. */
void vectors_read(const uint8_t *bytes, size_t size, struct vectors *out);

#endif
