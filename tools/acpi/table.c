// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <errno.h>
#include <string.h>

/* ACPI 6.3 tables 5-27, 5-28 and 5-38. */
#define RSDP_FIRST_LENGTH 20
#define RSDP_REVISION_AT  15
#define RSDP_LENGTH_AT	  20
#define RSDP_OEM_AT	  9
#define TABLE_LENGTH_AT	  4
#define TABLE_REVISION_AT 8
#define TABLE_OEM_AT	  10
#define TABLE_HEADER	  36
#define FACS_REVISION_AT  32
#define FACS_LEAST_LENGTH 64
#define OEM_LENGTH	  6

static uint32_t read32(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static uint8_t sum(const uint8_t *bytes, size_t size)
{
	uint8_t total = 0;

	for (size_t i = 0; i < size; i++)
		total = (uint8_t)(total + bytes[i]);
	return total;
}

/* Shows what does not print as dots, and no blanks at the end. */
static void copy_text(char *out, const uint8_t *bytes, size_t size)
{
	while (size && (bytes[size - 1] == ' ' || !bytes[size - 1]))
		size--;
	for (size_t i = 0; i < size; i++)
		*out++ = bytes[i] > 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '.';
	*out = '\0';
}

static int fail(const char **reason, const char *what)
{
	*reason = what;
	return -EINVAL;
}

/* The first checksum covers what ACPI 1.0 had, the second all of it. */
static int parse_rsdp(const uint8_t *bytes, size_t size, struct table *out, const char **reason)
{
	struct table table = {.signature = "RSD PTR", .length = RSDP_FIRST_LENGTH, .summed = true};

	if (size < RSDP_FIRST_LENGTH)
		return fail(reason, "shorter than an RSDP");
	table.revision = bytes[RSDP_REVISION_AT];
	copy_text(table.oem, bytes + RSDP_OEM_AT, OEM_LENGTH);
	if (table.revision >= 2) {
		if (size < RSDP_LENGTH_AT + sizeof(uint32_t))
			return fail(reason, "shorter than an RSDP of ACPI 2.0");
		table.length = read32(bytes + RSDP_LENGTH_AT);
	}
	if (table.length != size)
		return fail(reason, "its length is not that of the file");
	table.sum = sum(bytes, RSDP_FIRST_LENGTH) ?: sum(bytes, size);
	*out = table;
	return 0;
}

static bool is_signature(const uint8_t *bytes)
{
	for (unsigned int i = 0; i < 4; i++)
		if (!(bytes[i] >= 'A' && bytes[i] <= 'Z') &&
		    !(bytes[i] >= '0' && bytes[i] <= '9') && bytes[i] != '_' && bytes[i] != '!')
			return false;
	return true;
}

int table_parse(const uint8_t *bytes, size_t size, struct table *out, const char **reason)
{
	struct table table = {.summed = true};
	bool facs;

	if (size >= 8 && !memcmp(bytes, "RSD PTR ", 8))
		return parse_rsdp(bytes, size, out, reason);
	if (size < TABLE_HEADER)
		return fail(reason, "shorter than a table's header");
	if (!is_signature(bytes))
		return fail(reason, "does not begin with a table's signature");
	facs = !memcmp(bytes, "FACS", 4);
	memcpy(table.signature, bytes, 4);
	table.length = read32(bytes + TABLE_LENGTH_AT);
	if (table.length != size)
		return fail(reason, "its length is not that of the file");
	if (facs && size < FACS_LEAST_LENGTH)
		return fail(reason, "shorter than a FACS");
	table.revision = bytes[facs ? FACS_REVISION_AT : TABLE_REVISION_AT];
	table.summed = !facs;
	if (!facs) {
		copy_text(table.oem, bytes + TABLE_OEM_AT, OEM_LENGTH);
		table.sum = sum(bytes, size);
	}
	*out = table;
	return 0;
}
