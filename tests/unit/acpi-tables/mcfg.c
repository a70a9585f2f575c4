// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(mcfg, .fini = fixture_check_leaks);

Test(mcfg, has_an_entry_for_each_segment)
{
	struct acpi_blob blob;
	struct fixture f;
	const uint8_t *bytes;

	fixture_init(&f);
	f.segments[1] = (struct acpi_pci_segment){.segment = 0x102,
						  .bus_first = 16,
						  .bus_last = 31,
						  .ecam_base = UINT64_C(0x1020000000)};
	f.platform.n_segments = 2;
	fixture_blob_init(&blob);
	acpi_mcfg_write(&blob, &f.platform);
	bytes = fixture_expect_table(&blob, "MCFG", 1, 44 + 2 * 16);
	EXPECT_BYTES(bytes + 36, 8, 0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_BYTES(bytes + 44, 16, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0);
	EXPECT_BYTES(bytes + 60, 16, 0, 0, 0, 0x20, 0x10, 0, 0, 0, 2, 1, 16, 31, 0, 0, 0, 0);
	acpi_buffer_fini(&blob.bytes);
}
