// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "table.h"

#define LENGTH_AT   4
#define CHECKSUM_AT 9

void acpi_table_start(struct acpi_blob *blob, const char *signature)
{
	struct acpi_table *table = &blob->index[blob->n_tables];

	if (blob->n_tables == ACPI_MAX_TABLES) {
		acpi_buffer_fail(&blob->bytes, -E2BIG);
		return;
	}
	acpi_buffer_align(&blob->bytes, ACPI_TABLES_ALIGN);
	memcpy(table->signature, signature, sizeof(table->signature));
	table->offset = (uint32_t)blob->bytes.length;
	table->length = 0;
	acpi_buffer_bytes(&blob->bytes, signature, 4);
}

void acpi_table_start_header(struct acpi_blob *blob, const char *signature, uint8_t revision)
{
	struct acpi_buffer *b = &blob->bytes;

	acpi_table_start(blob, signature);
	acpi_buffer_u32(b, 0); /* length */
	acpi_buffer_u8(b, revision);
	acpi_buffer_u8(b, 0); /* checksum */
	acpi_buffer_bytes(b, ACPI_OEM_ID, 6);
	acpi_buffer_bytes(b, ACPI_OEM_TABLE_ID, 8);
	acpi_buffer_u32(b, 1); /* OEM revision */
	acpi_buffer_bytes(b, ACPI_CREATOR_ID, 4);
	acpi_buffer_u32(b, 1); /* creator revision */
}

void acpi_table_end(struct acpi_blob *blob)
{
	struct acpi_table *table = &blob->index[blob->n_tables];

	if (blob->bytes.error)
		return;
	table->length = (uint32_t)blob->bytes.length - table->offset;
	blob->n_tables++;
}

void acpi_table_end_header(struct acpi_blob *blob)
{
	struct acpi_buffer *b = &blob->bytes;
	const struct acpi_table *table = &blob->index[blob->n_tables];

	acpi_table_end(blob);
	if (b->error)
		return;
	acpi_buffer_set_u32(b, table->offset + LENGTH_AT, table->length);
	acpi_buffer_set_u8(b, table->offset + CHECKSUM_AT,
			   acpi_table_checksum(b->bytes + table->offset, table->length));
}

uint64_t acpi_table_address(const struct acpi_blob *blob, const char *signature)
{
	for (size_t i = 0; i < blob->n_tables; i++) {
		if (!strcmp(blob->index[i].signature, signature))
			return blob->address + blob->index[i].offset;
	}
	return 0;
}

uint8_t acpi_table_checksum(const uint8_t *bytes, size_t n)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return (uint8_t)-sum;
}
