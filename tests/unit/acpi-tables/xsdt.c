// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(xsdt, .fini = fixture_check_leaks);

Test(xsdt, lists_fadt_madt_and_mcfg_but_not_dsdt_and_facs)
{
	static const char *const written[] = {"FACS", "DSDT", "FACP", "APIC", "MCFG"};
	struct acpi_blob blob;
	const uint8_t *bytes;

	fixture_blob_init(&blob);
	for (size_t i = 0; i < 5; i++) {
		acpi_table_start(&blob, written[i]);
		acpi_table_end(&blob);
	}
	acpi_xsdt_write(&blob);
	bytes = fixture_expect_table(&blob, "XSDT", 1, 36 + 3 * 8);
	cr_expect_eq(fixture_le(bytes + 36, 8), FIXTURE_BLOB_ADDRESS + 2 * 64);
	cr_expect_eq(fixture_le(bytes + 44, 8), FIXTURE_BLOB_ADDRESS + 3 * 64);
	cr_expect_eq(fixture_le(bytes + 52, 8), FIXTURE_BLOB_ADDRESS + 4 * 64);
	acpi_buffer_fini(&blob.bytes);
}

Test(xsdt, lists_viot_where_there_is_one)
{
	static const char *const written[] = {"FACP", "APIC", "MCFG", "VIOT"};
	struct acpi_blob blob;
	const uint8_t *bytes;

	fixture_blob_init(&blob);
	for (size_t i = 0; i < 4; i++) {
		acpi_table_start(&blob, written[i]);
		acpi_table_end(&blob);
	}
	acpi_xsdt_write(&blob);
	bytes = fixture_expect_table(&blob, "XSDT", 1, 36 + 4 * 8);
	cr_expect_eq(fixture_le(bytes + 60, 8), FIXTURE_BLOB_ADDRESS + 3 * 64);
	acpi_buffer_fini(&blob.bytes);
}

Test(xsdt, leaves_out_no_table_but_the_viot)
{
	struct acpi_blob blob;
	const uint8_t *bytes;

	fixture_blob_init(&blob);
	acpi_xsdt_write(&blob);
	bytes = fixture_expect_table(&blob, "XSDT", 1, 36 + 3 * 8);
	cr_expect_eq(fixture_le(bytes + 36, 8), 0);
	acpi_buffer_fini(&blob.bytes);
}
