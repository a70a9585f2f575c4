// SPDX-License-Identifier: MIT
#include <linux/virtio_iommu.h>
#include "host.h"
#include "iommu.h"
#include "viommu.h"

#define NIC	8
#define DISK	16
#define PAGE	0x1000ull
#define RESULTS 600

static struct vpci_viommu viommu;
static struct iommu iommu;
static int results[RESULTS];

static void batch_start(void)
{
	static const struct vpci_viommu_reserved msi = {0xfee00000, 0xfeefffff, true};
	struct vpci_viommu_options options = iommu_options();

	memset(&iommu, 0, sizeof(iommu));
	memset(results, 0x5a, sizeof(results));
	options.input_first = PAGE;
	cr_assert_eq(vpci_viommu_init(&viommu, &options, &iommu_ops, &iommu), 0);
	for (uint32_t i = 1; i <= 2; i++) {
		cr_assert_eq(vpci_viommu_insert(&viommu, i * NIC, &msi, 1), 0);
		vpci_viommu_submit(&viommu,
				   &(struct vpci_viommu_request){.type = VIRTIO_IOMMU_T_ATTACH,
								 .endpoint = i * NIC,
								 .domain = i},
				   &results[0]);
		cr_assert_eq(results[0], 0);
	}
}

static void batch_end(void)
{
	cr_expect_eq(viommu.counters.mappings, iommu_mapping_count(&iommu),
		     "both sides count the same");
	vpci_viommu_fini(&viommu);
	host_check_leaks();
}

TestSuite(viommu_batch, .init = batch_start, .fini = batch_end);

static struct vpci_viommu_request map_of(uint32_t domain, uint64_t first, uint64_t pages)
{
	return (struct vpci_viommu_request){
		.type = VIRTIO_IOMMU_T_MAP,
		.domain = domain,
		.first = first,
		.last = first + pages * PAGE - 1,
		.target = first + 0x100000,
		.flags = VIRTIO_IOMMU_MAP_F_READ | VIRTIO_IOMMU_MAP_F_WRITE,
	};
}

static void submit_map(unsigned int result, uint32_t domain, uint64_t first, uint64_t pages)
{
	struct vpci_viommu_request request = map_of(domain, first, pages);

	vpci_viommu_submit(&viommu, &request, &results[result]);
}

static void submit_unmap(unsigned int result, uint32_t domain, uint64_t first, uint64_t last)
{
	vpci_viommu_submit(&viommu,
			   &(struct vpci_viommu_request){.type = VIRTIO_IOMMU_T_UNMAP,
							 .domain = domain,
							 .first = first,
							 .last = last},
			   &results[result]);
}

static int map(uint32_t domain, uint64_t first, uint64_t pages)
{
	submit_map(0, domain, first, pages);
	vpci_viommu_flush(&viommu);
	return results[0];
}

static int unmap(uint32_t domain, uint64_t first, uint64_t last)
{
	submit_unmap(0, domain, first, last);
	vpci_viommu_flush(&viommu);
	return results[0];
}

Test(viommu_batch, maps_that_follow_each_other_are_one_call)
{
	const struct vpci_viommu_mapping *found;

	for (unsigned int i = 0; i < 100; i++)
		submit_map(i, 1, (i + 1) * 2 * PAGE, 2);
	cr_expect_eq(iommu.map_calls, 0);
	vpci_viommu_flush(&viommu);
	cr_expect_eq(iommu.map_calls, 1);
	for (unsigned int i = 0; i < 100; i++)
		cr_expect_eq(results[i], 0);
	found = iommu_find(iommu_domain_of(&iommu, NIC), 4 * PAGE);
	cr_assert_not_null(found);
	cr_expect_eq(found->size, 2 * PAGE);
	cr_expect_eq(found->target, 4 * PAGE + 0x100000);
	cr_expect_eq(found->access, VPCI_VIOMMU_READ | VPCI_VIOMMU_WRITE);
	cr_expect_eq(viommu.counters.maps, 100);
	cr_expect_eq(viommu.counters.map_calls, 1);
}

Test(viommu_batch, a_batch_is_cut_when_it_is_full)
{
	for (unsigned int i = 0; i < 600; i++)
		submit_map(i, 1, (i + 1) * PAGE, 1);
	vpci_viommu_flush(&viommu);
	cr_expect_eq(iommu.map_calls, 3);
	cr_expect_eq(iommu_domain_of(&iommu, NIC)->count, 600);
}

Test(viommu_batch, each_domain_has_calls_of_its_own)
{
	submit_map(0, 1, PAGE, 1);
	submit_map(1, 2, PAGE, 1);
	submit_map(2, 2, 2 * PAGE, 1);
	submit_unmap(3, 1, PAGE, 2 * PAGE - 1);
	vpci_viommu_flush(&viommu);
	cr_expect_eq(iommu.map_calls, 2);
	cr_expect_eq(iommu.unmap_calls, 1);
	cr_expect_eq(iommu_domain_of(&iommu, NIC)->count, 0);
	cr_expect_eq(iommu_domain_of(&iommu, DISK)->count, 2);
}

Test(viommu_batch, a_map_that_makes_no_sense_is_refused)
{
	static const struct {
		uint64_t first, last, target;
		uint32_t domain, flags;
		int err;
	} rows[] = {
		{PAGE, 2 * PAGE - 1, 0, 3, 1, -ENOENT},
		{PAGE, 2 * PAGE - 1, 0, 16, 1, -ENOENT},
		{PAGE, 2 * PAGE - 1, 0, UINT32_MAX, 1, -ENOENT},
		{PAGE, 2 * PAGE - 1, 0, 1, 0, -EINVAL},
		{PAGE, 2 * PAGE - 1, 0, 1, 4, -EINVAL},
		{PAGE, 2 * PAGE - 1, 0, 1, 8 | 1, -EINVAL},
		{PAGE, 2 * PAGE - 1, 0, 1, 0x80000001, -EINVAL},
		{2 * PAGE, PAGE - 1, 0, 1, 1, -EINVAL},
		{PAGE, PAGE - 1, 0, 1, 1, -EINVAL},
		{PAGE + 1, 2 * PAGE - 1, 0, 1, 1, -ERANGE},
		{PAGE, 2 * PAGE, 0, 1, 1, -ERANGE},
		{PAGE, 2 * PAGE - 2, 0, 1, 1, -ERANGE},
		{PAGE, 2 * PAGE - 1, 1, 1, 1, -ERANGE},
		{0, PAGE - 1, 0, 1, 1, -ERANGE},
		{PAGE, 1ull << 39 | (PAGE - 1), 0, 1, 1, -ERANGE},
		{PAGE, UINT64_MAX, 0, 1, 1, -ERANGE},
		{PAGE, 2 * PAGE - 1, -PAGE, 1, 1, -ERANGE},
		{PAGE, 3 * PAGE - 1, -PAGE, 1, 1, -ERANGE},
		{0xfee00000, 0xfee00fff, 0, 1, 1, -EINVAL},
		{0xfed00000, 0xfeffffff, 0, 1, 1, -EINVAL},
		{0xfeeff000, 0xfef00fff, 0, 1, 1, -EINVAL},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		vpci_viommu_submit(&viommu,
				   &(struct vpci_viommu_request){.type = VIRTIO_IOMMU_T_MAP,
								 .domain = rows[i].domain,
								 .first = rows[i].first,
								 .last = rows[i].last,
								 .target = rows[i].target,
								 .flags = rows[i].flags},
				   &results[0]);
		vpci_viommu_flush(&viommu);
		cr_expect_eq(results[0], rows[i].err, "row %u: %d", i, results[0]);
	}
	cr_expect_eq(iommu.map_calls, 0);
}

Test(viommu_batch, the_ends_of_the_address_space_can_be_mapped)
{
	cr_expect_eq(map(1, PAGE, 1), 0);
	cr_expect_eq(map(1, (1ull << 39) - PAGE, 1), 0);
	cr_expect_eq(map(1, 0xfedff000, 1), 0, "before the window of interrupts");
	cr_expect_eq(map(1, 0xfef00000, 1), 0, "behind it");
}

Test(viommu_batch, a_map_over_another_is_refused)
{
	cr_assert_eq(map(1, 4 * PAGE, 4), 0);
	cr_expect_eq(map(1, 4 * PAGE, 4), -EEXIST);
	cr_expect_eq(map(1, 7 * PAGE, 1), -EEXIST);
	cr_expect_eq(map(1, PAGE, 100), -EEXIST);
	cr_expect_eq(map(2, 4 * PAGE, 4), 0, "other domains do not care");
	cr_expect_eq(map(1, 8 * PAGE, 1), 0);
}

Test(viommu_batch, one_that_fails_fails_alone)
{
	iommu.bad_target = 3 * PAGE + 0x100000;
	for (unsigned int i = 0; i < 6; i++)
		submit_map(i, 1, (i + 1) * PAGE, 1);
	vpci_viommu_flush(&viommu);
	for (unsigned int i = 0; i < 6; i++)
		cr_expect_eq(results[i], i == 2 ? -EFAULT : 0, "%u", i);
	cr_expect_eq(iommu_domain_of(&iommu, NIC)->count, 5);
	/* 0 to 5, 0 to 2, 0, 1 to 2, 1, 2, 3 to 5. */
	cr_expect_eq(iommu.map_calls, 7);
	cr_expect_eq(viommu.counters.map_calls, 7);
	cr_expect_eq(viommu.counters.maps, 5);
	iommu.bad_target = 0;
	cr_expect_eq(map(1, 3 * PAGE, 1), 0, "what failed is not in the way");
}

Test(viommu_batch, one_of_many_that_fails_takes_few_calls)
{
	iommu.bad_target = 77 * PAGE + 0x100000;
	for (unsigned int i = 0; i < VPCI_VIOMMU_BATCH; i++)
		submit_map(i, 1, (i + 1) * PAGE, 1);
	vpci_viommu_flush(&viommu);
	for (unsigned int i = 0; i < VPCI_VIOMMU_BATCH; i++)
		cr_expect_eq(results[i], i == 76 ? -EFAULT : 0, "%u", i);
	cr_expect_eq(iommu.map_calls, 1 + 2 * 8);
}

Test(viommu_batch, memory_of_a_device_is_mapped_as_such)
{
	struct vpci_viommu_request request = map_of(1, PAGE, 1);

	request.flags |= VIRTIO_IOMMU_MAP_F_MMIO;
	vpci_viommu_submit(&viommu, &request, &results[0]);
	vpci_viommu_flush(&viommu);
	cr_expect_eq(results[0], 0);
	cr_expect_eq(iommu_find(iommu_domain_of(&iommu, NIC), PAGE)->access,
		     VPCI_VIOMMU_READ | VPCI_VIOMMU_WRITE | VPCI_VIOMMU_MMIO);
}

Test(viommu_batch, all_that_fail_leave_nothing)
{
	iommu.map_error = -ENOMEM;
	for (unsigned int i = 0; i < 3; i++)
		submit_map(i, 1, (i + 1) * PAGE, 1);
	vpci_viommu_flush(&viommu);
	for (unsigned int i = 0; i < 3; i++)
		cr_expect_eq(results[i], -ENOMEM);
	cr_expect_eq(viommu.counters.mappings, 0);
}

Test(viommu_batch, what_stands_in_the_way_must_have_been_made)
{
	iommu.bad_target = PAGE + 0x100000;
	submit_map(0, 1, PAGE, 2);
	submit_map(1, 1, 2 * PAGE, 1);
	vpci_viommu_flush(&viommu);
	cr_expect_eq(results[0], -EFAULT);
	cr_expect_eq(results[1], 0, "the one before it failed");
	submit_map(0, 1, 10 * PAGE, 2);
	submit_map(1, 1, 11 * PAGE, 1);
	vpci_viommu_flush(&viommu);
	cr_expect_eq(results[0], 0);
	cr_expect_eq(results[1], -EEXIST);
}

Test(viommu_batch, the_quota_counts_all_domains_and_no_failures)
{
	viommu.most_mappings = 3;
	iommu.bad_target = 3 * PAGE + 0x100000;
	submit_map(0, 1, PAGE, 1);
	submit_map(1, 1, 2 * PAGE, 1);
	submit_map(2, 1, 3 * PAGE, 1);
	submit_map(3, 1, 4 * PAGE, 1);
	submit_map(4, 1, 5 * PAGE, 1);
	submit_map(5, 2, PAGE, 1);
	vpci_viommu_flush(&viommu);
	cr_expect_eq(results[2], -EFAULT);
	cr_expect_eq(results[3], 0);
	cr_expect_eq(results[4], -ENOSPC);
	cr_expect_eq(results[5], -ENOSPC);
	cr_expect_eq(viommu.counters.quota, 2);
	cr_expect(viommu.troubles[VPCI_VIOMMU_CAUSE_QUOTA].seen);
	cr_expect_eq(unmap(1, PAGE, 2 * PAGE - 1), 0);
	cr_expect_eq(map(2, PAGE, 1), 0);
}

Test(viommu_batch, unmaps_that_follow_each_other_are_one_call)
{
	for (unsigned int i = 0; i < 100; i++)
		submit_map(i, 1, (i + 1) * PAGE, 1);
	for (unsigned int i = 0; i < 50; i++)
		submit_unmap(100 + i, 1, (2 * i + 1) * PAGE, (2 * i + 3) * PAGE - 1);
	vpci_viommu_flush(&viommu);
	cr_expect_eq(iommu.map_calls, 1);
	cr_expect_eq(iommu.unmap_calls, 1);
	cr_expect_eq(iommu_domain_of(&iommu, NIC)->count, 0);
	cr_expect_eq(viommu.counters.unmaps, 100);
	cr_expect_eq(viommu.counters.unmap_calls, 1);
}

Test(viommu_batch, one_that_would_split_among_others_is_refused_alone)
{
	for (unsigned int i = 0; i < 6; i++)
		submit_map(i, 1, (2 * i + 1) * PAGE, 2);
	for (unsigned int i = 0; i < 6; i++)
		submit_unmap(i, 1, (2 * i + 1 + i % 2) * PAGE, (2 * i + 3) * PAGE - 1);
	vpci_viommu_flush(&viommu);
	for (unsigned int i = 0; i < 6; i++)
		cr_expect_eq(results[i], i % 2 ? -ERANGE : 0, "%u", i);
	cr_expect_eq(iommu.unmap_calls, 3);
	cr_expect_eq(iommu_domain_of(&iommu, NIC)->count, 3);
	cr_expect_eq(viommu.counters.mappings, 3);
	cr_expect_eq(viommu.counters.dead, 0);
}

Test(viommu_batch, an_unmap_of_many_is_one_call)
{
	for (unsigned int i = 0; i < 600; i++)
		submit_map(i, 1, (i + 1) * 2 * PAGE, 1);
	cr_expect_eq(unmap(1, 0, 401 * PAGE - 1), 0);
	cr_expect_eq(unmap(1, 0, 401 * PAGE - 1), 0, "a range without mappings");
	cr_expect_eq(iommu.map_calls, 3);
	cr_expect_eq(iommu.unmap_calls, 2);
	cr_expect_eq(iommu_domain_of(&iommu, NIC)->count, 400);
	cr_expect_eq(viommu.counters.unmaps, 200);
	cr_expect_eq(viommu.counters.mappings, 400);
}

Test(viommu_batch, an_unmap_of_many_that_fails_ends_the_domain_once)
{
	for (unsigned int i = 0; i < 600; i++)
		submit_map(i, 1, (i + 1) * 2 * PAGE, 1);
	vpci_viommu_flush(&viommu);
	iommu.unmap_error = -EIO;
	cr_expect_eq(unmap(1, 0, UINT64_MAX), -EIO);
	cr_expect_eq(iommu.unmap_calls, 1);
	cr_expect_eq(viommu.counters.dead, 1);
	cr_expect_eq(viommu.counters.mappings, 0);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
}

/* The examples (1) to (7) of virtio 1.2 section 5.13.6.6, in pages. */
Test(viommu_batch, unmap_follows_the_examples_of_the_specification)
{
	static const struct {
		uint64_t maps[2][2]; /* first page, pages */
		uint64_t last;	     /* page of unmap(0, last) */
		int err;
		size_t left;
	} rows[] = {
		{{{0, 0}, {0, 0}}, 4, 0, 0},   {{{0, 10}, {0, 0}}, 9, 0, 0},
		{{{0, 5}, {5, 5}}, 9, 0, 0},   {{{0, 10}, {0, 0}}, 4, -ERANGE, 1},
		{{{0, 5}, {5, 5}}, 4, 0, 1},   {{{0, 5}, {0, 0}}, 9, 0, 0},
		{{{0, 5}, {10, 5}}, 14, 0, 0},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned int j = 0; j < 2; j++)
			if (rows[i].maps[j][1])
				cr_assert_eq(
					map(1, (rows[i].maps[j][0] + 1) * PAGE, rows[i].maps[j][1]),
					0);
		cr_expect_eq(unmap(1, PAGE, (rows[i].last + 2) * PAGE - 1), rows[i].err,
			     "example %u", i + 1);
		cr_expect_eq(iommu_domain_of(&iommu, NIC)->count, rows[i].left, "example %u",
			     i + 1);
		cr_assert_eq(unmap(1, 0, UINT64_MAX), 0);
	}
}

Test(viommu_batch, an_unmap_that_would_split_removes_nothing)
{
	cr_assert_eq(map(1, PAGE, 1), 0);
	cr_assert_eq(map(1, 2 * PAGE, 4), 0);
	cr_assert_eq(map(1, 6 * PAGE, 1), 0);
	cr_expect_eq(unmap(1, PAGE, 4 * PAGE - 1), -ERANGE);
	cr_expect_eq(unmap(1, 3 * PAGE, 7 * PAGE - 1), -ERANGE);
	cr_expect_eq(unmap(1, 3 * PAGE, 4 * PAGE - 1), -ERANGE);
	cr_expect_eq(iommu_domain_of(&iommu, NIC)->count, 3);
	cr_expect_eq(viommu.counters.dead, 0);
}

Test(viommu_batch, an_unmap_that_makes_no_sense_is_refused)
{
	cr_expect_eq(unmap(3, 0, UINT64_MAX), -ENOENT);
	cr_expect_eq(unmap(UINT32_MAX, 0, UINT64_MAX), -ENOENT);
	cr_expect_eq(unmap(1, PAGE, 0), -EINVAL);
	cr_expect_eq(unmap(1, 0, UINT64_MAX), 0, "nothing is there");
	cr_assert_eq(map(1, PAGE, 1), 0);
	cr_expect_eq(unmap(1, PAGE + 1, UINT64_MAX), -ERANGE);
	cr_expect_eq(unmap(1, 0, 2 * PAGE - 2), -ERANGE);
	cr_expect_eq(unmap(1, UINT64_MAX, UINT64_MAX), -ERANGE);
	cr_expect_eq(iommu.unmap_calls, 1);
}

static void submit_attach(unsigned int result, uint8_t type, uint32_t endpoint, uint32_t domain)
{
	vpci_viommu_submit(
		&viommu,
		&(struct vpci_viommu_request){.type = type, .endpoint = endpoint, .domain = domain},
		&results[result]);
}

Test(viommu_batch, an_unmap_that_fails_kills_the_domain)
{
	submit_attach(0, VIRTIO_IOMMU_T_ATTACH, DISK, 1);
	cr_assert_eq(results[0], 0);
	cr_assert_eq(map(1, PAGE, 1), 0);
	cr_assert_eq(map(1, 2 * PAGE, 1), 0);
	iommu.unmap_error = -ENODEV;
	cr_expect_eq(unmap(1, PAGE, 2 * PAGE - 1), -EIO);
	iommu.unmap_error = 0;
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	iommu_expect(&iommu, DISK, IOMMU_NOTHING);
	cr_expect_eq(viommu.counters.mappings, 0);
	cr_expect_eq(map(1, PAGE, 1), -EIO);
	cr_expect_eq(unmap(1, 2 * PAGE, 3 * PAGE - 1), 0, "nobody reaches it");
	cr_expect_eq(viommu.troubles[VPCI_VIOMMU_CAUSE_UNMAP].subject, 1);
	cr_expect_eq(viommu.troubles[VPCI_VIOMMU_CAUSE_UNMAP].err, -ENODEV);
	submit_attach(0, VIRTIO_IOMMU_T_DETACH, NIC, 1);
	submit_attach(1, VIRTIO_IOMMU_T_DETACH, DISK, 1);
	submit_attach(2, VIRTIO_IOMMU_T_ATTACH, NIC, 1);
	for (unsigned int i = 0; i < 3; i++)
		cr_expect_eq(results[i], 0);
	cr_expect_eq(map(1, PAGE, 1), 0);
	iommu_expect(&iommu, NIC, IOMMU_DOMAIN);
}

Test(viommu_batch, no_map_follows_an_unmap_that_fails)
{
	for (unsigned int i = 0; i < 300; i++)
		submit_map(i, 1, (i + 1) * PAGE, 1);
	vpci_viommu_flush(&viommu);
	iommu.unmap_error = -EIO;
	for (unsigned int i = 0; i < 300; i++)
		submit_unmap(i, 1, (i + 1) * PAGE, (i + 2) * PAGE - 1);
	submit_map(300, 1, PAGE, 1);
	vpci_viommu_flush(&viommu);
	iommu.unmap_error = 0;
	for (unsigned int i = 0; i < 300; i++)
		cr_expect_eq(results[i], i < VPCI_VIOMMU_BATCH ? -EIO : 0, "%u", i);
	cr_expect_eq(results[300], -EIO);
	cr_expect_eq(iommu.unmap_calls, 1);
	submit_map(0, 2, PAGE, 1);
	submit_unmap(1, 2, PAGE, 2 * PAGE - 1);
	submit_map(2, 2, PAGE, 1);
	vpci_viommu_flush(&viommu);
	for (unsigned int i = 0; i < 3; i++)
		cr_expect_eq(results[i], 0, "the other domain lives");
}

Test(viommu_batch, requests_take_effect_in_their_order)
{
	submit_map(0, 1, PAGE, 1);
	submit_unmap(1, 1, PAGE, 2 * PAGE - 1);
	submit_map(2, 1, PAGE, 4);
	submit_map(3, 1, 2 * PAGE, 1);
	submit_attach(4, VIRTIO_IOMMU_T_DETACH, DISK, 2);
	submit_map(5, 2, PAGE, 1);
	submit_attach(6, VIRTIO_IOMMU_T_ATTACH, DISK, 2);
	submit_map(7, 2, PAGE, 1);
	vpci_viommu_flush(&viommu);
	cr_expect_eq(results[0], 0);
	cr_expect_eq(results[1], 0);
	cr_expect_eq(results[2], 0);
	cr_expect_eq(results[3], -EEXIST);
	cr_expect_eq(results[4], 0);
	cr_expect_eq(results[5], -ENOENT);
	cr_expect_eq(results[6], 0);
	cr_expect_eq(results[7], 0);
}
