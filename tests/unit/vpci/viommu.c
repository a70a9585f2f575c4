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
		{.page_sizes = 0, .input_last = 0xffff, .domains = 2},
		{.page_sizes = 0x800, .input_last = 0xffff, .domains = 2},
		{.page_sizes = 0xfffffffffffff001, .input_last = 0xffff, .domains = 2},
		{.page_sizes = 0x1000, .input_last = UINT64_MAX, .domains = 2},
		{.page_sizes = 0x1000, .input_last = 0x1800, .domains = 2},
		{.page_sizes = 0x1000, .input_first = 0x800, .input_last = 0xffff, .domains = 2},
		{.page_sizes = 0x1000, .input_first = 0x2000, .input_last = 0x1fff, .domains = 2},
		{.page_sizes = 0x1000, .input_last = 0xffff, .domains = 1},
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
	struct vpci_viommu_reserved overlap[2] = {msi, {0xfeefffff, 0xfef00000, false}};

	cr_expect_eq(vpci_viommu_insert(&viommu, NIC, NULL, 0), -EEXIST);
	cr_expect_eq(vpci_viommu_insert(&viommu, NONE, many, 17), -E2BIG);
	cr_expect_eq(vpci_viommu_insert(&viommu, NONE, &backwards, 1), -EINVAL);
	cr_expect_eq(vpci_viommu_insert(&viommu, NONE, two, 2), -EINVAL);
	cr_expect_eq(vpci_viommu_insert(&viommu, NONE, overlap, 2), -EINVAL);
	overlap[1].first = 0xfef00000;
	cr_expect_eq(vpci_viommu_insert(&viommu, NONE, overlap, 2), 0);
	cr_expect_eq(vpci_viommu_drop(&viommu, NONE), 0);
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

/* Has a request fail with the bypass byte on and off: the endpoint reaches nothing in either case. */
static void expect_stranded(int (*fail)(void))
{
	for (unsigned int bypass = 0; bypass < 2; bypass++) {
		vpci_viommu_set_bypass(&viommu, bypass);
		cr_assert_eq(attach(NIC, 1, 0), 0);
		cr_expect_eq(fail(), -ENOMEM);
		memset(&iommu.create_error, 0, 5 * sizeof(int));
		cr_expect_eq(iommu_domain_count(&iommu), 0, "it left the domain before");
		iommu_expect(&iommu, NIC, IOMMU_NOTHING);
		cr_expect_eq(detach(NIC, 1), 0,
			     "it lost its domain without the driver's knowledge");
		vpci_viommu_retry(&viommu);
		vpci_viommu_set_bypass(&viommu, !bypass);
		vpci_viommu_set_bypass(&viommu, bypass);
		iommu_expect(&iommu, NIC, IOMMU_NOTHING);
		cr_expect_eq(attach(NIC, 2, 0), 0);
		iommu_expect(&iommu, NIC, IOMMU_DOMAIN);
		cr_expect_eq(detach(NIC, 2), 0);
		iommu_expect(&iommu, NIC, bypass ? IOMMU_ALL : IOMMU_NOTHING);
	}
}

static int fail_attach(void)
{
	iommu.attach_error = -ENOMEM;
	return attach(NIC, 2, 0);
}

static int fail_create(void)
{
	iommu.create_error = -ENOMEM;
	return attach(NIC, 2, 0);
}

static int fail_bypass(void)
{
	iommu.detach_error = -ENOMEM;
	return attach(NIC, 2, VIRTIO_IOMMU_ATTACH_F_BYPASS);
}

static int fail_detach(void)
{
	iommu.detach_error = -ENOMEM;
	return detach(NIC, 1);
}

Test(viommu, an_attach_that_fails_leaves_nothing_until_one_succeeds)
{
	expect_stranded(fail_attach);
}

Test(viommu, a_domain_that_cannot_be_created_leaves_nothing)
{
	expect_stranded(fail_create);
}

Test(viommu, a_bypass_domain_that_cannot_be_entered_leaves_nothing)
{
	expect_stranded(fail_bypass);
}

Test(viommu, a_detach_that_fails_leaves_nothing)
{
	expect_stranded(fail_detach);
}

Test(viommu, a_reset_ends_what_a_failed_attach_left)
{
	fail_attach();
	iommu.attach_error = 0;
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	vpci_viommu_reset(&viommu);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
}

Test(viommu, a_domain_that_died_takes_no_endpoint_until_it_is_made_anew)
{
	cr_assert_eq(attach(NIC, 1, 0), 0);
	vpci_viommu_kill(&viommu, vpci_viommu_domain(&viommu, 1), -EIO);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	cr_expect_eq(iommu_domain_count(&iommu), 0, "the VMM has its space back");
	cr_expect_eq(attach(NIC, 1, 0), -EIO);
	cr_expect_eq(attach(DISK, 1, 0), -EIO);
	iommu_expect(&iommu, DISK, IOMMU_NOTHING);
	cr_expect_eq(map(1, 0x1000), -EIO);
	vpci_viommu_set_bypass(&viommu, false);
	vpci_viommu_set_bypass(&viommu, true);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	cr_expect_eq(detach(NIC, 1), 0);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	cr_expect_eq(attach(NIC, 1, 0), 0);
	cr_expect_eq(attach(DISK, 1, 0), 0);
	cr_expect_eq(map(1, 0x1000), 0);
	cr_expect_eq(viommu.counters.dead, 1);
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

Test(viommu, a_reset_that_cannot_move_tries_again)
{
	unsigned int before;

	cr_assert_eq(attach(NIC, 1, 0), 0);
	iommu.detach_error = -EIO;
	vpci_viommu_reset(&viommu);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	vpci_viommu_retry(&viommu);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	iommu.detach_error = 0;
	before = iommu.detaches;
	vpci_viommu_retry(&viommu);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	vpci_viommu_retry(&viommu);
	cr_expect_eq(iommu.detaches, before + 1, "no more than what is due");
	cr_expect(viommu.troubles[VPCI_VIOMMU_CAUSE_MOVE].seen);
	cr_expect_eq(viommu.troubles[VPCI_VIOMMU_CAUSE_MOVE].subject, NIC);
	cr_expect_eq(viommu.troubles[VPCI_VIOMMU_CAUSE_MOVE].err, -EIO);
}

Test(viommu, a_bypass_byte_that_cannot_move_tries_again)
{
	vpci_viommu_set_bypass(&viommu, false);
	iommu.detach_error = -EIO;
	vpci_viommu_set_bypass(&viommu, true);
	iommu_expect(&iommu, DISK, IOMMU_NOTHING);
	iommu.detach_error = 0;
	vpci_viommu_set_bypass(&viommu, true);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	iommu_expect(&iommu, DISK, IOMMU_ALL);
}

Test(viommu, what_is_due_ends_with_an_attach)
{
	iommu.detach_error = -EIO;
	vpci_viommu_set_bypass(&viommu, false);
	iommu.detach_error = 0;
	cr_expect_eq(attach(NIC, 1, 0), 0);
	vpci_viommu_retry(&viommu);
	iommu_expect(&iommu, NIC, IOMMU_DOMAIN);
}

Test(viommu, one_that_is_closed_lets_nobody_reach_anything)
{
	cr_assert_eq(attach(NIC, 1, 0), 0);
	vpci_viommu_close(&viommu);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	iommu_expect(&iommu, DISK, IOMMU_NOTHING);
	vpci_viommu_reset(&viommu);
	vpci_viommu_set_bypass(&viommu, false);
	vpci_viommu_set_bypass(&viommu, true);
	cr_expect_eq(vpci_viommu_insert(&viommu, NONE, NULL, 0), 0);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	iommu_expect(&iommu, DISK, IOMMU_NOTHING);
	iommu_expect(&iommu, NONE, IOMMU_NOTHING);
}

Test(viommu, an_endpoint_that_is_taken_away_leaves_its_domain)
{
	cr_assert_eq(attach(NIC, 1, 0), 0);
	cr_assert_eq(attach(DISK, 1, 0), 0);
	cr_expect_eq(vpci_viommu_drop(&viommu, NIC), 0);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	cr_expect_eq(detach(NIC, 1), 0, "it has left");
	cr_expect_eq(attach(NIC, 1, 0), -ENOENT);
	cr_expect_eq(iommu_domain_count(&iommu), 1);
	cr_expect_eq(vpci_viommu_drop(&viommu, DISK), 0);
	cr_expect_eq(iommu_domain_count(&iommu), 0);
	cr_expect_eq(vpci_viommu_insert(&viommu, NIC, NULL, 0), 0, "it may come back");
	cr_expect_eq(detach(NIC, 1), -EINVAL);
}
