// SPDX-License-Identifier: MIT
#include "check.h"
#include "fixture.h"

TestSuite(overlap, .fini = fixture_check_leaks);

#define MEMORY_REASON "windows, ECAM, APICs or tables overlap in memory"
#define PORT_REASON   "two devices have one I/O port"
#define WINDOW_REASON "I/O windows overlap"

static void expect(const struct fixture *f, const char *reason)
{
	const char *given = NULL;
	int err = acpi_check_overlaps(&f->platform, &given);

	cr_expect_eq(err, reason ? -EINVAL : 0, "error %d (%s)", err, given ? given : "accepted");
	if (reason)
		cr_expect(given && !strcmp(given, reason), "\"%s\", not \"%s\"", given, reason);
}

Test(overlap, windows_may_touch)
{
	struct fixture f;

	fixture_init(&f);
	f.mmio32[0] = (struct acpi_window){0xc0000000, 0x1000000};
	f.mmio32[1] = (struct acpi_window){0xc1000000, 0xfec00000 - 0xc1000000};
	f.segments[0].n_mmio32 = 2;
	expect(&f, NULL);
	f.mmio32[0].size++;
	expect(&f, MEMORY_REASON);
}

Test(overlap, a_window_over_fixed_memory_is_refused)
{
	static const struct acpi_window cases[] = {
		{0xc0000000, 0x3ec00001}, /* IOAPIC */
		{0xfee00fff, 1},	  /* local APIC */
		{0xb0000000, 0x1000},	  /* ECAM, first byte of it */
		{0xbfffffff, 2},	  /* its last */
		{0xa0000, 0x60000},	  /* RSDP */
		{0x7ffffffc, 4},	  /* tables */
		{0x1000, 0xfffff000},	  /* all of them */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;

		fixture_init(&f);
		f.mmio32[0] = cases[i];
		expect(&f, MEMORY_REASON);
	}
}

Test(overlap, vga_memory_can_be_a_window)
{
	struct fixture f;

	fixture_init(&f);
	f.mmio32[1] = (struct acpi_window){0xa0000, 0x20000};
	f.segments[0].n_mmio32 = 2;
	expect(&f, NULL);
}

Test(overlap, only_the_buses_that_exist_have_ecam)
{
	struct fixture f;

	fixture_init(&f);
	f.segments[0].bus_last = 63;
	f.mmio32[0] = (struct acpi_window){0xb4000000, 0x1000};
	expect(&f, NULL);
	f.segments[0].bus_last = 64;
	expect(&f, MEMORY_REASON);
	f.segments[0].bus_first = 64;
	f.mmio32[0] = (struct acpi_window){0xb0000000, 0x4000000};
	expect(&f, NULL);
}

Test(overlap, segments_share_nothing)
{
	static const struct acpi_window low = {0xa0000, 0x20000}, high = {UINT64_C(1) << 40, 1};
	struct fixture f;

	fixture_init(&f);
	f.io[0].size = 0x8000;
	f.io[1] = (struct acpi_window){0x8000, 0x8000};
	f.segments[1] = f.segments[0];
	f.segments[1].segment = 1;
	f.segments[1].ecam_base = UINT64_C(0x1000000000);
	f.segments[1].io = &f.io[1];
	f.segments[1].mmio32 = &low;
	f.segments[1].mmio64 = &high;
	f.platform.n_segments = 2;
	expect(&f, NULL);

	f.io[1].base = 0x7fff;
	expect(&f, WINDOW_REASON);
	f.io[1].base = 0x8000;
	f.segments[1].mmio64 = f.mmio64;
	expect(&f, MEMORY_REASON);
	f.segments[1].mmio64 = &high;
	f.segments[1].ecam_base = f.segments[0].ecam_base;
	expect(&f, MEMORY_REASON);
}

Test(overlap, apics_and_tables_do_not_collide)
{
	struct fixture f;

	fixture_init(&f);
	f.platform.ioapic.base = f.platform.lapic_base;
	expect(&f, MEMORY_REASON);

	fixture_init(&f);
	f.platform.tables_base = 0xd0000;
	f.platform.tables_size = 0x10000;
	expect(&f, NULL);
	f.platform.tables_size++;
	expect(&f, MEMORY_REASON);
}

Test(overlap, devices_have_ports_of_their_own)
{
	static const uint16_t serial[] = {0xcf1, 0xcff, 0x69, 0x71, 0x5f9, 0x603, 0x605, 0x60b};
	struct fixture f;

	for (size_t i = 0; i < sizeof(serial) / sizeof(serial[0]); i++) {
		fixture_init(&f);
		f.serial[0].port = serial[i];
		expect(&f, PORT_REASON);
	}
	fixture_init(&f);
	f.serial[1] = (struct acpi_serial){0x3ff, 3};
	f.platform.n_serial = 2;
	expect(&f, PORT_REASON);
	f.serial[1].port = 0x400;
	expect(&f, NULL);
}

Test(overlap, what_does_not_exist_takes_no_ports)
{
	struct fixture f;

	fixture_init(&f);
	f.serial[0].port = 0x70;
	f.platform.rtc = false;
	expect(&f, NULL);
	f.serial[0].port = 0x608;
	f.platform.pm.timer_port = 0;
	expect(&f, NULL);
}

Test(overlap, the_most_that_is_allowed_is_checked)
{
	static struct acpi_window mmio32[ACPI_MAX_SEGMENTS][ACPI_MAX_WINDOWS];
	static struct acpi_window mmio64[ACPI_MAX_SEGMENTS][ACPI_MAX_WINDOWS];
	static struct acpi_window io[ACPI_MAX_SEGMENTS][ACPI_MAX_WINDOWS];
	struct fixture f;

	fixture_init(&f);
	for (unsigned int i = 0; i < ACPI_MAX_SEGMENTS; i++) {
		for (unsigned int j = 0; j < ACPI_MAX_WINDOWS; j++) {
			unsigned int n = i * ACPI_MAX_WINDOWS + j;

			io[i][j] = (struct acpi_window){n * 0x100, 0x100};
			mmio32[i][j] = (struct acpi_window){0xc0000000 + n * 0x1000, 0x1000};
			mmio64[i][j] = (struct acpi_window){(UINT64_C(1) << 40) + n, 1};
		}
		f.segments[i] = (struct acpi_pci_segment){
			.segment = (uint16_t)i,
			.bus_last = 255,
			.ecam_base = UINT64_C(0x1000000000) + i * UINT64_C(0x10000000),
			.io = io[i],
			.n_io = ACPI_MAX_WINDOWS,
			.mmio32 = mmio32[i],
			.n_mmio32 = ACPI_MAX_WINDOWS,
			.mmio64 = mmio64[i],
			.n_mmio64 = ACPI_MAX_WINDOWS,
		};
	}
	f.platform.n_segments = ACPI_MAX_SEGMENTS;
	for (unsigned int i = 1; i < ACPI_MAX_SERIAL; i++)
		f.serial[i] = (struct acpi_serial){(uint16_t)(0x1000 * i), 3};
	f.platform.n_serial = ACPI_MAX_SERIAL;
	expect(&f, NULL);
	mmio64[15][15].base--;
	expect(&f, MEMORY_REASON);
}
