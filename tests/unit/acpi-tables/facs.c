// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(facs, .fini = fixture_check_leaks);

Test(facs, is_64_aligned_bytes_of_version_2_without_checksum)
{
	struct acpi_blob blob;
	uint8_t expected[64] = {'F', 'A', 'C', 'S', 64, [32] = 2};

	fixture_blob_init(&blob);
	acpi_buffer_u8(&blob.bytes, 0);
	acpi_facs_write(&blob);
	cr_expect_eq(blob.index[0].offset, 64);
	fixture_expect_bytes(blob.bytes.bytes + 64, blob.bytes.length - 64, expected,
			     sizeof(expected), __FILE__, __LINE__);
	acpi_buffer_fini(&blob.bytes);
}
