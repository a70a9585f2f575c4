// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(madt, .fini = fixture_check_leaks);

Test(madt, describes_processors_ioapic_overrides_and_nmi)
{
	struct acpi_blob blob;
	struct fixture f;
	const uint8_t *bytes;

	fixture_init(&f);
	fixture_blob_init(&blob);
	acpi_madt_write(&blob, &f.platform);
	bytes = fixture_expect_table(&blob, "APIC", 5, 44 + 2 * 8 + 12 + 2 * 10 + 6);
	EXPECT_BYTES(bytes + 36, 8, 0, 0, 0xe0, 0xfe, 1, 0, 0, 0);
	EXPECT_BYTES(bytes + 44, 16, 0, 8, 0, 0, 1, 0, 0, 0, 0, 8, 1, 2, 1, 0, 0, 0);
	EXPECT_BYTES(bytes + 60, 12, 1, 12, 3, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0);
	EXPECT_BYTES(bytes + 72, 20, 2, 10, 0, 0, 2, 0, 0, 0, 0, 0, 2, 10, 0, 9, 9, 0, 0, 0, 0x0d,
		     0);
	EXPECT_BYTES(bytes + 92, 6, 4, 6, 0xff, 0, 0, 1);
	acpi_buffer_fini(&blob.bytes);
}

Test(madt, holds_255_processors)
{
	struct acpi_blob blob;
	struct fixture f;
	const uint8_t *bytes;

	fixture_init(&f);
	for (unsigned int i = 0; i < 255; i++)
		f.cpus[i].apic_id = 254 - i;
	f.platform.n_cpus = 255;
	f.platform.n_overrides = 0;
	fixture_blob_init(&blob);
	acpi_madt_write(&blob, &f.platform);
	bytes = fixture_expect_table(&blob, "APIC", 5, 44 + 255 * 8 + 12 + 6);
	EXPECT_BYTES(bytes + 44, 8, 0, 8, 0, 254, 1, 0, 0, 0);
	EXPECT_BYTES(bytes + 44 + 254 * 8, 8, 0, 8, 254, 0, 1, 0, 0, 0);
	acpi_buffer_fini(&blob.bytes);
}

Test(madt, low_level_interrupts_are_encoded)
{
	struct acpi_blob blob;
	struct fixture f;

	fixture_init(&f);
	f.overrides[0] = (struct acpi_override){15, 0x10203, ACPI_POLARITY_LOW, ACPI_TRIGGER_LEVEL};
	f.platform.n_overrides = 1;
	fixture_blob_init(&blob);
	acpi_madt_write(&blob, &f.platform);
	EXPECT_BYTES(blob.bytes.bytes + 72, 10, 2, 10, 0, 15, 3, 2, 1, 0, 0x0f, 0);
	acpi_buffer_fini(&blob.bytes);
}
