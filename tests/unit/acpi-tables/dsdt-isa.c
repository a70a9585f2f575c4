// SPDX-License-Identifier: MIT
#include "dsdt.h"
#include "fixture.h"

TestSuite(dsdt_isa, .fini = fixture_check_leaks);

static bool contains(const struct fixture *f, const void *bytes, size_t n)
{
	struct fixture_aml a;
	bool found;

	acpi_dsdt_isa_devices(fixture_aml_init(&a), &f->platform);
	cr_assert_eq(aml_finish(&a.aml), 0);
	found = memmem(a.out.bytes, a.out.length, bytes, n);
	fixture_aml_fini(&a);
	return found;
}

Test(dsdt_isa, pm_ports_are_reserved)
{
	static const uint8_t with_timer[] = {0x47, 1,	 0x00, 6,    0x00, 6, 1,    4,	  0x47,
					     1,	   0x04, 6,    0x04, 6,	   1, 2,    0x47, 1,
					     0x08, 6,	 0x08, 6,    1,	   4, 0x79, 0};
	struct fixture f;

	fixture_init(&f);
	cr_expect(contains(&f, with_timer, sizeof(with_timer)));
	f.platform.pm.timer_port = 0;
	cr_expect(contains(&f, "\x47\x01\x04\x06\x04\x06\x01\x02\x79", 9));
}

Test(dsdt_isa, clock_is_there_if_the_platform_has_one)
{
	static const uint8_t crs[] = {0x47, 1, 0x70, 0, 0x70, 0, 1, 2, 0x22, 0, 1, 0x79, 0};
	struct fixture f;

	fixture_init(&f);
	cr_expect(contains(&f, "RTC_", 4));
	cr_expect(contains(&f, crs, sizeof(crs)));
	f.platform.rtc = false;
	cr_expect_not(contains(&f, "RTC_", 4));
}

Test(dsdt_isa, serial_ports_are_numbered_from_1)
{
	static const uint8_t com2[] = {'C',  'O', 'M', '2', 8,	 '_', 'H', 'I', 'D',  0x0c, 0x41,
				       0xd0, 5,	  1,   8,   '_', 'U', 'I', 'D', 0x0a, 2};
	static const uint8_t crs[] = {0x47, 1, 0xf8, 2, 0xf8, 2, 1, 8, 0x22, 8, 0, 0x79, 0};
	struct fixture f;

	fixture_init(&f);
	cr_expect(contains(&f, "COM1", 4));
	cr_expect_not(contains(&f, "COM2", 4));
	f.serial[1] = (struct acpi_serial){0x2f8, 3};
	f.platform.n_serial = 2;
	cr_expect(contains(&f, com2, sizeof(com2)));
	cr_expect(contains(&f, crs, sizeof(crs)));
	f.platform.n_serial = 0;
	cr_expect_not(contains(&f, "COM1", 4));
}
