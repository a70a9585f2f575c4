// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(buffer, .fini = fixture_check_leaks);

Test(buffer, numbers_are_little_endian)
{
	struct acpi_buffer b;

	acpi_buffer_init(&b, 100);
	acpi_buffer_u8(&b, 0x01);
	acpi_buffer_u16(&b, 0x0203);
	acpi_buffer_u32(&b, 0x04050607);
	acpi_buffer_u64(&b, UINT64_C(0x08090a0b0c0d0e0f));
	cr_expect_eq(b.error, 0);
	EXPECT_BYTES(b.bytes, b.length, 1, 3, 2, 7, 6, 5, 4, 0xf, 0xe, 0xd, 0xc, 0xb, 0xa, 9, 8);
	acpi_buffer_fini(&b);
}

Test(buffer, alignment_fills_with_zeros_and_only_when_needed)
{
	struct acpi_buffer b;

	acpi_buffer_init(&b, 100);
	acpi_buffer_align(&b, 8);
	cr_expect_eq(b.length, 0);
	acpi_buffer_u8(&b, 1);
	acpi_buffer_align(&b, 4);
	acpi_buffer_align(&b, 4);
	EXPECT_BYTES(b.bytes, b.length, 1, 0, 0, 0);
	acpi_buffer_fini(&b);
}

Test(buffer, insert_moves_what_follows)
{
	struct acpi_buffer b;

	acpi_buffer_init(&b, 100);
	acpi_buffer_bytes(&b, "adef", 4);
	acpi_buffer_insert(&b, 1, "bc", 2);
	acpi_buffer_insert(&b, 6, "g", 1);
	acpi_buffer_insert(&b, 0, "_", 1);
	EXPECT_BYTES(b.bytes, b.length, '_', 'a', 'b', 'c', 'd', 'e', 'f', 'g');
	acpi_buffer_fini(&b);
}

Test(buffer, set_writes_over)
{
	struct acpi_buffer b;

	acpi_buffer_init(&b, 100);
	acpi_buffer_zeros(&b, 6);
	acpi_buffer_set_u32(&b, 1, 0x01020304);
	acpi_buffer_set_u8(&b, 5, 9);
	EXPECT_BYTES(b.bytes, b.length, 0, 4, 3, 2, 1, 9);
	acpi_buffer_fini(&b);
}

Test(buffer, keeps_its_bytes_while_it_grows)
{
	struct acpi_buffer b;

	acpi_buffer_init(&b, 100000);
	for (unsigned int i = 0; i < 100000; i++)
		acpi_buffer_u8(&b, (uint8_t)(i * 7));
	cr_assert_eq(b.error, 0);
	cr_assert_eq(b.length, 100000);
	for (unsigned int i = 0; i < 100000; i++)
		cr_assert_eq(b.bytes[i], (uint8_t)(i * 7));
	acpi_buffer_fini(&b);
}

Test(buffer, a_full_one_is_e2big)
{
	struct acpi_buffer b;

	acpi_buffer_init(&b, 4);
	acpi_buffer_u32(&b, 1);
	cr_expect_eq(b.error, 0);
	acpi_buffer_u8(&b, 1);
	cr_expect_eq(b.error, -E2BIG);
	cr_expect_eq(b.length, 4);
	acpi_buffer_fini(&b);
}

Test(buffer, nothing_is_written_after_an_error)
{
	struct acpi_buffer b;

	acpi_buffer_init(&b, 6);
	acpi_buffer_u32(&b, 0x01020304);
	acpi_buffer_u32(&b, 0);
	acpi_buffer_u8(&b, 5);
	acpi_buffer_bytes(&b, "x", 1);
	acpi_buffer_zeros(&b, 1);
	acpi_buffer_align(&b, 8);
	acpi_buffer_insert(&b, 0, "x", 1);
	acpi_buffer_set_u8(&b, 0, 9);
	acpi_buffer_set_u32(&b, 100, 9);
	cr_expect_eq(b.error, -E2BIG);
	EXPECT_BYTES(b.bytes, b.length, 4, 3, 2, 1);
	acpi_buffer_fini(&b);
}

Test(buffer, the_first_error_stays)
{
	struct acpi_buffer b;

	acpi_buffer_init(&b, 0);
	acpi_buffer_fail(&b, -EINVAL);
	acpi_buffer_fail(&b, -E2BIG);
	acpi_buffer_u8(&b, 1);
	cr_expect_eq(b.error, -EINVAL);
	acpi_buffer_fini(&b);
}

Test(buffer, a_length_that_overflows_is_e2big)
{
	struct acpi_buffer b;

	acpi_buffer_init(&b, SIZE_MAX);
	acpi_buffer_u8(&b, 1);
	acpi_buffer_zeros(&b, SIZE_MAX);
	cr_expect_eq(b.error, -E2BIG);
	acpi_buffer_fini(&b);
}

Test(buffer, memory_that_is_not_there_is_enomem)
{
	struct acpi_buffer b;

	acpi_buffer_init(&b, SIZE_MAX);
	acpi_buffer_u8(&b, 7);
	acpi_buffer_zeros(&b, SIZE_MAX / 4);
	cr_expect_eq(b.error, -ENOMEM);
	EXPECT_BYTES(b.bytes, b.length, 7);
	acpi_buffer_fini(&b);
}
