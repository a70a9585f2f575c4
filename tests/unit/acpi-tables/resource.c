// SPDX-License-Identifier: MIT
#include "fixture.h"
#include "resource.h"

TestSuite(resource, .fini = fixture_check_leaks);

Test(resource, io_decodes_16_bits_at_a_fixed_port)
{
	struct fixture_aml f;

	aml_resource_io(fixture_aml_init(&f), 0xcf8, 8);
	EXPECT_AML(&f, 0x47, 0x01, 0xf8, 0x0c, 0xf8, 0x0c, 0x01, 0x08);
	fixture_aml_fini(&f);
}

Test(resource, irq_is_a_mask)
{
	struct fixture_aml f;
	struct aml *a = fixture_aml_init(&f);

	aml_resource_irq(a, 4);
	aml_resource_irq(a, 15);
	EXPECT_AML(&f, 0x22, 0x10, 0x00, 0x22, 0x00, 0x80);
	fixture_aml_fini(&f);
}

Test(resource, memory32_fixed_is_read_write)
{
	struct fixture_aml f;

	aml_resource_memory32_fixed(fixture_aml_init(&f), 0xb0000000, 0x10000000);
	EXPECT_AML(&f, 0x86, 9, 0, 1, 0, 0, 0, 0xb0, 0, 0, 0, 0x10);
	fixture_aml_fini(&f);
}

Test(resource, memory64_is_consumed)
{
	struct fixture_aml f;

	aml_resource_memory64(fixture_aml_init(&f), UINT64_C(0x810000000), 0x10000000);
	EXPECT_AML(&f, 0x8a, 43, 0, 0, 0x0d, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 8, 0, 0, 0,
		   0xff, 0xff, 0xff, 0x1f, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0,
		   0, 0);
	fixture_aml_fini(&f);
}

Test(resource, bus_window_of_all_buses)
{
	struct fixture_aml f;

	aml_resource_bus_window(fixture_aml_init(&f), 0, 255);
	EXPECT_AML(&f, 0x88, 13, 0, 2, 0x0c, 0, 0, 0, 0, 0, 0xff, 0, 0, 0, 0, 1);
	fixture_aml_fini(&f);
}

Test(resource, bus_window_of_one_bus)
{
	struct fixture_aml f;

	aml_resource_bus_window(fixture_aml_init(&f), 64, 64);
	EXPECT_AML(&f, 0x88, 13, 0, 2, 0x0c, 0, 0, 0, 64, 0, 64, 0, 0, 0, 1, 0);
	fixture_aml_fini(&f);
}

Test(resource, io_window_to_the_last_port)
{
	struct fixture_aml f;

	aml_resource_io_window(fixture_aml_init(&f), 0xd00, 0xf300);
	EXPECT_AML(&f, 0x88, 13, 0, 1, 0x0c, 3, 0, 0, 0x00, 0x0d, 0xff, 0xff, 0, 0, 0x00, 0xf3);
	fixture_aml_fini(&f);
}

Test(resource, memory32_window_is_not_cacheable)
{
	struct fixture_aml f;

	aml_resource_memory32_window(fixture_aml_init(&f), 0xc0000000, 0x3ec00000);
	EXPECT_AML(&f, 0x87, 23, 0, 0, 0x0c, 1, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0xff, 0xbf, 0xfe,
		   0, 0, 0, 0, 0, 0, 0xc0, 0x3e);
	fixture_aml_fini(&f);
}

Test(resource, memory64_window_to_the_end_of_the_address_space)
{
	struct fixture_aml f;

	aml_resource_memory64_window(fixture_aml_init(&f), UINT64_C(1) << 63, UINT64_C(1) << 63);
	EXPECT_AML(&f, 0x8a, 43, 0, 0, 0x0c, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80,
		   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		   0, 0, 0, 0, 0x80);
	fixture_aml_fini(&f);
}

static int io_error(uint64_t base, uint64_t size)
{
	struct fixture_aml f;
	int err;

	aml_resource_io_window(fixture_aml_init(&f), base, size);
	err = aml_finish(&f.aml);
	fixture_aml_fini(&f);
	return err;
}

static int memory32_error(uint64_t base, uint64_t size)
{
	struct fixture_aml f;
	int err;

	aml_resource_memory32_window(fixture_aml_init(&f), base, size);
	err = aml_finish(&f.aml);
	fixture_aml_fini(&f);
	return err;
}

static int memory64_error(uint64_t base, uint64_t size)
{
	struct fixture_aml f;
	int err;

	aml_resource_memory64_window(fixture_aml_init(&f), base, size);
	err = aml_finish(&f.aml);
	fixture_aml_fini(&f);
	return err;
}

Test(resource, windows_that_do_not_fit_their_descriptor_are_einval)
{
	cr_expect_eq(io_error(0, 0), -EINVAL);
	cr_expect_eq(io_error(0, 0x10000), -EINVAL, "a length of 17 bits");
	cr_expect_eq(io_error(0xffff, 1), 0);
	cr_expect_eq(io_error(0xffff, 2), -EINVAL);
	cr_expect_eq(io_error(0x10000, 1), -EINVAL);
	cr_expect_eq(memory32_error(0, 0), -EINVAL);
	cr_expect_eq(memory32_error(0xfffff000, 0x1000), 0);
	cr_expect_eq(memory32_error(0xfffff000, 0x1001), -EINVAL);
	cr_expect_eq(memory32_error(0, UINT64_C(1) << 32), -EINVAL);
	cr_expect_eq(memory64_error(1, 0), -EINVAL);
	cr_expect_eq(memory64_error(1, UINT64_MAX), 0);
	cr_expect_eq(memory64_error(2, UINT64_MAX), -EINVAL);
}

Test(resource, an_empty_bus_range_is_einval)
{
	struct fixture_aml f;

	aml_resource_bus_window(fixture_aml_init(&f), 2, 1);
	cr_expect_eq(aml_finish(&f.aml), -EINVAL);
	fixture_aml_fini(&f);
}

Test(resource, an_irq_that_isa_has_not_is_einval)
{
	struct fixture_aml f;

	aml_resource_irq(fixture_aml_init(&f), 16);
	cr_expect_eq(aml_finish(&f.aml), -EINVAL);
	fixture_aml_fini(&f);
}

Test(resource, no_ports_are_einval)
{
	struct fixture_aml f;

	aml_resource_io(fixture_aml_init(&f), 0x70, 0);
	cr_expect_eq(aml_finish(&f.aml), -EINVAL);
	fixture_aml_fini(&f);
}
