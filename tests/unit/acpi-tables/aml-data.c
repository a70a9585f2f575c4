// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(aml_data, .fini = fixture_check_leaks);

Test(aml_data, integers_take_the_fewest_bytes)
{
	static const struct {
		uint64_t value;
		size_t n;
		uint8_t bytes[9];
	} cases[] = {
		{0, 1, {0x00}},
		{1, 1, {0x01}},
		{2, 2, {0x0a, 0x02}},
		{0xff, 2, {0x0a, 0xff}},
		{0x100, 3, {0x0b, 0x00, 0x01}},
		{0xffff, 3, {0x0b, 0xff, 0xff}},
		{0x10000, 5, {0x0c, 0x00, 0x00, 0x01, 0x00}},
		{0xffffffff, 5, {0x0c, 0xff, 0xff, 0xff, 0xff}},
		{UINT64_C(0x100000000), 9, {0x0e, 0, 0, 0, 0, 1, 0, 0, 0}},
		{UINT64_MAX, 9, {0x0e, 255, 255, 255, 255, 255, 255, 255, 255}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture_aml f;

		aml_integer(fixture_aml_init(&f), cases[i].value);
		fixture_expect_bytes(f.out.bytes, f.out.length, cases[i].bytes, cases[i].n, "case",
				     (int)i);
		fixture_aml_fini(&f);
	}
}

Test(aml_data, strings_are_terminated)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_string(a, "AB");
	aml_string(a, "");
	EXPECT_AML(&f, 0x0d, 'A', 'B', 0, 0x0d, 0);
	fixture_aml_fini(&f);
}

Test(aml_data, a_string_that_is_not_ascii_is_einval)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_string(a, "\xc3\xa4");
	cr_expect_eq(aml_finish(a), -EINVAL);
	fixture_aml_fini(&f);
}

Test(aml_data, names_are_padded_and_prefixed)
{
	static const struct {
		const char *path;
		size_t n;
		const char *bytes;
	} cases[] = {
		{"A", 4, "A___"},
		{"_SB", 4, "_SB_"},
		{"C0FE", 4, "C0FE"},
		{"\\", 2, "\\\0"},
		{"^", 2, "^\0"},
		{"\\_SB", 5, "\\_SB_"},
		{"^^FOO", 6, "^^FOO_"},
		{"_SB.PCI0", 9, "\x2e_SB_PCI0"},
		{"\\_SB.PCI0", 10, "\\\x2e_SB_PCI0"},
		{"_SB.PCI0.COM1", 14, "\x2f\x03_SB_PCI0COM1"},
		{"\\A.B.C.D", 19,
		 "\\\x2f\x04"
		 "A___B___C___D___"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture_aml f;

		aml_name(fixture_aml_init(&f), cases[i].path);
		cr_expect_eq(f.out.error, 0, "%s", cases[i].path);
		fixture_expect_bytes(f.out.bytes, f.out.length, cases[i].bytes, cases[i].n,
				     cases[i].path, (int)i);
		fixture_aml_fini(&f);
	}
}

Test(aml_data, malformed_names_are_einval)
{
	static const char *const cases[] = {
		"",	".",   "ABCDE", "0AB",	"abc",	"A-B", "A.",	".A",  "A..B",	 "A B",
		"\\^A", "A\\", "A^",	"\\.A", "\\A.", "A.0", "\\\\A", "^.A", "A.BCDEF"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture_aml f;

		aml_name(fixture_aml_init(&f), cases[i]);
		cr_expect_eq(f.out.error, -EINVAL, "\"%s\" was accepted", cases[i]);
		cr_expect_eq(f.out.length, 0, "\"%s\" left bytes", cases[i]);
		fixture_aml_fini(&f);
	}
}

Test(aml_data, a_name_has_up_to_255_segments)
{
	char path[2 * 256];
	struct fixture_aml f;

	for (size_t i = 0; i < 256; i++) {
		path[2 * i] = 'A';
		path[2 * i + 1] = '.';
	}
	path[2 * 256 - 1] = 0;
	aml_name(fixture_aml_init(&f), path);
	cr_expect_eq(f.out.error, -EINVAL);
	fixture_aml_fini(&f);

	path[2 * 255 - 1] = 0;
	aml_name(fixture_aml_init(&f), path);
	cr_expect_eq(f.out.error, 0);
	EXPECT_BYTES(f.out.bytes, 2, 0x2f, 255);
	cr_expect_eq(f.out.length, 2 + 4 * 255);
	fixture_aml_fini(&f);
}

Test(aml_data, eisaids_are_compressed)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_eisaid(a, "PNP0A08");
	aml_eisaid(a, "PNP0c0F");
	aml_eisaid(a, "AZZ0000");
	EXPECT_AML(&f, 0x0c, 0x41, 0xd0, 0x0a, 0x08, 0x0c, 0x41, 0xd0, 0x0c, 0x0f, 0x0c, 0x07, 0x5a,
		   0, 0);
	fixture_aml_fini(&f);
}

Test(aml_data, malformed_eisaids_are_einval)
{
	static const char *const cases[] = {"",	       "PNP",	  "PNP0A0",  "PNP0A088",
					    "pnp0A08", "P1P0A08", "PNP0G08", "PNP0A0 "};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture_aml f;

		aml_eisaid(fixture_aml_init(&f), cases[i]);
		cr_expect_eq(f.out.error, -EINVAL, "\"%s\" was accepted", cases[i]);
		fixture_aml_fini(&f);
	}
}

Test(aml_data, uuids_are_mixed_endian_buffers)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_uuid(a, "33DB4D5B-1ff7-401C-9657-7441C03DD766");
	EXPECT_AML(&f, 0x11, 19, 0x0a, 16, 0x5b, 0x4d, 0xdb, 0x33, 0xf7, 0x1f, 0x1c, 0x40, 0x96,
		   0x57, 0x74, 0x41, 0xc0, 0x3d, 0xd7, 0x66);
	fixture_aml_fini(&f);
}

Test(aml_data, malformed_uuids_are_einval)
{
	static const char *const cases[] = {
		"",
		"33DB4D5B-1FF7-401C-9657-7441C03DD76",
		"33DB4D5B-1FF7-401C-9657-7441C03DD7666",
		"33DB4D5B-1FF7-401C-9657-7441C03DD76G",
		"33DB4D5B-1FF7-401C-96577-441C03DD766",
		"33DB4D5B+1FF7-401C-9657-7441C03DD766",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture_aml f;

		aml_uuid(fixture_aml_init(&f), cases[i]);
		cr_expect_eq(f.out.error, -EINVAL, "\"%s\" was accepted", cases[i]);
		fixture_aml_fini(&f);
	}
}

Test(aml_data, there_are_seven_arguments_and_eight_locals)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_arg(a, 0);
	aml_arg(a, 6);
	aml_local(a, 0);
	aml_local(a, 7);
	EXPECT_AML(&f, 0x68, 0x6e, 0x60, 0x67);
	fixture_aml_fini(&f);

	aml_arg(fixture_aml_init(&f), 7);
	cr_expect_eq(f.out.error, -EINVAL);
	fixture_aml_fini(&f);
	aml_local(fixture_aml_init(&f), 8);
	cr_expect_eq(f.out.error, -EINVAL);
	fixture_aml_fini(&f);
}
