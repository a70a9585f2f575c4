// SPDX-License-Identifier: MIT
#include <linux/virtio_iommu.h>
#include "host.h"
#include "iommu.h"
#include "viommu.h"

#define NIC  8
#define DISK 16
#define NONE 24 /* no such endpoint */

static struct vpci_viommu viommu;
static struct iommu iommu;

static const struct vpci_viommu_reserved msi = {0xfee00000, 0xfeefffff, true};

static void viommu_start(void)
{
	struct vpci_viommu_options options = iommu_options();

	memset(&iommu, 0, sizeof(iommu));
	cr_assert_eq(vpci_viommu_init(&viommu, &options, &iommu_ops, &iommu), 0);
	cr_assert_eq(vpci_viommu_insert(&viommu, NIC, &msi, 1), 0);
	cr_assert_eq(vpci_viommu_insert(&viommu, DISK, NULL, 0), 0);
}

static void viommu_end(void)
{
	vpci_viommu_fini(&viommu);
	cr_expect_eq(iommu_domain_count(&iommu), 0);
	cr_expect_eq(viommu.counters.mappings, 0);
	cr_expect_eq(viommu.counters.domains, 0);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	iommu_expect(&iommu, DISK, IOMMU_NOTHING);
	host_check_leaks();
}

TestSuite(viommu, .init = viommu_start, .fini = viommu_end);

static int submit(const struct vpci_viommu_request *request)
{
	int result = 1;

	vpci_viommu_submit(&viommu, request, &result);
	vpci_viommu_flush(&viommu);
	return result;
}

static int attach(uint32_t endpoint, uint32_t domain, uint32_t flags)
{
	return submit(&(struct vpci_viommu_request){.type = VIRTIO_IOMMU_T_ATTACH,
						    .endpoint = endpoint,
						    .domain = domain,
						    .flags = flags});
}

static int detach(uint32_t endpoint, uint32_t domain)
{
	return submit(&(struct vpci_viommu_request){
		.type = VIRTIO_IOMMU_T_DETACH, .endpoint = endpoint, .domain = domain});
}

static int map(uint32_t domain, uint64_t first)
{
	return submit(&(struct vpci_viommu_request){.type = VIRTIO_IOMMU_T_MAP,
						    .domain = domain,
						    .first = first,
						    .last = first + 0xfff,
						    .target = 0x1000,
						    .flags = VIRTIO_IOMMU_MAP_F_READ});
}

Test(viommu, options_that_make_no_sense_are_refused)
{
	static const struct vpci_viommu_options rows[] = {
		{.page_sizes = 0, .input_last = 0xffff, .domains = 1},
		{.page_sizes = 0x1000, .input_last = UINT64_MAX, .domains = 1},
		{.page_sizes = 0x1000, .input_last = 0x1800, .domains = 1},
		{.page_sizes = 0x1000, .input_first = 0x800, .input_last = 0xffff, .domains = 1},
		{.page_sizes = 0x1000, .input_first = 0x2000, .input_last = 0x1fff, .domains = 1},
		{.page_sizes = 0x1000, .input_last = 0xffff, .domains = 0},
		{.page_sizes = 0x1000, .input_last = 0xffff, .domains = VPCI_VIOMMU_DOMAINS + 1},
	};
	struct vpci_viommu other;

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(vpci_viommu_init(&other, &rows[i], &iommu_ops, &iommu), -EINVAL,
			     "row %u", i);
}

Test(viommu, an_endpoint_begins_in_no_domain)
{
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	cr_expect_eq(iommu_domain_count(&iommu), 0);
}

Test(viommu, endpoints_that_make_no_sense_are_refused)
{
	static const struct vpci_viommu_reserved backwards = {0x2000, 0x1fff, false};
	struct vpci_viommu_reserved two[2] = {msi, {0, 0xfff, true}}, many[17] = {{0}};

	cr_expect_eq(vpci_viommu_insert(&viommu, NIC, NULL, 0), -EEXIST);
	cr_expect_eq(vpci_viommu_insert(&viommu, NONE, many, 17), -E2BIG);
	cr_expect_eq(vpci_viommu_insert(&viommu, NONE, &backwards, 1), -EINVAL);
	cr_expect_eq(vpci_viommu_insert(&viommu, NONE, two, 2), -EINVAL);
	iommu.detach_error = -ENOMEM;
	cr_expect_eq(vpci_viommu_insert(&viommu, NONE, NULL, 0), -ENOMEM);
	iommu.detach_error = 0;
	cr_expect_null(vpci_viommu_find(&viommu, NONE));
	cr_expect_eq(vpci_viommu_drop(&viommu, NONE), -ENOENT);
}

Test(viommu, a_domain_lives_from_its_first_endpoint_to_its_last)
{
	cr_expect_eq(attach(NIC, 3, 0), 0);
	cr_expect_eq(attach(DISK, 3, 0), 0);
	cr_expect_eq(iommu_domain_count(&iommu), 1);
	cr_expect_eq(iommu_domain_of(&iommu, NIC), iommu_domain_of(&iommu, DISK));
	cr_expect_eq(attach(NIC, 3, 0), 0, "again");
	cr_expect_eq(detach(NIC, 3), 0);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	cr_expect_eq(iommu_domain_count(&iommu), 1);
	cr_expect_eq(detach(DISK, 3), 0);
	cr_expect_eq(iommu_domain_count(&iommu), 0);
	cr_expect_eq(map(3, 0), -ENOENT);
}

Test(viommu, an_attach_that_makes_no_sense_is_refused)
{
	cr_expect_eq(attach(NONE, 1, 0), -ENOENT);
	cr_expect_eq(attach(NIC, 16, 0), -ERANGE);
	cr_expect_eq(attach(NIC, UINT32_MAX, 0), -ERANGE);
	cr_expect_eq(attach(NIC, 1, 2), -EINVAL);
	cr_expect_eq(attach(NIC, 15, 0), 0);
	cr_expect_eq(attach(DISK, 15, VIRTIO_IOMMU_ATTACH_F_BYPASS), -EINVAL);
	iommu_expect(&iommu, DISK, IOMMU_ALL);
}

Test(viommu, a_detach_that_makes_no_sense_is_refused)
{
	cr_expect_eq(detach(NONE, 1), -ENOENT);
	cr_expect_eq(detach(NIC, 1), -EINVAL);
	cr_expect_eq(attach(NIC, 1, 0), 0);
	cr_expect_eq(detach(NIC, 2), -EINVAL);
	cr_expect_eq(detach(NIC, UINT32_MAX), -EINVAL);
	iommu_expect(&iommu, NIC, IOMMU_DOMAIN);
}

Test(viommu, an_attach_leaves_the_domain_before)
{
	cr_assert_eq(attach(NIC, 1, 0), 0);
	cr_assert_eq(map(1, 0x1000), 0);
	cr_expect_eq(attach(NIC, 2, 0), 0);
	cr_expect_eq(iommu_domain_count(&iommu), 1);
	cr_expect_eq(viommu.counters.mappings, 0);
	cr_expect_eq(map(1, 0x1000), -ENOENT);
	cr_expect_eq(map(2, 0x1000), 0);
}

Test(viommu, an_attach_that_fails_leaves_the_domain_before_as_well)
{
	cr_assert_eq(attach(NIC, 1, 0), 0);
	iommu.attach_error = -ENOTSUP;
	cr_expect_eq(attach(NIC, 2, 0), -ENOTSUP);
	cr_expect_eq(iommu_domain_count(&iommu), 0);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	iommu.attach_error = 0;
	cr_expect_eq(attach(NIC, 2, 0), 0);
}

Test(viommu, a_domain_that_cannot_be_created_leaves_all_as_it_was)
{
	cr_assert_eq(attach(NIC, 1, 0), 0);
	iommu.create_error = -ENOMEM;
	cr_expect_eq(attach(NIC, 2, 0), -ENOMEM);
	cr_expect_eq(attach(DISK, 2, 0), -ENOMEM);
	iommu_expect(&iommu, NIC, IOMMU_DOMAIN);
	iommu_expect(&iommu, DISK, IOMMU_ALL);
	cr_expect_eq(viommu.counters.domains, 1);
}

Test(viommu, an_endpoint_joins_no_domain_that_maps_what_it_cannot_use)
{
	cr_assert_eq(attach(DISK, 1, 0), 0);
	cr_assert_eq(map(1, 0xfee00000), 0);
	cr_expect_eq(attach(NIC, 1, 0), -ENOTSUP);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
}

Test(viommu, a_bypass_domain_reaches_all_and_maps_nothing)
{
	vpci_viommu_set_bypass(&viommu, false);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	cr_expect_eq(attach(NIC, 1, VIRTIO_IOMMU_ATTACH_F_BYPASS), 0);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	cr_expect_eq(iommu_domain_count(&iommu), 0, "the VMM knows of none");
	cr_expect_eq(attach(DISK, 1, 0), -EINVAL);
	cr_expect_eq(attach(DISK, 1, VIRTIO_IOMMU_ATTACH_F_BYPASS), 0);
	cr_expect_eq(map(1, 0), -EINVAL);
	cr_expect_eq(detach(NIC, 1), 0);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	iommu.detach_error = -EIO;
	cr_expect_eq(attach(NIC, 2, VIRTIO_IOMMU_ATTACH_F_BYPASS), -EIO);
	iommu.detach_error = 0;
	cr_expect_null(vpci_viommu_domain(&viommu, 2));
}

Test(viommu, the_bypass_byte_moves_those_in_no_domain)
{
	unsigned int before;

	cr_assert_eq(attach(NIC, 1, 0), 0);
	vpci_viommu_set_bypass(&viommu, false);
	iommu_expect(&iommu, NIC, IOMMU_DOMAIN);
	iommu_expect(&iommu, DISK, IOMMU_NOTHING);
	before = iommu.detaches;
	vpci_viommu_set_bypass(&viommu, false);
	cr_expect_eq(iommu.detaches, before, "nothing changes");
	cr_expect_eq(detach(NIC, 1), 0);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	vpci_viommu_set_bypass(&viommu, true);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	iommu_expect(&iommu, DISK, IOMMU_ALL);
}

Test(viommu, a_reset_ends_every_domain)
{
	cr_assert_eq(attach(NIC, 1, 0), 0);
	cr_assert_eq(attach(DISK, 2, VIRTIO_IOMMU_ATTACH_F_BYPASS), 0);
	cr_assert_eq(map(1, 0x1000), 0);
	vpci_viommu_reset(&viommu);
	cr_expect_eq(iommu_domain_count(&iommu), 0);
	cr_expect_eq(viommu.counters.domains, 0);
	cr_expect_eq(viommu.counters.mappings, 0);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	iommu_expect(&iommu, DISK, IOMMU_ALL);
}

Test(viommu, a_detach_that_fails_is_told_and_leaves_nothing)
{
	cr_assert_eq(attach(NIC, 1, 0), 0);
	iommu.detach_error = -EIO;
	cr_expect_eq(detach(NIC, 1), -EIO);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	cr_expect_eq(iommu_domain_count(&iommu), 0);
	iommu.detach_error = 0;
}

Test(viommu, an_endpoint_that_is_taken_away_leaves_its_domain)
{
	cr_assert_eq(attach(NIC, 1, 0), 0);
	cr_assert_eq(attach(DISK, 1, 0), 0);
	cr_expect_eq(vpci_viommu_drop(&viommu, NIC), 0);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	cr_expect_eq(detach(NIC, 1), -ENOENT);
	cr_expect_eq(iommu_domain_count(&iommu), 1);
	cr_expect_eq(vpci_viommu_drop(&viommu, DISK), 0);
	cr_expect_eq(iommu_domain_count(&iommu), 0);
	cr_expect_eq(vpci_viommu_insert(&viommu, NIC, NULL, 0), 0, "it may come back");
}
