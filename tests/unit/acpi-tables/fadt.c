// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(fadt, .fini = fixture_check_leaks);

#define LENGTH	   276
#define BOOT_FLAGS 109
#define FLAGS	   112
#define RESET	   116
#define X_TIMER	   208

static uint8_t fadt[LENGTH];

static void write_fadt(const struct fixture *f)
{
	struct acpi_blob blob;

	fixture_blob_init(&blob);
	acpi_facs_write(&blob);
	acpi_table_start(&blob, "DSDT");
	acpi_table_end(&blob);
	acpi_fadt_write(&blob, &f->platform);
	memcpy(fadt, fixture_expect_table(&blob, "FACP", 6, LENGTH), LENGTH);
	acpi_buffer_fini(&blob.bytes);
}

Test(fadt, points_to_facs_by_the_64_bit_field_and_to_dsdt_by_both)
{
	struct fixture f;

	fixture_init(&f);
	write_fadt(&f);
	cr_expect_eq(fixture_le(fadt + 36, 4), 0);
	cr_expect_eq(fixture_le(fadt + 132, 8), FIXTURE_BLOB_ADDRESS);
	cr_expect_eq(fixture_le(fadt + 40, 4), FIXTURE_BLOB_ADDRESS + 64);
	cr_expect_eq(fixture_le(fadt + 140, 8), FIXTURE_BLOB_ADDRESS + 64);
	cr_expect_eq(fadt[131], 3, "minor revision");
}

Test(fadt, has_the_same_ports_in_both_forms)
{
	struct fixture f;

	fixture_init(&f);
	write_fadt(&f);
	cr_expect_eq(fixture_le(fadt + 46, 2), 9, "SCI");
	cr_expect_eq(fixture_le(fadt + 56, 4), 0x600);
	cr_expect_eq(fixture_le(fadt + 64, 4), 0x604);
	cr_expect_eq(fixture_le(fadt + 76, 4), 0x608);
	EXPECT_BYTES(fadt + 88, 4, 4, 2, 0, 4);
	EXPECT_BYTES(fadt + 148, 12, 1, 32, 0, 2, 0x00, 0x06, 0, 0, 0, 0, 0, 0);
	EXPECT_BYTES(fadt + 172, 12, 1, 16, 0, 2, 0x04, 0x06, 0, 0, 0, 0, 0, 0);
	EXPECT_BYTES(fadt + X_TIMER, 12, 1, 32, 0, 3, 0x08, 0x06, 0, 0, 0, 0, 0, 0);
}

Test(fadt, is_always_in_acpi_mode_and_never_hardware_reduced)
{
	struct fixture f;

	fixture_init(&f);
	write_fadt(&f);
	EXPECT_BYTES(fadt + 48, 8, 0, 0, 0, 0, 0, 0, 0, 0);
	cr_expect_eq(fixture_le(fadt + FLAGS, 4) & 1u << 20, 0);
}

Test(fadt, reset_register_is_told_only_if_there_is_one)
{
	struct fixture f;

	fixture_init(&f);
	write_fadt(&f);
	cr_expect(fixture_le(fadt + FLAGS, 4) & 1u << 10);
	EXPECT_BYTES(fadt + RESET, 13, 1, 8, 0, 1, 0xf9, 0x0c, 0, 0, 0, 0, 0, 0, 6);

	f.platform.pm.reset_port = 0;
	write_fadt(&f);
	cr_expect_not(fixture_le(fadt + FLAGS, 4) & 1u << 10);
	EXPECT_BYTES(fadt + RESET, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

Test(fadt, timer_is_told_only_if_there_is_one)
{
	struct fixture f;

	fixture_init(&f);
	f.platform.pm.timer_is_32bit = true;
	write_fadt(&f);
	cr_expect(fixture_le(fadt + FLAGS, 4) & 1u << 8);

	f.platform.pm.timer_port = 0;
	write_fadt(&f);
	cr_expect_not(fixture_le(fadt + FLAGS, 4) & 1u << 8);
	cr_expect_eq(fadt[91], 0);
	EXPECT_BYTES(fadt + X_TIMER, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

Test(fadt, boot_flags_say_what_the_machine_lacks)
{
	struct fixture f;

	fixture_init(&f);
	write_fadt(&f);
	cr_expect_eq(fixture_le(fadt + BOOT_FLAGS, 2), 0x05, "serial port, clock, no VGA");
	cr_expect_eq(fadt[108], 0x32, "century");

	f.platform.rtc = false;
	f.platform.rtc_century = 0;
	f.platform.vga = true;
	f.platform.n_serial = 0;
	write_fadt(&f);
	cr_expect_eq(fixture_le(fadt + BOOT_FLAGS, 2), 0x20, "no clock, VGA");
	cr_expect_eq(fadt[108], 0);
}

Test(fadt, power_button_is_fixed_hardware_or_none)
{
	struct fixture f;

	fixture_init(&f);
	write_fadt(&f);
	cr_expect(fixture_le(fadt + FLAGS, 4) & 1u << 4);
	f.platform.pm.power_button = true;
	write_fadt(&f);
	cr_expect_not(fixture_le(fadt + FLAGS, 4) & 1u << 4);
}
