/* SPDX-License-Identifier: MIT */
/*
 * The blob that the tables are written into, one after the other. A table is written after those it
 * points to, so every address is known when it is needed and every checksum is final at once.
 */
#ifndef ACPI_TABLES_TABLE_H
#define ACPI_TABLES_TABLE_H

#include <acpi/platform.h>

#include "buffer.h"

#define ACPI_HEADER_LENGTH 36
#define ACPI_OEM_ID	   "ULDF  "
#define ACPI_OEM_TABLE_ID  "ULDFVM  "
#define ACPI_CREATOR_ID	   "ULDF"

struct acpi_blob {
	struct acpi_buffer bytes;
	uint64_t address; /* guest-physical, of the first byte */
	struct acpi_table index[ACPI_MAX_TABLES];
	size_t n_tables;
};

/* Starts a table on the next aligned address; whatever is written then belongs to it. */
void acpi_table_start(struct acpi_blob *blob, const char *signature);

/* The same with the common header (ACPI 6.3 §5.2.6). */
void acpi_table_start_header(struct acpi_blob *blob, const char *signature, uint8_t revision);

/* Ends the table that was started last: without, or with header (writes length and checksum there). */
void acpi_table_end(struct acpi_blob *blob);
void acpi_table_end_header(struct acpi_blob *blob);

/* Guest-physical address of a table that was ended; 0 if there is none. */
uint64_t acpi_table_address(const struct acpi_blob *blob, const char *signature);

/* The byte that makes @n bytes add up to 0, if it is 0 itself now. */
uint8_t acpi_table_checksum(const uint8_t *bytes, size_t n);

/* The tables (each in a file of its own) */
void acpi_facs_write(struct acpi_blob *blob);
void acpi_dsdt_write(struct acpi_blob *blob, const struct acpi_platform *p);
void acpi_fadt_write(struct acpi_blob *blob, const struct acpi_platform *p);
void acpi_madt_write(struct acpi_blob *blob, const struct acpi_platform *p);
void acpi_mcfg_write(struct acpi_blob *blob, const struct acpi_platform *p);
void acpi_viot_write(struct acpi_blob *blob, const struct acpi_platform *p);
void acpi_xsdt_write(struct acpi_blob *blob);
void acpi_rsdp_write(uint8_t rsdp[ACPI_RSDP_LENGTH], uint64_t xsdt_address);

#endif
