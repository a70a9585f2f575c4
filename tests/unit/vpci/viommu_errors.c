// SPDX-License-Identifier: MIT
/* What a virtio-iommu does when a request, the guest or the VMM fails. */
#include "viommu_guest.h"

TestSuite(viommu_errors, .init = guest_start, .fini = guest_end, .timeout = 60);

Test(viommu_errors, refusals_have_their_status)
{
	struct virtio_iommu_req_map request = guest_map_of(1, 4 * PAGE, 1);

	cr_expect_eq(guest_send_attach(1, 99, 0), VIRTIO_IOMMU_S_NOENT);
	cr_expect_eq(guest_send_attach(16, NIC, 0), VIRTIO_IOMMU_S_RANGE);
	cr_expect_eq(guest_send_attach(1, NIC, 8), VIRTIO_IOMMU_S_INVAL);
	cr_expect_eq(guest_send_map(1, 0), VIRTIO_IOMMU_S_NOENT);
	guest.iommu.attach_error = -ENOTSUP;
	cr_expect_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_UNSUPP);
	guest.iommu.attach_error = 0;
	cr_expect_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	request.phys_start++;
	cr_expect_eq(guest_send(&request, 36), VIRTIO_IOMMU_S_RANGE);
	guest.iommu.map_error = -EFAULT;
	cr_expect_eq(guest_send_map(1, 0), VIRTIO_IOMMU_S_FAULT);
	guest.iommu.map_error = -ENOMEM;
	cr_expect_eq(guest_send_map(1, 0), VIRTIO_IOMMU_S_NOMEM);
	guest.iommu.map_error = -ENODEV;
	cr_expect_eq(guest_send_map(1, 0), VIRTIO_IOMMU_S_DEVERR);
	cr_expect_eq(guest_send(&request, 35), VIRTIO_IOMMU_S_INVAL, "it is too short");
}

/* As Linux sends a scatter list: one doorbell for many requests, and it waits without another. */
Test(viommu_errors, a_batch_that_fails_in_part_tells_each_its_own)
{
	const uint8_t *answers[8];

	cr_assert_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	guest.iommu.bad_target = 5 * PAGE + 0x100000;
	for (unsigned int i = 0; i < 8; i++) {
		struct virtio_iommu_req_map request =
			i == 6 ? guest_map_of(9, PAGE, 1) : guest_map_of(1, (i + 1) * PAGE, 1);

		answers[i] = guest_add(&request, 36, 4);
	}
	driver_ring(&guest.driver, 0);
	for (unsigned int i = 0; i < 8; i++) {
		uint8_t status = i == 4	  ? VIRTIO_IOMMU_S_FAULT
				 : i == 6 ? VIRTIO_IOMMU_S_NOENT
					  : VIRTIO_IOMMU_S_OK;

		guest_expect_used(4);
		cr_expect_eq(answers[i][0], status, "%u", i);
	}
	cr_expect_eq(iommu_domain_of(&guest.iommu, NIC)->count, 6);
}

Test(viommu_errors, a_broken_queue_serves_what_came_before_and_asks_for_a_reset)
{
	const struct virtio_iommu_req_attach request = {
		.head.type = VIRTIO_IOMMU_T_ATTACH, .domain = 1, .endpoint = NIC};
	const uint8_t *answer = guest_add(&request, 20, 4);
	unsigned int sent = guest.host.sent;

	ring_give(&guest.requests, ENTRIES);
	driver_ring(&guest.driver, 0);
	guest_expect_used(4);
	cr_expect_eq(answer[0], VIRTIO_IOMMU_S_OK);
	cr_expect(driver_status(&guest.driver) & DRIVER_NEEDS_RESET);
	cr_expect_eq(guest.host.sent, sent + 2);
	cr_expect_eq(guest.host.last_sent.data, 0, "of a change of the configuration");
	guest_add(&request, 20, 4);
	driver_ring(&guest.driver, 0);
	cr_expect_eq(
		vpci_viommu_report_fault(guest.function, &(struct vpci_viommu_fault){NIC, 0, 1}),
		-ENOSPC);
	iommu_expect(&guest.iommu, NIC, IOMMU_DOMAIN);
	guest_bring_up(FEATURES);
	iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
	cr_expect_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
}

Test(viommu_errors, refusals_are_counted_and_reported_once_for_each_kind)
{
	static const uint8_t unknown[64] = {9};
	struct vpci_viommu_counters counters;

	for (unsigned int i = 0; i < 3; i++) {
		cr_expect_eq(guest_send_map(7, 0), VIRTIO_IOMMU_S_NOENT);
		cr_expect_eq(guest_send_attach(1, 99, 0), VIRTIO_IOMMU_S_NOENT);
		guest_add(unknown, sizeof(unknown), 4);
		driver_ring(&guest.driver, 0);
		guest_expect_used(0);
	}
	cr_expect_eq(guest.host.reports, 3);
	cr_expect_str_eq(guest.host.last_report,
			 "virtio-iommu 01.0: a request of the guest failed, of an "
			 "unknown type: Operation not supported");
	vpci_viommu_count(guest.function, &counters);
	cr_expect_eq(counters.requests, 9);
	cr_expect_eq(counters.refused, 9);
	cr_expect_eq(counters.quota, 0);
}

static void expect_report(const char *text)
{
	char line[256];

	snprintf(line, sizeof(line), "virtio-iommu 01.0: a request of the guest failed, %s", text);
	cr_expect_str_eq(guest.host.last_report, line);
}

Test(viommu_errors, a_report_says_what_was_asked_for)
{
	const struct virtio_iommu_req_map map = guest_map_of(7, 0x5000, 3);

	guest_send(&map, 36);
	expect_report("MAP of 0x5000..0x7fff to 0x105000 in domain 7: No such file or directory");
	guest_send_unmap(8, 0x1000, 0x2fff);
	expect_report("UNMAP of 0x1000..0x2fff in domain 8: No such file or directory");
	guest_send_attach(1, 0x63, 0);
	expect_report("ATTACH of endpoint 0x63 to domain 1: No such file or directory");
	guest_send_attach(16, NIC, 0);
	expect_report("ATTACH of endpoint 0x10 to domain 16: Numerical result out of range");
}

Test(viommu_errors, an_unmap_that_fails_is_reported_once)
{
	struct vpci_viommu_counters counters;

	for (uint32_t i = 1; i <= 2; i++) {
		cr_assert_eq(guest_send_attach(i, NIC, 0), VIRTIO_IOMMU_S_OK);
		cr_assert_eq(guest_send_map(i, 0), VIRTIO_IOMMU_S_OK);
		guest.iommu.unmap_error = -EIO;
		cr_expect_eq(guest_send_unmap(i, 0, PAGE - 1), VIRTIO_IOMMU_S_DEVERR);
		guest.iommu.unmap_error = 0;
		iommu_expect(&guest.iommu, NIC, IOMMU_NOTHING);
		cr_expect_eq(guest.host.reports, 2, "the request, and why the domain died");
	}
	cr_expect_eq(
		strncmp(guest.host.last_report, "virtio-iommu 01.0: domain 1 could not be", 40), 0);
	vpci_viommu_count(guest.function, &counters);
	cr_expect_eq(counters.dead, 2);
}

Test(viommu_errors, a_move_that_failed_is_tried_again_by_a_doorbell_and_reported_once)
{
	for (unsigned int i = 0; i < 2; i++) {
		guest.iommu.detach_error = -EIO;
		host_memory_write(guest.bus, guest.driver.device + 36, 1, 0);
		host_memory_write(guest.bus, guest.driver.device + 36, 1, 1);
		iommu_expect(&guest.iommu, NIC, IOMMU_NOTHING);
		cr_expect_eq(guest.host.reports, 1);
		guest.iommu.detach_error = 0;
		driver_ring(&guest.driver, 0);
		iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
	}
}

/* The guest changes its request while the VMM is at work. */
static void scribble(void)
{
	memset(guest.placed, 0xff, guest.placed_size);
}

Test(viommu_errors, a_request_is_what_it_was_when_it_was_taken)
{
	struct virtio_iommu_req_map request = guest_map_of(1, 4 * PAGE, 1);
	const uint8_t *answer;

	guest.iommu.at_work = scribble;
	cr_expect_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	answer = guest_add(&request, 36, 4);
	driver_ring(&guest.driver, 0);
	guest.iommu.at_work = NULL;
	guest_expect_used(4);
	cr_expect_eq(answer[0], VIRTIO_IOMMU_S_OK);
	cr_expect_eq(iommu_domain_of(&guest.iommu, NIC)->list[0].address, 4 * PAGE);
	cr_expect_eq(guest_send_unmap(1, 4 * PAGE, 5 * PAGE - 1), VIRTIO_IOMMU_S_OK);
}
