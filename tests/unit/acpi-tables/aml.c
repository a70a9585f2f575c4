// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(aml, .fini = fixture_check_leaks);

/* An If whose content is @n bytes: the shortest term with a PkgLength. */
static void write_if(struct fixture_aml *f, size_t n)
{
	struct aml *a = fixture_aml_init(f);

	aml_if(a);
	acpi_buffer_zeros(a->out, n);
	aml_end(a);
}

Test(aml, pkg_length_takes_the_fewest_bytes)
{
	static const struct {
		size_t content;
		size_t n;
		uint8_t bytes[4];
	} cases[] = {
		{0, 1, {0x01}},
		{62, 1, {0x3f}},       /* 63 in all */
		{63, 2, {0x41, 0x04}}, /* 65: the second byte counts too */
		{64, 2, {0x42, 0x04}},
		{4093, 2, {0x4f, 0xff}}, /* 4095 in all */
		{4094, 3, {0x81, 0x00, 0x01}},
		{0xffffc, 3, {0x8f, 0xff, 0xff}}, /* 2^20 - 1 in all */
		{0xffffd, 4, {0xc1, 0x00, 0x00, 0x01}},
		{0x100000, 4, {0xc4, 0x00, 0x00, 0x01}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture_aml f;

		write_if(&f, cases[i].content);
		cr_assert_eq(aml_finish(&f.aml), 0);
		cr_expect_eq(f.out.length, 1 + cases[i].n + cases[i].content);
		fixture_expect_bytes(f.out.bytes + 1, cases[i].n, cases[i].bytes, cases[i].n,
				     "content", (int)cases[i].content);
		fixture_aml_fini(&f);
	}
}

Test(aml, pkg_length_beyond_28_bits_is_e2big)
{
	struct fixture_aml f;

	write_if(&f, ((size_t)1 << 28) - 5);
	cr_expect_eq(f.out.error, 0);
	EXPECT_BYTES(f.out.bytes + 1, 4, 0xcf, 0xff, 0xff, 0xff);
	fixture_aml_fini(&f);

	write_if(&f, ((size_t)1 << 28) - 4);
	cr_expect_eq(f.out.error, -E2BIG);
	fixture_aml_fini(&f);
}

Test(aml, inner_lengths_count_in_outer_ones)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_scope(a, "\\");
	aml_device(a, "AB");
	aml_end(a);
	aml_device(a, "CD");
	aml_end(a);
	aml_end(a);
	EXPECT_AML(&f, 0x10, 17, '\\', 0, 0x5b, 0x82, 5, 'A', 'B', '_', '_', 0x5b, 0x82, 5, 'C',
		   'D', '_', '_');
	fixture_aml_fini(&f);
}

Test(aml, an_outer_length_grows_with_an_inner_one_that_needs_two_bytes)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_if(a);
	aml_if(a);
	acpi_buffer_zeros(a->out, 62);
	aml_end(a);
	aml_end(a);
	cr_expect_eq(aml_finish(a), 0);
	EXPECT_BYTES(f.out.bytes, 5, 0xa0, 0x42, 0x04, 0xa0, 0x3f);
	cr_expect_eq(f.out.length, 67);
	fixture_aml_fini(&f);
}

Test(aml, method_flags_hold_arguments_and_serialization)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_method(a, "_OSC", 4, AML_SERIALIZED);
	aml_end(a);
	aml_method(a, "_STA", 0, AML_NOT_SERIALIZED);
	aml_return(a);
	aml_integer(a, 0xf);
	aml_end(a);
	EXPECT_AML(&f, 0x14, 6, '_', 'O', 'S', 'C', 0x0c, 0x14, 9, '_', 'S', 'T', 'A', 0x00, 0xa4,
		   0x0a, 0x0f);
	fixture_aml_fini(&f);
}

Test(aml, package_holds_its_number_of_elements)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_name_decl(a, "\\_S5");
	aml_package(a, 2);
	aml_integer(a, 5);
	aml_integer(a, 0);
	aml_end(a);
	EXPECT_AML(&f, 0x08, '\\', '_', 'S', '5', '_', 0x12, 5, 2, 0x0a, 5, 0);
	fixture_aml_fini(&f);
}

Test(aml, named_values_follow_their_name)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_name_integer(a, "_UID", 1);
	aml_name_string(a, "_HID", "X");
	aml_name_eisaid(a, "_CID", "PNP0A03");
	EXPECT_AML(&f, 8, '_', 'U', 'I', 'D', 1, 8, '_', 'H', 'I', 'D', 0x0d, 'X', 0, 8, '_', 'C',
		   'I', 'D', 0x0c, 0x41, 0xd0, 0x0a, 0x03);
	fixture_aml_fini(&f);
}

Test(aml, resource_template_is_a_buffer_with_end_tag_and_size)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_resource_template(a);
	aml_end(a);
	EXPECT_AML(&f, 0x11, 5, 0x0a, 2, 0x79, 0);
	fixture_aml_fini(&f);
}

Test(aml, resource_template_of_256_bytes_has_a_word_for_its_size)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_resource_template(a);
	acpi_buffer_zeros(a->out, 254);
	aml_end(a);
	cr_expect_eq(aml_finish(a), 0);
	EXPECT_BYTES(f.out.bytes, 6, 0x11, 0x45, 0x10, 0x0b, 0x00, 0x01);
	cr_expect_eq(f.out.length, 6 + 256);
	fixture_aml_fini(&f);
}

Test(aml, operators_are_their_opcodes)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_store(a);
	aml_and(a);
	aml_or(a);
	aml_not_equal(a);
	aml_less(a);
	aml_size_of(a);
	aml_create_dword_field(a);
	aml_return(a);
	EXPECT_AML(&f, 0x70, 0x7b, 0x7d, 0x92, 0x93, 0x95, 0x87, 0x8a, 0xa4);
	fixture_aml_fini(&f);
}

Test(aml, an_end_too_many_is_einval)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_end(a);
	cr_expect_eq(aml_finish(a), -EINVAL);
	fixture_aml_fini(&f);
}

Test(aml, an_end_too_few_is_einval)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_scope(a, "\\_SB");
	cr_expect_eq(aml_finish(a), -EINVAL);
	fixture_aml_fini(&f);
}

Test(aml, nesting_beyond_the_limit_is_e2big)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	for (int i = 0; i < AML_MAX_DEPTH; i++)
		aml_if(a);
	cr_expect_eq(f.out.error, 0);
	aml_if(a);
	cr_expect_eq(f.out.error, -E2BIG);
	for (int i = 0; i <= AML_MAX_DEPTH; i++)
		aml_end(a);
	cr_expect_eq(aml_finish(a), -E2BIG);
	fixture_aml_fini(&f);
}

Test(aml, more_elements_than_a_package_can_count_is_e2big)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_package(a, 255);
	aml_end(a);
	cr_expect_eq(f.out.error, 0);
	aml_package(a, 256);
	aml_end(a);
	cr_expect_eq(f.out.error, -E2BIG);
	fixture_aml_fini(&f);
}

Test(aml, a_method_with_eight_arguments_is_einval)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_method(a, "M", 8, AML_NOT_SERIALIZED);
	aml_end(a);
	cr_expect_eq(aml_finish(a), -EINVAL);
	fixture_aml_fini(&f);
}

Test(aml, a_term_that_does_not_fit_is_e2big)
{
	/* Device (AB): 4 bytes of name and 2 of opcode fit, the length inserted at its end does not. */
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	f.out.limit = 6;
	aml_device(a, "AB");
	cr_expect_eq(f.out.error, 0);
	aml_end(a);
	cr_expect_eq(aml_finish(a), -E2BIG);
	fixture_aml_fini(&f);
}
