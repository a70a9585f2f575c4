// SPDX-License-Identifier: MIT
/* Memory-mapped configuration space (PCI Firmware 3.3 §4.1.2). */
#include "table.h"

#define REVISION 1

void acpi_mcfg_write(struct acpi_blob *blob, const struct acpi_platform *p)
{
	struct acpi_buffer *b = &blob->bytes;

	acpi_table_start_header(blob, "MCFG", REVISION);
	acpi_buffer_zeros(b, 8);
	for (size_t i = 0; i < p->n_segments; i++) {
		acpi_buffer_u64(b, p->segments[i].ecam_base);
		acpi_buffer_u16(b, p->segments[i].segment);
		acpi_buffer_u8(b, p->segments[i].bus_first);
		acpi_buffer_u8(b, p->segments[i].bus_last);
		acpi_buffer_zeros(b, 4);
	}
	acpi_table_end_header(blob);
}
