// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(viot, .fini = fixture_check_leaks);

Test(viot, leads_from_ranges_of_functions_to_the_virtio_iommu)
{
	static const struct acpi_endpoints ranges[2] = {{0x0010, 0x00ff}, {0x0200, 0x02ff}};
	const struct acpi_viommu viommu = {
		.segment = 0x102, .address = 0x0008, .ranges = ranges, .n_ranges = 2};
	struct acpi_blob blob;
	struct fixture f;
	const uint8_t *bytes;

	fixture_init(&f);
	f.platform.viommu = &viommu;
	fixture_blob_init(&blob);
	acpi_viot_write(&blob, &f.platform);
	bytes = fixture_expect_table(&blob, "VIOT", 0, 48 + 16 + 2 * 24);
	EXPECT_BYTES(bytes + 36, 12, 3, 0, 48, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_BYTES(bytes + 48, 16, 3, 0, 16, 0, 2, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_BYTES(bytes + 64, 24, 1, 0, 24, 0, 0x10, 0, 0, 0, 2, 1, 2, 1, 0x10, 0, 0xff, 0, 48,
		     0, 0, 0, 0, 0, 0, 0);
	EXPECT_BYTES(bytes + 88, 24, 1, 0, 24, 0, 0, 2, 0, 0, 2, 1, 2, 1, 0, 2, 0xff, 2, 48, 0, 0,
		     0, 0, 0, 0, 0);
	acpi_buffer_fini(&blob.bytes);
}
