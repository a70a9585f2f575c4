// SPDX-License-Identifier: MIT
/* Extended System Description Table (ACPI 6.3 §5.2.8): where the other tables are. */
#include "table.h"

#define REVISION 1

void acpi_xsdt_write(struct acpi_blob *blob)
{
	/* The FADT points to FACS and DSDT. */
	static const char *const listed[] = {"FACP", "APIC", "MCFG"};
	uint64_t viot = acpi_table_address(blob, "VIOT");

	acpi_table_start_header(blob, "XSDT", REVISION);
	for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
		acpi_buffer_u64(&blob->bytes, acpi_table_address(blob, listed[i]));
	/* A machine without a virtio-iommu has none. */
	if (viot)
		acpi_buffer_u64(&blob->bytes, viot);
	acpi_table_end_header(blob);
}
