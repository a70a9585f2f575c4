// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(table, .fini = fixture_check_leaks);

Test(table, checksum_makes_bytes_add_up_to_zero)
{
	const uint8_t one[] = {1}, many[] = {0xff, 0xff, 0x03}, none[] = {0x80, 0x80};

	cr_expect_eq(acpi_table_checksum(one, 1), 0xff);
	cr_expect_eq(acpi_table_checksum(many, 3), 0xff);
	cr_expect_eq(acpi_table_checksum(none, 2), 0);
	cr_expect_eq(acpi_table_checksum(none, 0), 0);
}

Test(table, header_holds_length_and_checksum_of_what_follows)
{
	struct acpi_blob blob;
	const uint8_t *bytes;

	fixture_blob_init(&blob);
	acpi_table_start_header(&blob, "TEST", 7);
	acpi_buffer_u32(&blob.bytes, 0x12345678);
	acpi_table_end_header(&blob);
	bytes = fixture_expect_table(&blob, "TEST", 7, ACPI_HEADER_LENGTH + 4);
	cr_expect_eq(fixture_le(bytes + ACPI_HEADER_LENGTH, 4), 0x12345678);
	acpi_buffer_fini(&blob.bytes);
}

Test(table, tables_are_aligned_and_found_by_signature)
{
	struct acpi_blob blob;

	fixture_blob_init(&blob);
	acpi_table_start_header(&blob, "AAAA", 1);
	acpi_buffer_zeros(&blob.bytes, 40);
	acpi_table_end_header(&blob);
	acpi_table_start(&blob, "BBBB");
	acpi_table_end(&blob);
	cr_expect_eq(acpi_table_address(&blob, "AAAA"), FIXTURE_BLOB_ADDRESS);
	cr_expect_eq(acpi_table_address(&blob, "BBBB"), FIXTURE_BLOB_ADDRESS + 128);
	cr_expect_eq(acpi_table_address(&blob, "CCCC"), 0);
	cr_expect_eq(blob.index[1].length, 4);
	acpi_buffer_fini(&blob.bytes);
}

Test(table, one_that_was_not_ended_has_no_address)
{
	struct acpi_blob blob;

	fixture_blob_init(&blob);
	acpi_table_start(&blob, "AAAA");
	cr_expect_eq(acpi_table_address(&blob, "AAAA"), 0);
	acpi_buffer_fini(&blob.bytes);
}

Test(table, more_than_the_index_holds_is_e2big)
{
	struct acpi_blob blob;

	fixture_blob_init(&blob);
	for (int i = 0; i < ACPI_MAX_TABLES; i++) {
		acpi_table_start_header(&blob, "AAAA", 1);
		acpi_table_end_header(&blob);
	}
	cr_expect_eq(blob.bytes.error, 0);
	acpi_table_start_header(&blob, "AAAA", 1);
	acpi_table_end_header(&blob);
	cr_expect_eq(blob.bytes.error, -E2BIG);
	cr_expect_eq(blob.n_tables, ACPI_MAX_TABLES);
	acpi_buffer_fini(&blob.bytes);
}

Test(table, one_that_does_not_fit_is_not_in_the_index)
{
	struct acpi_blob blob;

	fixture_blob_init(&blob);
	blob.bytes.limit = ACPI_HEADER_LENGTH;
	acpi_table_start_header(&blob, "AAAA", 1);
	acpi_buffer_u8(&blob.bytes, 0);
	acpi_table_end_header(&blob);
	cr_expect_eq(blob.bytes.error, -E2BIG);
	cr_expect_eq(blob.n_tables, 0);
	acpi_buffer_fini(&blob.bytes);
}
