// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(link, .fini = fixture_check_leaks);

static const uint8_t *find(const struct acpi_tables *t, uint64_t address, const char *signature)
{
	for (size_t i = 0; i < t->n_tables; i++) {
		if (t->address + t->index[i].offset == address) {
			cr_expect_str_eq(t->index[i].signature, signature);
			return t->bytes + t->index[i].offset;
		}
	}
	cr_assert_fail("nothing at %#lx, where %s should be", (unsigned long)address, signature);
	return NULL;
}

Test(link, every_pointer_leads_to_its_table)
{
	static const char *const listed[] = {"FACP", "APIC", "MCFG"};
	struct acpi_tables t;
	const uint8_t *xsdt, *fadt;
	struct fixture f;

	fixture_init(&f);
	cr_assert_eq(acpi_tables_build(&f.platform, NULL, &t), 0);
	cr_expect_eq(t.rsdp_address, f.platform.rsdp_address);
	cr_expect_eq(t.address, f.platform.tables_base);
	xsdt = find(&t, fixture_le(t.rsdp + 24, 8), "XSDT");
	cr_assert_eq(fixture_le(xsdt + 4, 4), 36 + 3 * 8);
	for (size_t i = 0; i < 3; i++)
		find(&t, fixture_le(xsdt + 36 + 8 * i, 8), listed[i]);
	fadt = find(&t, fixture_le(xsdt + 36, 8), "FACP");
	find(&t, fixture_le(fadt + 132, 8), "FACS");
	find(&t, fixture_le(fadt + 140, 8), "DSDT");
	acpi_tables_free(&t);
}

Test(link, a_virtio_iommu_has_a_table)
{
	static const struct acpi_endpoints all = {0, 0xffff};
	const struct acpi_viommu viommu = {.address = 8, .ranges = &all, .n_ranges = 1};
	struct acpi_tables t;
	const uint8_t *xsdt;
	struct fixture f;

	fixture_init(&f);
	f.platform.viommu = &viommu;
	cr_assert_eq(acpi_tables_build(&f.platform, NULL, &t), 0);
	cr_expect_eq(t.n_tables, 7);
	xsdt = find(&t, fixture_le(t.rsdp + 24, 8), "XSDT");
	cr_assert_eq(fixture_le(xsdt + 4, 4), 36 + 4 * 8);
	find(&t, fixture_le(xsdt + 36 + 3 * 8, 8), "VIOT");
	acpi_tables_free(&t);
}

Test(link, index_covers_aligned_tables_in_order_with_good_checksums)
{
	struct acpi_tables t;
	size_t end = 0;
	struct fixture f;

	fixture_init(&f);
	cr_assert_eq(acpi_tables_build(&f.platform, NULL, &t), 0);
	cr_assert_eq(t.n_tables, 6);
	for (size_t i = 0; i < t.n_tables; i++) {
		const struct acpi_table *e = &t.index[i];

		cr_expect_eq(e->offset % ACPI_TABLES_ALIGN, 0);
		cr_expect_geq(e->offset, end);
		end = e->offset + e->length;
		cr_assert_leq(end, t.length);
		cr_expect_eq(memcmp(t.bytes + e->offset, e->signature, 4), 0);
		cr_expect_eq(fixture_le(t.bytes + e->offset + 4, 4), e->length);
		if (strcmp(e->signature, "FACS"))
			cr_expect_eq(acpi_table_checksum(t.bytes + e->offset, e->length), 0);
	}
	cr_expect_eq(end, t.length);
	acpi_tables_free(&t);
}

Test(link, the_same_platform_gives_the_same_bytes)
{
	struct acpi_tables one, two;
	struct fixture f;

	fixture_init(&f);
	cr_assert_eq(acpi_tables_build(&f.platform, NULL, &one), 0);
	cr_assert_eq(acpi_tables_build(&f.platform, NULL, &two), 0);
	cr_assert_eq(one.length, two.length);
	cr_expect_eq(memcmp(one.bytes, two.bytes, one.length), 0);
	cr_expect_eq(memcmp(one.rsdp, two.rsdp, sizeof(one.rsdp)), 0);
	acpi_tables_free(&one);
	acpi_tables_free(&two);
}

Test(link, tables_fit_exactly_in_their_length_and_not_in_less)
{
	struct acpi_tables t;
	size_t length;
	struct fixture f;

	fixture_init(&f);
	cr_assert_eq(acpi_tables_build(&f.platform, NULL, &t), 0);
	length = t.length;
	acpi_tables_free(&t);
	f.platform.tables_size = (uint32_t)length;
	cr_assert_eq(acpi_tables_build(&f.platform, NULL, &t), 0);
	acpi_tables_free(&t);
	for (uint32_t size = 1; size < length; size++) {
		f.platform.tables_size = size;
		fixture_expect_refusal(&f, -E2BIG, "the tables do not fit in their room");
	}
}

Test(link, the_largest_platform_with_one_segment_fits_in_64_kib)
{
	struct fixture f;
	const char *reason;

	fixture_init(&f);
	for (unsigned int i = 0; i < 255; i++)
		f.cpus[i].apic_id = i;
	for (unsigned int i = 0; i < ACPI_MAX_ROUTES; i++)
		f.routes[i] = (struct acpi_pci_route){(uint8_t)(i / 4), i % 4, UINT32_MAX};
	for (unsigned int i = 0; i < ACPI_MAX_WINDOWS; i++) {
		f.io[i] = (struct acpi_window){i * 0x1000, 0x1000};
		f.mmio32[i] = (struct acpi_window){0xc0000000 + i * 0x1000, 0x1000};
		f.mmio64[i] = (struct acpi_window){(UINT64_C(1) << 40) + i * 0x1000, 0x1000};
	}
	for (unsigned int i = 0; i < ACPI_MAX_SERIAL; i++)
		f.serial[i] = (struct acpi_serial){(uint16_t)(0x100 + 8 * i), 3};
	f.platform.n_cpus = 255;
	f.segments[0].n_routes = ACPI_MAX_ROUTES;
	f.segments[0].n_io = ACPI_MAX_WINDOWS;
	f.segments[0].n_mmio32 = ACPI_MAX_WINDOWS;
	f.segments[0].n_mmio64 = ACPI_MAX_WINDOWS;
	f.platform.n_serial = ACPI_MAX_SERIAL;
	cr_expect_eq(fixture_build(&f, &reason), 0, "%s", reason);
}

Test(link, failure_leaves_the_result_untouched)
{
	struct acpi_tables t, before;
	struct fixture f;

	fixture_init(&f);
	memset(&t, 0x5a, sizeof(t));
	before = t;
	f.platform.n_cpus = 0;
	cr_expect_eq(acpi_tables_build(&f.platform, NULL, &t), -EINVAL);
	cr_expect_eq(memcmp(&t, &before, sizeof(t)), 0);
	fixture_init(&f);
	f.platform.tables_size = 100;
	cr_expect_eq(acpi_tables_build(&f.platform, NULL, &t), -E2BIG);
	cr_expect_eq(memcmp(&t, &before, sizeof(t)), 0);
}

Test(link, success_leaves_the_reason_untouched)
{
	const char *reason = "unchanged";
	struct acpi_tables t;
	struct fixture f;

	fixture_init(&f);
	cr_assert_eq(acpi_tables_build(&f.platform, &reason, &t), 0);
	cr_expect_str_eq(reason, "unchanged");
	acpi_tables_free(&t);
}

Test(link, free_takes_null_and_freed_tables)
{
	struct acpi_tables t;
	struct fixture f;

	acpi_tables_free(NULL);
	fixture_init(&f);
	cr_assert_eq(acpi_tables_build(&f.platform, NULL, &t), 0);
	acpi_tables_free(&t);
	cr_expect_null(t.bytes);
	cr_expect_eq(t.n_tables, 0);
	acpi_tables_free(&t);
}
