// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(rsdp, .fini = fixture_check_leaks);

Test(rsdp, is_revision_2_with_both_checksums)
{
	uint8_t rsdp[ACPI_RSDP_LENGTH];

	memset(rsdp, 0xaa, sizeof(rsdp));
	acpi_rsdp_write(rsdp, UINT64_C(0x123456780));
	EXPECT_BYTES(rsdp, sizeof(rsdp), 'R', 'S', 'D', ' ', 'P', 'T', 'R', ' ', rsdp[8], 'U', 'L',
		     'D', 'F', ' ', ' ', 2, 0, 0, 0, 0, 36, 0, 0, 0, 0x80, 0x67, 0x45, 0x23, 1, 0,
		     0, 0, rsdp[32], 0, 0, 0);
	cr_expect_eq(acpi_table_checksum(rsdp, 20), 0);
	cr_expect_eq(acpi_table_checksum(rsdp, sizeof(rsdp)), 0);
}
