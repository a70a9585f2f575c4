// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(dsdt, .fini = fixture_check_leaks);

/* Number of times that @n bytes occur in the DSDT of @f. */
static size_t occurrences(const struct fixture *f, const void *bytes, size_t n)
{
	struct acpi_blob blob;
	size_t count = 0;

	fixture_blob_init(&blob);
	acpi_dsdt_write(&blob, &f->platform);
	cr_assert_eq(blob.bytes.error, 0);
	fixture_expect_table(&blob, "DSDT", 2, blob.bytes.length);
	for (size_t i = 0; i + n <= blob.bytes.length; i++)
		count += !memcmp(blob.bytes.bytes + i, bytes, n);
	acpi_buffer_fini(&blob.bytes);
	return count;
}

Test(dsdt, each_processor_is_a_device_with_the_madt_uid)
{
	static const uint8_t last[] = {0x5b, 0x82, 37,	'C',  '0', 'F', 'E', 8,	   '_',
				       'H',  'I',  'D', 0x0d, 'A', 'C', 'P', 'I',  '0',
				       '0',  '0',  '7', 0,    8,   '_', 'U', 'I',  'D',
				       0x0a, 254,  8,	'_',  'S', 'T', 'A', 0x0a, 0x0f};
	struct fixture f;

	fixture_init(&f);
	cr_expect_eq(occurrences(&f, "ACPI0007", 9), 2);
	for (unsigned int i = 0; i < 255; i++)
		f.cpus[i].apic_id = i;
	f.platform.n_cpus = 255;
	cr_expect_eq(occurrences(&f, "ACPI0007", 9), 255);
	cr_expect_eq(occurrences(&f, last + 3, sizeof(last) - 3), 1);
}

Test(dsdt, ecam_is_reserved_below_and_above_4_gib)
{
	static const uint8_t low[] = {0x86, 9, 0, 1, 0, 0, 0, 0xb0, 0, 0, 0, 0x10};
	static const uint8_t buses_16_to_31[] = {
		0x8a, 43, 0,	0, 0x0d, 1, 0,	  0,	0,    0, 0,    0, 0, 0, 0, 0,
		0,    1,  0x10, 0, 0,	 0, 0xff, 0xff, 0xff, 1, 0x10, 0, 0, 0, 0, 0,
		0,    0,  0,	0, 0,	 0, 0,	  0,	0,    1, 0,    0, 0, 0};
	struct fixture f;

	fixture_init(&f);
	f.segments[1] = (struct acpi_pci_segment){
		.segment = 1, .bus_first = 16, .bus_last = 31, .ecam_base = UINT64_C(0x1000000000)};
	f.platform.n_segments = 2;
	cr_expect_eq(occurrences(&f, low, sizeof(low)), 1);
	cr_expect_eq(occurrences(&f, buses_16_to_31, sizeof(buses_16_to_31)), 1);
}

Test(dsdt, power_off_has_the_sleep_type)
{
	static const uint8_t s5[] = {8, '\\', '_', 'S',	 '5', '_', 0x12, 8,
				     4, 0x0a, 7,   0x0a, 7,   0,   0};
	struct fixture f;

	fixture_init(&f);
	f.platform.pm.s5_type = 7;
	cr_expect_eq(occurrences(&f, s5, sizeof(s5)), 1);
}

Test(dsdt, isa_devices_stand_below_the_first_segment_only)
{
	struct fixture f;

	fixture_init(&f);
	f.segments[1] = (struct acpi_pci_segment){.segment = 1, .ecam_base = 0x1000000000};
	f.platform.n_segments = 2;
	cr_expect_eq(occurrences(&f, "PCI0", 4), 1);
	cr_expect_eq(occurrences(&f, "PCI1", 4), 1);
	cr_expect_eq(occurrences(&f, "PMIO", 4), 1);
	cr_expect_eq(occurrences(&f, "COM1", 4), 1);
}
