// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <errno.h>
#include "host.h"
#include "viommu_mappings.h"

static struct vpci_viommu_mappings mappings;

static void mappings_end(void)
{
	vpci_viommu_mappings_clear(&mappings);
	cr_expect_eq(mappings.count, 0);
	host_check_leaks();
}

TestSuite(viommu_mappings, .fini = mappings_end);

static int add(uint64_t address, uint64_t size)
{
	const struct vpci_viommu_mapping mapping = {.address = address, .size = size, .access = 1};

	return vpci_viommu_mappings_add(&mappings, &mapping);
}

Test(viommu_mappings, none_overlap)
{
	cr_expect_eq(add(0x2000, 0x2000), 0);
	cr_expect_eq(add(0x1000, 0x1000), 0);
	cr_expect_eq(add(0x4000, 0x1000), 0);
	cr_expect_eq(add(0x2000, 0x2000), -EEXIST);
	cr_expect_eq(add(0x3000, 0x1000), -EEXIST);
	cr_expect_eq(add(0, 0x10000), -EEXIST);
	cr_expect_eq(add(0, 0x1001), -EEXIST);
	cr_expect_eq(mappings.count, 3);
}

Test(viommu_mappings, one_is_found_by_each_of_its_addresses)
{
	cr_assert_eq(add(0x2000, 0x2000), 0);
	cr_expect_null(vpci_viommu_mappings_find(&mappings, 0, 0x1fff));
	cr_expect_not_null(vpci_viommu_mappings_find(&mappings, 0, 0x2000));
	cr_expect_not_null(vpci_viommu_mappings_find(&mappings, 0x3fff, 0x3fff));
	cr_expect_null(vpci_viommu_mappings_find(&mappings, 0x4000, UINT64_MAX));
	cr_expect_not_null(vpci_viommu_mappings_find(&mappings, 0, UINT64_MAX));
	cr_expect_not_null(vpci_viommu_mappings_find(&mappings, 0x3fff, UINT64_MAX));
}

Test(viommu_mappings, a_range_splits_what_it_covers_in_part)
{
	cr_assert_eq(add(0x2000, 0x2000), 0);
	cr_expect_not(vpci_viommu_mappings_splits(&mappings, 0x2000, 0x3fff));
	cr_expect_not(vpci_viommu_mappings_splits(&mappings, 0, UINT64_MAX));
	cr_expect_not(vpci_viommu_mappings_splits(&mappings, 0, 0x1fff));
	cr_expect(vpci_viommu_mappings_splits(&mappings, 0, 0x2000));
	cr_expect(vpci_viommu_mappings_splits(&mappings, 0x3000, 0x3fff));
	cr_expect(vpci_viommu_mappings_splits(&mappings, 0x3fff, UINT64_MAX));
	cr_expect(vpci_viommu_mappings_splits(&mappings, 0x2800, 0x2fff));
}

Test(viommu_mappings, what_was_removed_is_not_found)
{
	const struct vpci_viommu_mapping *found;

	for (uint64_t i = 0; i < 1000; i++)
		cr_assert_eq(add(i * 0x2000, 0x1000), 0);
	for (uint64_t i = 0; i < 1000; i++) {
		found = vpci_viommu_mappings_find(&mappings, i * 0x2000, i * 0x2000 + 0x1fff);
		cr_assert_not_null(found);
		cr_assert_eq(found->address, i * 0x2000);
		vpci_viommu_mappings_remove(&mappings, found);
		cr_assert_null(vpci_viommu_mappings_find(&mappings, i * 0x2000, i * 0x2000));
	}
	cr_expect_eq(mappings.count, 0);
	cr_expect_null(mappings.tree);
}
