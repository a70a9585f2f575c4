// SPDX-License-Identifier: MIT
/* The virtio-iommu function as its guest drives it: requests in memory, doorbells at ports. */
#include <linux/pci_regs.h>
#include <pthread.h>
#include "viommu_guest.h"

#define PROBED (512 + 4)

TestSuite(viommu_function, .init = guest_start, .fini = guest_end, .timeout = 60);

Test(viommu_function, it_is_what_linux_looks_for)
{
	cr_expect_eq(host_config_read(guest.bus, VIOMMU, PCI_VENDOR_ID, 4), 0x10571af4);
	cr_expect_eq(host_config_read(guest.bus, VIOMMU, PCI_CLASS_REVISION, 4), 0x08060001);
	cr_expect_eq(driver_features(&guest.driver), FEATURES);
	cr_expect_eq(host_memory_read(guest.bus, guest.driver.device, 8), 0xfffffffffffff000);
	cr_expect_eq(host_memory_read(guest.bus, guest.driver.device + 8, 8), 0);
	cr_expect_eq(host_memory_read(guest.bus, guest.driver.device + 16, 8), (1ull << 39) - 1);
	cr_expect_eq(host_memory_read(guest.bus, guest.driver.device + 28, 4), 15);
	cr_expect_eq(host_memory_read(guest.bus, guest.driver.device + 32, 4), 512);
	cr_expect_eq(host_memory_read(guest.bus, guest.driver.device + 36, 1), 1);
}

Test(viommu_function, options_that_make_no_sense_are_refused)
{
	struct vpci_viommu_options options = iommu_options();
	struct vpci_function *other = NULL;

	options.page_sizes = 0;
	cr_expect_eq(vpci_viommu_create(&options, &iommu_ops, &guest.iommu, &other), -EINVAL);
	cr_expect_null(other);
}

Test(viommu_function, a_guest_attaches_maps_unmaps_and_detaches)
{
	const struct virtio_iommu_req_detach detach = {
		.head.type = VIRTIO_IOMMU_T_DETACH, .domain = 1, .endpoint = NIC};
	struct iommu_domain *domain;

	iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
	cr_expect_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	domain = iommu_domain_of(&guest.iommu, NIC);
	cr_expect_eq(guest_send_map(1, 4 * PAGE), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(domain->count, 1);
	cr_expect_eq(domain->list[0].target, 4 * PAGE + 0x100000);
	cr_expect_eq(guest_send_map(1, 4 * PAGE), VIRTIO_IOMMU_S_INVAL);
	cr_expect_eq(guest_send_unmap(1, 4 * PAGE, 5 * PAGE - 1), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(domain->count, 0);
	cr_expect_eq(guest_send(&detach, 20), VIRTIO_IOMMU_S_OK);
	iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
}

Test(viommu_function, one_doorbell_serves_a_whole_queue_by_one_call)
{
	const uint8_t *answers[ENTRIES / 2];
	struct vpci_viommu_counters counters;

	cr_assert_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	for (unsigned int i = 0; i < ENTRIES / 2; i++) {
		struct virtio_iommu_req_map request = guest_map_of(1, (i + 1) * PAGE, 1);

		answers[i] = guest_add(&request, 36, 4);
	}
	guest.iommu.bad_target = 0;
	driver_ring(&guest.driver, 0);
	cr_expect_eq(guest.iommu.map_calls, 1);
	for (unsigned int i = 0; i < ENTRIES / 2; i++) {
		guest_expect_used(4);
		cr_expect_eq(answers[i][0], VIRTIO_IOMMU_S_OK);
	}
	vpci_viommu_count(guest.function, &counters);
	cr_expect_eq(counters.maps, ENTRIES / 2);
	cr_expect_eq(counters.mappings, ENTRIES / 2);
	cr_expect_eq(counters.requests, ENTRIES / 2 + 1);
	cr_expect_eq(counters.domains, 1);
}

Test(viommu_function, what_a_doorbell_has_no_room_for_waits_for_the_next)
{
	struct virtio_iommu_req_attach request = {
		.head.type = VIRTIO_IOMMU_T_ATTACH, .domain = 1, .endpoint = NIC};
	unsigned int count = 0;
	uint32_t head, written;

	guest_add(&request, 20, 4);
	for (unsigned int i = 1; i < 300; i++)
		ring_give(&guest.requests, 0);
	driver_ring(&guest.driver, 0);
	while (ring_get(&guest.requests, &head, &written))
		count++;
	cr_expect_eq(count, VPCI_VIOMMU_BATCH);
	driver_ring(&guest.driver, 0);
	while (ring_get(&guest.requests, &head, &written))
		count++;
	cr_expect_eq(count, 300);
}

Test(viommu_function, a_probe_tells_of_reserved_ranges)
{
	const struct virtio_iommu_req_probe request = {.head.type = VIRTIO_IOMMU_T_PROBE,
						       .endpoint = NIC};
	const uint8_t *answer = guest_add(&request, sizeof(request), PROBED);
	struct virtio_iommu_probe_resv_mem property;

	driver_ring(&guest.driver, 0);
	guest_expect_used(PROBED);
	cr_expect_eq(answer[512], VIRTIO_IOMMU_S_OK);
	memcpy(&property, answer, sizeof(property));
	cr_expect_eq(property.head.type, VIRTIO_IOMMU_PROBE_T_RESV_MEM);
	cr_expect_eq(property.head.length, 20);
	cr_expect_eq(property.subtype, VIRTIO_IOMMU_RESV_MEM_T_MSI);
	cr_expect_eq(property.start, 0xfee00000);
	cr_expect_eq(property.end, 0xfeefffff);
	for (unsigned int i = sizeof(property); i < 512; i++)
		cr_assert_eq(answer[i], 0);
}

Test(viommu_function, a_probe_of_nobody_has_no_properties)
{
	const struct virtio_iommu_req_probe request = {.head.type = VIRTIO_IOMMU_T_PROBE,
						       .endpoint = 99};
	const uint8_t *answer = guest_add(&request, sizeof(request), PROBED);

	driver_ring(&guest.driver, 0);
	guest_expect_used(PROBED);
	cr_expect_eq(answer[512], VIRTIO_IOMMU_S_NOENT);
	cr_expect_eq(answer[0], 0);
}

Test(viommu_function, a_probe_without_room_is_refused_at_the_end_of_what_it_has)
{
	const struct virtio_iommu_req_probe request = {.head.type = VIRTIO_IOMMU_T_PROBE,
						       .endpoint = NIC};
	const uint8_t *answer = guest_add(&request, sizeof(request), 104);

	driver_ring(&guest.driver, 0);
	guest_expect_used(104);
	cr_expect_eq(answer[100], VIRTIO_IOMMU_S_INVAL);
	for (unsigned int i = 0; i < 100; i++)
		cr_assert_eq(answer[i], 0);
}

Test(viommu_function, a_buffer_without_room_for_a_status_goes_back_and_does_nothing)
{
	const struct virtio_iommu_req_attach request = {
		.head.type = VIRTIO_IOMMU_T_ATTACH, .domain = 1, .endpoint = NIC};
	const uint8_t *answer = guest_add(&request, 20, 3);

	driver_ring(&guest.driver, 0);
	guest_expect_used(0);
	cr_expect_eq(answer[0], NOTHING);
	iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
}

Test(viommu_function, an_unknown_request_goes_back_as_it_is)
{
	static const uint8_t types[] = {0, 6, 0x80, 0xff};

	for (unsigned int i = 0; i < sizeof(types); i++) {
		uint8_t request[64] = {types[i]};
		const uint8_t *answer = guest_add(request, sizeof(request), 64);

		driver_ring(&guest.driver, 0);
		guest_expect_used(0);
		cr_expect_eq(answer[0], NOTHING);
	}
}

Test(viommu_function, requests_and_answers_may_lie_in_pieces)
{
	const struct virtio_iommu_req_attach request = {
		.head.type = VIRTIO_IOMMU_T_ATTACH, .domain = 1, .endpoint = NIC};
	uint64_t from = guest_place(&request, 20), to = guest_place_answer(64);
	const struct ring_piece pieces[] = {{from, 1, false},	   {from + 1, 7, false},
					    {from + 8, 12, false}, {to, 1, true},
					    {to + 16, 2, true},	   {to + 32, 1, true}};

	ring_add(&guest.requests, pieces, 6);
	driver_ring(&guest.driver, 0);
	guest_expect_used(4);
	cr_expect_eq(*(uint8_t *)ring_memory(NULL, to, 1), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(*(uint8_t *)ring_memory(NULL, to + 32, 1), 0);
	iommu_expect(&guest.iommu, NIC, IOMMU_DOMAIN);
}

Test(viommu_function, requests_interrupt_when_the_driver_wants_it)
{
	unsigned int sent = guest.host.sent;

	ring_set_flags(&guest.requests, VRING_AVAIL_F_NO_INTERRUPT);
	cr_expect_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(guest.host.sent, sent);
	ring_set_flags(&guest.requests, 0);
	cr_expect_eq(guest_send_map(1, 0), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(guest.host.sent, sent + 1);
	cr_expect_eq(guest.host.last_sent.data, 1);
	driver_ring(&guest.driver, 0);
	cr_expect_eq(guest.host.sent, sent + 1, "nothing was done");
}

Test(viommu_function, features_that_were_not_accepted_are_not_there)
{
	struct virtio_iommu_req_map request = guest_map_of(1, 0, 1);

	guest_bring_up(DRIVER_VERSION_1);
	cr_expect_eq(guest_send_attach(1, NIC, 1), VIRTIO_IOMMU_S_INVAL);
	cr_expect_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	guest_add(&request, 36, 4);
	driver_ring(&guest.driver, 0);
	guest_expect_used(0);
	host_memory_write(guest.bus, guest.driver.device + 36, 1, 0);
	cr_expect_eq(host_memory_read(guest.bus, guest.driver.device + 36, 1), 1);
}

Test(viommu_function, memory_of_devices_is_mapped_if_the_driver_accepted_it)
{
	struct virtio_iommu_req_map request = guest_map_of(1, 0, 1);

	request.flags |= VIRTIO_IOMMU_MAP_F_MMIO;
	cr_assert_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(guest_send(&request, 36), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(iommu_domain_of(&guest.iommu, NIC)->list[0].access,
		     VPCI_VIOMMU_READ | VPCI_VIOMMU_MMIO);
	guest_bring_up(FEATURES & ~(1ull << VIRTIO_IOMMU_F_MMIO));
	cr_assert_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(guest_send(&request, 36), VIRTIO_IOMMU_S_INVAL);
}

Test(viommu_function, the_bypass_byte_takes_zero_and_one)
{
	host_memory_write(guest.bus, guest.driver.device + 36, 1, 0);
	iommu_expect(&guest.iommu, NIC, IOMMU_NOTHING);
	host_memory_write(guest.bus, guest.driver.device + 36, 1, 2);
	host_memory_write(guest.bus, guest.driver.device + 36, 2, 1);
	host_memory_write(guest.bus, guest.driver.device + 32, 8, UINT64_MAX);
	cr_expect_eq(host_memory_read(guest.bus, guest.driver.device + 36, 1), 0);
	host_memory_write(guest.bus, guest.driver.device + 36, 1, 1);
	iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
	cr_expect_eq(guest_send_attach(1, NIC, VIRTIO_IOMMU_ATTACH_F_BYPASS), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(guest_send_map(1, 0), VIRTIO_IOMMU_S_INVAL);
}

Test(viommu_function, a_reset_by_the_driver_keeps_the_bypass_byte_and_one_of_the_bus_does_not)
{
	cr_assert_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	host_memory_write(guest.bus, guest.driver.device + 36, 1, 0);
	driver_write(&guest.driver, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	cr_expect_eq(iommu_domain_count(&guest.iommu), 0);
	iommu_expect(&guest.iommu, NIC, IOMMU_NOTHING);
	guest_bring_up(FEATURES);
	cr_assert_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	cr_assert_eq(vpci_bus_reset(guest.bus), 0);
	cr_expect_eq(iommu_domain_count(&guest.iommu), 0);
	iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
	driver_find(&guest.driver, guest.bus, VIOMMU);
	cr_expect_eq(driver_status(&guest.driver), 0);
	guest_bring_up(FEATURES);
	cr_expect_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
}

Test(viommu_function, endpoints_come_and_go_while_the_guest_runs)
{
	cr_expect_eq(vpci_viommu_add_endpoint(guest.function, 24, NULL, 0), 0);
	cr_expect_eq(vpci_viommu_add_endpoint(guest.function, 24, NULL, 0), -EEXIST);
	iommu_expect(&guest.iommu, 24, IOMMU_ALL);
	cr_expect_eq(guest_send_attach(1, 24, 0), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(vpci_viommu_remove_endpoint(guest.function, 24), 0);
	iommu_expect(&guest.iommu, 24, IOMMU_NOTHING);
	cr_expect_eq(vpci_viommu_remove_endpoint(guest.function, 24), -ENOENT);
	cr_expect_eq(guest_send_attach(1, 24, 0), VIRTIO_IOMMU_S_NOENT);
}

Test(viommu_function, one_that_leaves_its_slot_ends_all_domains)
{
	cr_assert_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	guest.iommu.releases = 0;
	cr_expect_eq(vpci_bus_remove(guest.bus, VIOMMU), 0);
	cr_expect_eq(iommu_domain_count(&guest.iommu), 0);
	iommu_expect(&guest.iommu, NIC, IOMMU_NOTHING);
	cr_expect_eq(guest.iommu.releases, 0, "nobody reached all of guest RAM meanwhile");
}

static void *ring_always(void *stop)
{
	while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED))
		driver_ring(&guest.driver, 0);
	return NULL;
}

Test(viommu_function, endpoints_come_and_go_while_the_guest_rings)
{
	pthread_t threads[2];
	bool stop = false;

	for (unsigned int i = 0; i < 2; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, ring_always, &stop), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		cr_expect_eq(vpci_viommu_remove_endpoint(guest.function, NIC), 0);
		cr_expect_eq(vpci_viommu_add_endpoint(guest.function, NIC, NULL, 0), 0);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
}
