// SPDX-License-Identifier: MIT
#include "check.h"
#include "fixture.h"

TestSuite(check_segment, .fini = fixture_check_leaks);

static void expect(const struct fixture *f, int error, const char *reason)
{
	const char *given = NULL;
	int err = acpi_check_segments(&f->platform, &given);

	cr_expect_eq(err, error, "error %d, not %d (%s)", err, error, given ? given : "accepted");
	if (reason)
		cr_expect(given && !strcmp(given, reason), "\"%s\", not \"%s\"", given, reason);
}

#define COUNT_REASON "there must be 1 to 16 PCI segments"
#define ORDER_REASON "PCI segments must start at 0 and ascend"
#define ECAM_REASON  "an ECAM base is missing or misaligned"

Test(check_segment, there_are_1_to_16)
{
	struct fixture f;

	fixture_init(&f);
	for (unsigned int i = 1; i < 17; i++) {
		f.segments[i] = f.segments[0];
		f.segments[i].segment = (uint16_t)i;
	}
	f.platform.n_segments = 16;
	expect(&f, 0, NULL);
	f.platform.n_segments = 17;
	expect(&f, -E2BIG, COUNT_REASON);
	f.platform.n_segments = 0;
	expect(&f, -EINVAL, COUNT_REASON);
	f.platform.n_segments = 1;
	f.platform.segments = NULL;
	expect(&f, -EINVAL, COUNT_REASON);
}

Test(check_segment, numbers_start_at_0_and_ascend)
{
	struct fixture f;

	fixture_init(&f);
	f.segments[1] = f.segments[0];
	f.platform.n_segments = 2;
	expect(&f, -EINVAL, ORDER_REASON);
	f.segments[1].segment = 0xffff;
	expect(&f, 0, NULL);
	f.segments[0].segment = 1;
	expect(&f, -EINVAL, ORDER_REASON);
}

Test(check_segment, bus_range_is_not_empty)
{
	struct fixture f;

	fixture_init(&f);
	f.segments[0].bus_first = 255;
	expect(&f, 0, NULL);
	f.segments[0].bus_last = 254;
	expect(&f, -EINVAL, "a bus range is empty");
}

Test(check_segment, ecam_is_aligned_to_its_size)
{
	static const struct {
		uint64_t base;
		uint8_t bus_last;
		int error;
	} cases[] = {
		{0, 255, -EINVAL},
		{0xb0000000, 255, 0},
		{0xb8000000, 255, -EINVAL},
		{0xb8000000, 127, 0},
		{0xb8000000, 128, -EINVAL},
		{0xb0100000, 0, 0},
		{0xb0100000, 1, -EINVAL},
		{0xb0080000, 0, -EINVAL},
		{0xb0400000, 2, 0},
		{0xb0200000, 2, -EINVAL},
		{UINT64_C(0xffffffffe0000000), 255, 0},
		{UINT64_C(0xfffffffff0000000), 255, -EINVAL}, /* its end is 2^64 */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;

		fixture_init(&f);
		f.segments[0].ecam_base = cases[i].base;
		f.segments[0].bus_last = cases[i].bus_last;
		expect(&f, cases[i].error,
		       i == 11		? "an ECAM goes beyond the address space"
		       : cases[i].error ? ECAM_REASON
					: NULL);
	}
}

#define EMPTY_REASON "a window is empty or too long"
#define RANGE_REASON "a window is out of its range"

Test(check_segment, io_windows_are_within_64_ki_ports)
{
	static const struct {
		struct acpi_window window;
		const char *reason;
	} cases[] = {
		{{0, 0x10000}, NULL},
		{{0xffff, 1}, NULL},
		{{0, 0}, EMPTY_REASON},
		{{0x10000, 1}, RANGE_REASON},
		{{1, 0x10000}, RANGE_REASON},
		{{0, UINT64_MAX}, RANGE_REASON},
		{{0xd00, UINT64_MAX}, EMPTY_REASON},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;

		fixture_init(&f);
		f.io[0] = cases[i].window;
		expect(&f, cases[i].reason ? -EINVAL : 0, cases[i].reason);
	}
}

Test(check_segment, memory_windows_are_on_their_side_of_4_gib)
{
	static const struct {
		struct acpi_window low, high;
		const char *reason;
	} cases[] = {
		{{0, 1}, {UINT64_C(1) << 32, 1}, NULL},
		{{0xffffffff, 1}, {UINT64_C(1) << 63, UINT64_C(1) << 63}, NULL},
		{{0xffffffff, 2}, {UINT64_C(1) << 32, 1}, RANGE_REASON},
		{{UINT64_C(1) << 32, 1}, {UINT64_C(1) << 32, 1}, RANGE_REASON},
		{{0, 0}, {UINT64_C(1) << 32, 1}, EMPTY_REASON},
		{{0, 1}, {0xffffffff, 2}, RANGE_REASON},
		{{0, 1}, {UINT64_C(1) << 32, 0}, EMPTY_REASON},
		{{0, 1}, {(UINT64_C(1) << 63) + 1, UINT64_C(1) << 63}, EMPTY_REASON},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;

		fixture_init(&f);
		f.mmio32[0] = cases[i].low;
		f.mmio64[0] = cases[i].high;
		expect(&f, cases[i].reason ? -EINVAL : 0, cases[i].reason);
	}
}

Test(check_segment, windows_are_counted)
{
	const char *reason = "there can be up to 16 windows of a kind";
	struct fixture f;

	fixture_init(&f);
	for (unsigned int i = 0; i < 17; i++)
		f.io[i] = (struct acpi_window){i * 0x100, 0x100};
	f.segments[0].n_io = 16;
	expect(&f, 0, NULL);
	f.segments[0].n_io = 17;
	expect(&f, -E2BIG, reason);
	f.segments[0].n_io = 1;
	f.segments[0].n_mmio32 = SIZE_MAX;
	expect(&f, -E2BIG, reason);
	f.segments[0].n_mmio32 = 1;
	f.segments[0].mmio64 = NULL;
	expect(&f, -EINVAL, reason);
	f.segments[0].n_mmio64 = 0;
	expect(&f, 0, NULL);
}

Test(check_segment, routes_are_of_different_pins)
{
	static const struct {
		struct acpi_pci_route route;
		const char *reason;
	} cases[] = {
		{{31, 2, 16}, NULL},
		{{30, 3, UINT32_MAX}, NULL},
		{{32, 0, 16}, "a route is of no device or pin"},
		{{255, 255, 16}, "a route is of no device or pin"},
		{{0, 4, 16}, "a route is of no device or pin"},
		{{31, 3, 17}, "two routes are of one pin"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;

		fixture_init(&f);
		f.routes[0] = cases[i].route;
		expect(&f, cases[i].reason ? -EINVAL : 0, cases[i].reason);
	}
}

Test(check_segment, routes_are_counted)
{
	struct fixture f;

	fixture_init(&f);
	f.segments[0].n_routes = 129;
	expect(&f, -E2BIG, "there can be up to 128 interrupt routes");
	f.segments[0].n_routes = 1;
	f.segments[0].routes = NULL;
	expect(&f, -EINVAL, "there can be up to 128 interrupt routes");
	f.segments[0].n_routes = 0;
	expect(&f, 0, NULL);
}

Test(check_segment, osc_control_has_known_bits_only)
{
	struct fixture f;

	fixture_init(&f);
	f.segments[0].osc_control = ACPI_PCI_NATIVE_HOTPLUG | ACPI_PCI_PME | ACPI_PCI_AER;
	expect(&f, 0, NULL);
	f.segments[0].osc_control |= 1u << 1;
	expect(&f, -EINVAL, "osc_control has an unknown bit");
}
