// SPDX-License-Identifier: MIT
/* Root System Description Pointer, revision 2 (ACPI 6.3 §5.2.5.3). */
#include <string.h>

#include "table.h"

#define REVISION	  2
#define FIRST_PART_LENGTH 20 /* what ACPI 1.0 knew; has a checksum of its own */

void acpi_rsdp_write(uint8_t rsdp[ACPI_RSDP_LENGTH], uint64_t xsdt_address)
{
	memset(rsdp, 0, ACPI_RSDP_LENGTH);
	memcpy(rsdp, "RSD PTR ", 8);
	memcpy(rsdp + 9, ACPI_OEM_ID, 6);
	rsdp[15] = REVISION;
	rsdp[20] = ACPI_RSDP_LENGTH;
	for (int i = 0; i < 8; i++)
		rsdp[24 + i] = (uint8_t)(xsdt_address >> (8 * i));
	rsdp[8] = acpi_table_checksum(rsdp, FIRST_PART_LENGTH);
	rsdp[32] = acpi_table_checksum(rsdp, ACPI_RSDP_LENGTH);
}
