// SPDX-License-Identifier: MIT
/* Firmware ACPI Control Structure (ACPI 6.3 §5.2.10). No header checksum: the guest writes to it. */
#include "table.h"

#define LENGTH	64
#define VERSION 2

void acpi_facs_write(struct acpi_blob *blob)
{
	struct acpi_buffer *b = &blob->bytes;

	acpi_table_start(blob, "FACS");
	acpi_buffer_u32(b, LENGTH);
	acpi_buffer_u32(b, 0); /* hardware signature */
	acpi_buffer_u32(b, 0); /* waking vector */
	acpi_buffer_u32(b, 0); /* global lock */
	acpi_buffer_u32(b, 0); /* flags: no S4BIOS */
	acpi_buffer_u64(b, 0); /* 64-bit waking vector */
	acpi_buffer_u8(b, VERSION);
	acpi_buffer_zeros(b, 3);
	acpi_buffer_u32(b, 0); /* OSPM flags */
	acpi_buffer_zeros(b, 24);
	acpi_table_end(blob);
}
