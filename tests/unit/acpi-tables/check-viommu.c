// SPDX-License-Identifier: MIT
#include "fixture.h"

static struct acpi_endpoints ranges[ACPI_MAX_RANGES + 1];
static struct acpi_viommu viommu;
static struct fixture f;

static void start(void)
{
	fixture_init(&f);
	ranges[0] = (struct acpi_endpoints){0x0000, 0xffff};
	viommu = (struct acpi_viommu){.address = 8, .ranges = ranges, .n_ranges = 1};
	f.platform.viommu = &viommu;
}

TestSuite(check_viommu, .init = start, .fini = fixture_check_leaks);

Test(check_viommu, a_range_of_all_functions_is_good)
{
	const char *reason;

	cr_expect_eq(fixture_build(&f, &reason), 0, "%s", reason);
}

Test(check_viommu, there_are_1_to_64_ranges)
{
	static const char expected[] = "there must be 1 to 64 ranges of endpoints";
	const char *reason;

	for (uint16_t i = 0; i <= ACPI_MAX_RANGES; i++)
		ranges[i] = (struct acpi_endpoints){i, i};
	viommu.n_ranges = ACPI_MAX_RANGES;
	cr_expect_eq(fixture_build(&f, &reason), 0, "%s", reason);
	viommu.n_ranges = ACPI_MAX_RANGES + 1;
	fixture_expect_refusal(&f, -E2BIG, expected);
	viommu.n_ranges = 0;
	fixture_expect_refusal(&f, -EINVAL, expected);
	viommu.n_ranges = 1;
	viommu.ranges = NULL;
	fixture_expect_refusal(&f, -EINVAL, expected);
}

Test(check_viommu, it_stands_on_a_bus_of_its_segment)
{
	static const char expected[] = "the virtio-iommu is on no bus";

	viommu.segment = 1;
	fixture_expect_refusal(&f, -EINVAL, expected);
	viommu.segment = 0;
	f.segments[0].bus_last = 0;
	viommu.address = 0x100;
	fixture_expect_refusal(&f, -EINVAL, expected);
}

Test(check_viommu, ranges_lie_on_buses_of_the_segment_and_apart)
{
	const char *reason;

	ranges[0] = (struct acpi_endpoints){0x20, 0x1f};
	fixture_expect_refusal(&f, -EINVAL, "a range of endpoints is empty");
	f.segments[0].bus_last = 1;
	ranges[0] = (struct acpi_endpoints){0x20, 0x200};
	fixture_expect_refusal(&f, -EINVAL, "a range of endpoints goes beyond the segment's buses");
	ranges[0].last = 0x1ff;
	viommu.n_ranges = 2;
	ranges[1] = (struct acpi_endpoints){0, 0x20};
	fixture_expect_refusal(&f, -EINVAL, "two ranges of endpoints overlap");
	ranges[1].last = 0x1f;
	cr_expect_eq(fixture_build(&f, &reason), 0, "%s", reason);
}
