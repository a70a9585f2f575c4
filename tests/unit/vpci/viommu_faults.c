// SPDX-License-Identifier: MIT
/* Faults that the VMM reports to the guest, from any thread. */
#include <pthread.h>
#include <semaphore.h>
#include "viommu_guest.h"

static sem_t begun, go; /* of an op that takes until it is told to go on */

TestSuite(viommu_faults, .init = guest_start, .fini = guest_end, .timeout = 60);

static void wait_at_work(void)
{
	sem_post(&begun);
	sem_wait(&go);
}

static void *ring_request(void *arg)
{
	driver_ring(&guest.driver, 0);
	return arg;
}

Test(viommu_faults, faults_and_counters_do_not_wait_for_an_op)
{
	struct virtio_iommu_req_map request = guest_map_of(1, 4 * PAGE, 1);
	const struct vpci_viommu_fault fault = {NIC, 0x1000, VPCI_VIOMMU_READ};
	struct vpci_viommu_counters counters;
	uint32_t head, written;
	pthread_t thread;

	sem_init(&begun, 0, 0);
	sem_init(&go, 0, 0);
	cr_assert_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	ring_add(&guest.events, &(struct ring_piece){guest_place_answer(32), 32, true}, 1);
	guest_add(&request, 36, 4);
	guest.iommu.at_work = wait_at_work;
	cr_assert_eq(pthread_create(&thread, NULL, ring_request, NULL), 0);
	sem_wait(&begun);
	for (unsigned int i = 0; i < 64; i++)
		cr_expect_eq(vpci_viommu_report_fault(guest.function, &fault), 0);
	cr_expect_eq(vpci_viommu_report_fault(guest.function, &fault), -ENOSPC);
	vpci_viommu_count(guest.function, &counters);
	cr_expect_eq(counters.requests, 2);
	cr_expect_eq(counters.faults_dropped, 1);
	sem_post(&go);
	pthread_join(thread, NULL);
	guest.iommu.at_work = NULL;
	cr_expect(ring_get(&guest.events, &head, &written));
	vpci_viommu_count(guest.function, &counters);
	cr_expect_eq(counters.faults, 1);
	cr_expect_eq(counters.faults_dropped, 64);
}

static int report(uint64_t address, unsigned int access)
{
	const struct vpci_viommu_fault fault = {NIC, address, access};

	return vpci_viommu_report_fault(guest.function, &fault);
}

Test(viommu_faults, a_fault_fills_the_next_buffer)
{
	uint64_t buffer = guest_place_answer(32);
	struct virtio_iommu_fault event;
	unsigned int sent = guest.host.sent;
	uint32_t head, written;

	ring_add(&guest.events, &(struct ring_piece){buffer, 32, true}, 1);
	driver_ring(&guest.driver, 1);
	cr_expect_not(ring_get(&guest.events, &head, &written));
	cr_expect_eq(report(0xabc000, VPCI_VIOMMU_READ), 0);
	cr_assert(ring_get(&guest.events, &head, &written));
	cr_expect_eq(written, sizeof(event));
	memcpy(&event, ring_memory(NULL, buffer, sizeof(event)), sizeof(event));
	cr_expect_eq(event.reason, VIRTIO_IOMMU_FAULT_R_DOMAIN);
	cr_expect_eq(event.flags, VIRTIO_IOMMU_FAULT_F_READ | VIRTIO_IOMMU_FAULT_F_ADDRESS);
	cr_expect_eq(event.endpoint, NIC);
	cr_expect_eq(event.address, 0xabc000);
	cr_expect_eq(guest.host.sent, sent + 1);
	cr_expect_eq(guest.host.last_sent.data, 2);
}

Test(viommu_faults, a_fault_of_who_is_attached_is_one_of_a_mapping)
{
	uint64_t buffer = guest_place_answer(32);

	cr_assert_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	ring_add(&guest.events, &(struct ring_piece){buffer, 32, true}, 1);
	cr_expect_eq(report(0, VPCI_VIOMMU_WRITE), 0);
	cr_expect_eq(*(uint8_t *)ring_memory(NULL, buffer, 1), VIRTIO_IOMMU_FAULT_R_MAPPING);
}

Test(viommu_faults, faults_that_find_no_buffer_are_counted)
{
	struct vpci_viommu_counters counters;
	uint32_t head, written;

	cr_expect_eq(report(0, VPCI_VIOMMU_READ), -ENOSPC);
	ring_add(&guest.events, &(struct ring_piece){RING_BUFFERS, 23, true}, 1);
	cr_expect_eq(report(0, VPCI_VIOMMU_READ), -ENOSPC, "it is too small");
	cr_assert(ring_get(&guest.events, &head, &written));
	cr_expect_eq(written, 0);
	driver_write(&guest.driver, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	cr_expect_eq(report(0, VPCI_VIOMMU_READ), -ENOSPC, "there is no driver");
	cr_expect_eq(
		vpci_viommu_report_fault(guest.function, &(struct vpci_viommu_fault){99, 0, 1}),
		-ENOENT);
	vpci_viommu_count(guest.function, &counters);
	cr_expect_eq(counters.faults, 0);
	cr_expect_eq(counters.faults_dropped, 3);
}

Test(viommu_faults, a_broken_event_queue_asks_for_a_reset)
{
	ring_give(&guest.events, 16);
	cr_expect_eq(report(0, VPCI_VIOMMU_READ), -ENOSPC);
	cr_expect(driver_status(&guest.driver) & DRIVER_NEEDS_RESET);
}

#define EVENTS_AT (RING_BUFFERS + 0x80000)

/* Each descriptor has a buffer of its own. */
static void add_event(void)
{
	ring_add(&guest.events, &(struct ring_piece){EVENTS_AT + 32u * guest.events.next, 24, true},
		 1);
}

/* Checks the events that came, which are in order, and gives their buffers back. Returns how many. */
static unsigned int take_events(uint64_t *last)
{
	struct virtio_iommu_fault event;
	unsigned int count = 0;
	uint32_t head, written;

	for (; ring_get(&guest.events, &head, &written); count++) {
		memcpy(&event, ring_memory(NULL, EVENTS_AT + 32 * head, 24), 24);
		cr_expect_eq(written, 24);
		cr_expect_eq(event.reason, VIRTIO_IOMMU_FAULT_R_MAPPING);
		cr_expect_eq(event.endpoint, NIC);
		cr_expect_eq(event.flags,
			     VIRTIO_IOMMU_FAULT_F_WRITE | VIRTIO_IOMMU_FAULT_F_ADDRESS);
		cr_expect_gt(event.address, *last);
		*last = event.address;
		add_event();
	}
	return count;
}

static void *report_many(void *arg)
{
	for (unsigned int i = 1; i <= 2000; i++)
		report(i * PAGE, VPCI_VIOMMU_WRITE);
	return arg;
}

Test(viommu_faults, faults_are_reported_while_the_guest_works)
{
	struct vpci_viommu_counters counters;
	unsigned int received = 0;
	uint64_t last = 0;
	pthread_t thread;

	cr_assert_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	for (unsigned int i = 0; i < 16; i++)
		add_event();
	cr_assert_eq(pthread_create(&thread, NULL, report_many, NULL), 0);
	for (unsigned int i = 0; i < 500; i++) {
		guest.next = RING_BUFFERS;
		cr_assert_eq(guest_send_map(1, PAGE), VIRTIO_IOMMU_S_OK);
		cr_assert_eq(guest_send_unmap(1, PAGE, 2 * PAGE - 1), VIRTIO_IOMMU_S_OK);
		received += take_events(&last);
	}
	pthread_join(thread, NULL);
	received += take_events(&last);
	vpci_viommu_count(guest.function, &counters);
	cr_expect_eq(counters.faults + counters.faults_dropped, 2000);
	cr_expect_eq(counters.faults, received);
	cr_expect_geq(received, 16);
	cr_expect_eq(driver_status(&guest.driver) & DRIVER_NEEDS_RESET, 0);
}
