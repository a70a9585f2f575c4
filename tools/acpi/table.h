/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One ACPI table in a file, as firmware gave it or a VMM wrote it. */
#ifndef TOOLS_ACPI_TABLE_H
#define TOOLS_ACPI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct table - what the bytes of a table say of it
 * @signature: four letters, or "RSD PTR"
 * @revision: its version
 * @oem: who made it, up to 6 letters; empty in a FACS, which does not tell
 * @length: bytes, as it says itself
 * @sum: what its bytes add up to, modulo 256: 0 for a sound one
 * @summed: it has a checksum (a FACS has none)
 */
struct table {
	char signature[9];
	uint8_t revision;
	char oem[7];
	uint32_t length;
	uint8_t sum;
	bool summed;
};

/**
 * table_parse() - read a table (ACPI 6.3 sections 5.2.5.3, 5.2.6 and 5.2.10)
 * @bytes: it
 * @size: how many there are
 * @out: what it is; untouched on failure
 * @reason: set on failure to a static text, what is wrong with it
 *
 * Return: 0 or -EINVAL.
 */
int table_parse(const uint8_t *bytes, size_t size, struct table *out, const char **reason);

#endif
