// SPDX-License-Identifier: MIT
/* The virtio-iommu function as its guest drives it: requests in memory, doorbells at ports. */
#include <linux/pci_regs.h>
#include <linux/virtio_iommu.h>
#include <linux/virtio_pci.h>
#include <pthread.h>
#include "driver.h"
#include "iommu.h"

#define VIOMMU	8 /* devfn */
#define NIC	16
#define PROBED	(512 + 4)
#define ENTRIES 512
#define PAGE	0x1000ull

#define FEATURES (DRIVER_VERSION_1 | 0x57)
#define NOTHING	 0xee /* what a status is before it is one */

static struct host host;
static struct iommu iommu;
static struct vpci_bus *bus;
static struct vpci_function *function;
static struct driver driver;
static struct ring requests, events;
static uint64_t next; /* free RAM */

static const struct vpci_viommu_reserved msi = {0xfee00000, 0xfeefffff, true};

static void function_bring_up(uint64_t features)
{
	next = RING_BUFFERS;
	ring_init(&requests, ENTRIES, RING_RAM);
	ring_init(&events, 16, RING_EVENTS);
	driver_set_msix(&driver, true);
	for (unsigned int i = 0; i < 3; i++)
		driver_unmask(&driver, i);
	cr_assert(driver_negotiate(&driver, features) & DRIVER_FEATURES_OK);
	driver_write(&driver, VIRTIO_PCI_COMMON_MSIX, 2, 0);
	driver_queue(&driver, 0, &requests, 1);
	driver_queue(&driver, 1, &events, 2);
	driver_ready(&driver);
}

static void function_start(void)
{
	struct vpci_viommu_options options = iommu_options();

	memset(&iommu, 0, sizeof(iommu));
	bus = driver_bus(&host);
	cr_assert_eq(vpci_viommu_create(&options, &iommu_ops, &iommu, &function), 0);
	cr_assert_eq(vpci_viommu_add_endpoint(function, NIC, &msi, 1), 0);
	cr_assert_eq(vpci_bus_add(bus, VIOMMU, function), VIOMMU);
	driver_find(&driver, bus, VIOMMU);
	function_bring_up(FEATURES);
}

static void function_end(void)
{
	vpci_bus_destroy(bus);
	cr_expect_eq(iommu_domain_count(&iommu), 0);
	host_check_leaks();
}

TestSuite(viommu_function, .init = function_start, .fini = function_end);

/* Puts bytes into RAM, at an address of their own. */
static uint64_t place(const void *bytes, size_t size)
{
	uint64_t address = next;

	next += (size + 15) & ~15ull;
	memcpy(ring_memory(NULL, address, size), bytes, size);
	return address;
}

/* Room for an answer, which nobody wrote yet. */
static uint64_t place_answer(size_t size)
{
	uint64_t address = next;

	next += (size + 15) & ~15ull;
	memset(ring_memory(NULL, address, size), NOTHING, size);
	return address;
}

/* Adds a request of a part to read and a part to write; returns where its answer will be. */
static const uint8_t *add(const void *request, size_t size, size_t room)
{
	uint64_t answer = place_answer(room);

	ring_add(&requests,
		 (struct ring_piece[]){{place(request, size), (uint32_t)size, false},
				       {answer, (uint32_t)room, true}},
		 2);
	return ring_memory(NULL, answer, room);
}

static void expect_used(uint32_t size)
{
	uint32_t head, written;

	cr_assert(ring_get(&requests, &head, &written), "the buffer did not come back");
	cr_expect_eq(written, size, "%u bytes were written", written);
}

/* Sends one request and returns its status. */
static uint8_t send(const void *request, size_t size)
{
	const uint8_t *answer = add(request, size, 4);

	driver_ring(&driver, 0);
	expect_used(4);
	cr_expect_eq(answer[1] | answer[2] | answer[3], 0);
	return answer[0];
}

static uint8_t send_attach(uint32_t domain, uint32_t endpoint, uint32_t flags)
{
	const struct virtio_iommu_req_attach request = {.head.type = VIRTIO_IOMMU_T_ATTACH,
							.domain = domain,
							.endpoint = endpoint,
							.flags = flags};

	return send(&request, 20);
}

static struct virtio_iommu_req_map map_of(uint32_t domain, uint64_t first, uint64_t pages)
{
	return (struct virtio_iommu_req_map){.head.type = VIRTIO_IOMMU_T_MAP,
					     .domain = domain,
					     .virt_start = first,
					     .virt_end = first + pages * PAGE - 1,
					     .phys_start = first + 0x100000,
					     .flags = VIRTIO_IOMMU_MAP_F_READ};
}

static uint8_t send_map(uint32_t domain, uint64_t first)
{
	struct virtio_iommu_req_map request = map_of(domain, first, 1);

	return send(&request, 36);
}

static uint8_t send_unmap(uint32_t domain, uint64_t first, uint64_t last)
{
	const struct virtio_iommu_req_unmap request = {.head.type = VIRTIO_IOMMU_T_UNMAP,
						       .domain = domain,
						       .virt_start = first,
						       .virt_end = last};

	return send(&request, 28);
}

Test(viommu_function, it_is_what_linux_looks_for)
{
	cr_expect_eq(host_config_read(bus, VIOMMU, PCI_VENDOR_ID, 4), 0x10571af4);
	cr_expect_eq(host_config_read(bus, VIOMMU, PCI_CLASS_REVISION, 4), 0x08060001);
	cr_expect_eq(driver_features(&driver), FEATURES);
	cr_expect_eq(host_memory_read(bus, driver.device, 8), 0xfffffffffffff000);
	cr_expect_eq(host_memory_read(bus, driver.device + 8, 8), 0);
	cr_expect_eq(host_memory_read(bus, driver.device + 16, 8), (1ull << 39) - 1);
	cr_expect_eq(host_memory_read(bus, driver.device + 28, 4), 15);
	cr_expect_eq(host_memory_read(bus, driver.device + 32, 4), 512);
	cr_expect_eq(host_memory_read(bus, driver.device + 36, 1), 1);
}

Test(viommu_function, options_that_make_no_sense_are_refused)
{
	struct vpci_viommu_options options = iommu_options();
	struct vpci_function *other = NULL;

	options.page_sizes = 0;
	cr_expect_eq(vpci_viommu_create(&options, &iommu_ops, &iommu, &other), -EINVAL);
	cr_expect_null(other);
}

Test(viommu_function, a_guest_attaches_maps_unmaps_and_detaches)
{
	const struct virtio_iommu_req_detach detach = {
		.head.type = VIRTIO_IOMMU_T_DETACH, .domain = 1, .endpoint = NIC};
	struct iommu_domain *domain;

	iommu_expect(&iommu, NIC, IOMMU_ALL);
	cr_expect_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	domain = iommu_domain_of(&iommu, NIC);
	cr_expect_eq(send_map(1, 4 * PAGE), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(domain->count, 1);
	cr_expect_eq(domain->list[0].target, 4 * PAGE + 0x100000);
	cr_expect_eq(send_map(1, 4 * PAGE), VIRTIO_IOMMU_S_INVAL);
	cr_expect_eq(send_unmap(1, 4 * PAGE, 5 * PAGE - 1), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(domain->count, 0);
	cr_expect_eq(send(&detach, 20), VIRTIO_IOMMU_S_OK);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
}

Test(viommu_function, refusals_have_their_status)
{
	struct virtio_iommu_req_map request = map_of(1, 4 * PAGE, 1);

	cr_expect_eq(send_attach(1, 99, 0), VIRTIO_IOMMU_S_NOENT);
	cr_expect_eq(send_attach(16, NIC, 0), VIRTIO_IOMMU_S_RANGE);
	cr_expect_eq(send_attach(1, NIC, 8), VIRTIO_IOMMU_S_INVAL);
	cr_expect_eq(send_map(1, 0), VIRTIO_IOMMU_S_NOENT);
	iommu.attach_error = -ENOTSUP;
	cr_expect_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_UNSUPP);
	iommu.attach_error = 0;
	cr_expect_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	request.phys_start++;
	cr_expect_eq(send(&request, 36), VIRTIO_IOMMU_S_RANGE);
	iommu.map_error = -EFAULT;
	cr_expect_eq(send_map(1, 0), VIRTIO_IOMMU_S_FAULT);
	iommu.map_error = -ENOMEM;
	cr_expect_eq(send_map(1, 0), VIRTIO_IOMMU_S_NOMEM);
	iommu.map_error = -ENODEV;
	cr_expect_eq(send_map(1, 0), VIRTIO_IOMMU_S_DEVERR);
	cr_expect_eq(send(&request, 35), VIRTIO_IOMMU_S_INVAL, "it is too short");
}

/* As Linux sends a scatter list: one doorbell for many requests, and it waits without another. */
Test(viommu_function, one_doorbell_serves_a_whole_queue_by_one_call)
{
	const uint8_t *answers[ENTRIES / 2];
	struct vpci_viommu_counters counters;

	cr_assert_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	for (unsigned int i = 0; i < ENTRIES / 2; i++) {
		struct virtio_iommu_req_map request = map_of(1, (i + 1) * PAGE, 1);

		answers[i] = add(&request, 36, 4);
	}
	iommu.bad_target = 0;
	driver_ring(&driver, 0);
	cr_expect_eq(iommu.map_calls, 1);
	for (unsigned int i = 0; i < ENTRIES / 2; i++) {
		expect_used(4);
		cr_expect_eq(answers[i][0], VIRTIO_IOMMU_S_OK);
	}
	vpci_viommu_count(function, &counters);
	cr_expect_eq(counters.maps, ENTRIES / 2);
	cr_expect_eq(counters.mappings, ENTRIES / 2);
	cr_expect_eq(counters.requests, ENTRIES / 2 + 1);
	cr_expect_eq(counters.domains, 1);
}

Test(viommu_function, a_batch_that_fails_in_part_tells_each_its_own)
{
	const uint8_t *answers[8];

	cr_assert_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	iommu.bad_target = 5 * PAGE + 0x100000;
	for (unsigned int i = 0; i < 8; i++) {
		struct virtio_iommu_req_map request =
			i == 6 ? map_of(9, PAGE, 1) : map_of(1, (i + 1) * PAGE, 1);

		answers[i] = add(&request, 36, 4);
	}
	driver_ring(&driver, 0);
	for (unsigned int i = 0; i < 8; i++) {
		uint8_t status = i == 4	  ? VIRTIO_IOMMU_S_FAULT
				 : i == 6 ? VIRTIO_IOMMU_S_NOENT
					  : VIRTIO_IOMMU_S_OK;

		expect_used(4);
		cr_expect_eq(answers[i][0], status, "%u", i);
	}
	cr_expect_eq(iommu_domain_of(&iommu, NIC)->count, 6);
}

Test(viommu_function, what_a_doorbell_has_no_room_for_waits_for_the_next)
{
	struct virtio_iommu_req_attach request = {
		.head.type = VIRTIO_IOMMU_T_ATTACH, .domain = 1, .endpoint = NIC};
	unsigned int count = 0;
	uint32_t head, written;

	add(&request, 20, 4);
	for (unsigned int i = 1; i < 300; i++)
		ring_give(&requests, 0);
	driver_ring(&driver, 0);
	while (ring_get(&requests, &head, &written))
		count++;
	cr_expect_eq(count, VPCI_VIOMMU_BATCH);
	driver_ring(&driver, 0);
	while (ring_get(&requests, &head, &written))
		count++;
	cr_expect_eq(count, 300);
}

Test(viommu_function, a_probe_tells_of_reserved_ranges)
{
	const struct virtio_iommu_req_probe request = {.head.type = VIRTIO_IOMMU_T_PROBE,
						       .endpoint = NIC};
	const uint8_t *answer = add(&request, sizeof(request), PROBED);
	struct virtio_iommu_probe_resv_mem property;

	driver_ring(&driver, 0);
	expect_used(PROBED);
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
	const uint8_t *answer = add(&request, sizeof(request), PROBED);

	driver_ring(&driver, 0);
	expect_used(PROBED);
	cr_expect_eq(answer[512], VIRTIO_IOMMU_S_NOENT);
	cr_expect_eq(answer[0], 0);
}

Test(viommu_function, a_probe_without_room_is_refused_at_the_end_of_what_it_has)
{
	const struct virtio_iommu_req_probe request = {.head.type = VIRTIO_IOMMU_T_PROBE,
						       .endpoint = NIC};
	const uint8_t *answer = add(&request, sizeof(request), 104);

	driver_ring(&driver, 0);
	expect_used(104);
	cr_expect_eq(answer[100], VIRTIO_IOMMU_S_INVAL);
	for (unsigned int i = 0; i < 100; i++)
		cr_assert_eq(answer[i], 0);
}

Test(viommu_function, a_buffer_without_room_for_a_status_goes_back_and_does_nothing)
{
	const struct virtio_iommu_req_attach request = {
		.head.type = VIRTIO_IOMMU_T_ATTACH, .domain = 1, .endpoint = NIC};
	const uint8_t *answer = add(&request, 20, 3);

	driver_ring(&driver, 0);
	expect_used(0);
	cr_expect_eq(answer[0], NOTHING);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
}

Test(viommu_function, an_unknown_request_goes_back_as_it_is)
{
	static const uint8_t types[] = {0, 6, 0x80, 0xff};

	for (unsigned int i = 0; i < sizeof(types); i++) {
		uint8_t request[64] = {types[i]};
		const uint8_t *answer = add(request, sizeof(request), 64);

		driver_ring(&driver, 0);
		expect_used(0);
		cr_expect_eq(answer[0], NOTHING);
	}
}

Test(viommu_function, requests_and_answers_may_lie_in_pieces)
{
	const struct virtio_iommu_req_attach request = {
		.head.type = VIRTIO_IOMMU_T_ATTACH, .domain = 1, .endpoint = NIC};
	uint64_t from = place(&request, 20), to = place_answer(64);
	const struct ring_piece pieces[] = {{from, 1, false},	   {from + 1, 7, false},
					    {from + 8, 12, false}, {to, 1, true},
					    {to + 16, 2, true},	   {to + 32, 1, true}};

	ring_add(&requests, pieces, 6);
	driver_ring(&driver, 0);
	expect_used(4);
	cr_expect_eq(*(uint8_t *)ring_memory(NULL, to, 1), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(*(uint8_t *)ring_memory(NULL, to + 32, 1), 0);
	iommu_expect(&iommu, NIC, IOMMU_DOMAIN);
}

Test(viommu_function, a_broken_queue_serves_what_came_before_and_asks_for_a_reset)
{
	const struct virtio_iommu_req_attach request = {
		.head.type = VIRTIO_IOMMU_T_ATTACH, .domain = 1, .endpoint = NIC};
	const uint8_t *answer = add(&request, 20, 4);
	unsigned int sent = host.sent;

	ring_give(&requests, ENTRIES);
	driver_ring(&driver, 0);
	expect_used(4);
	cr_expect_eq(answer[0], VIRTIO_IOMMU_S_OK);
	cr_expect(driver_status(&driver) & DRIVER_NEEDS_RESET);
	cr_expect_eq(host.sent, sent + 2);
	cr_expect_eq(host.last_sent.data, 0, "of a change of the configuration");
	add(&request, 20, 4);
	driver_ring(&driver, 0);
	cr_expect_eq(vpci_viommu_report_fault(function, &(struct vpci_viommu_fault){NIC, 0, 1}),
		     -ENOSPC);
	iommu_expect(&iommu, NIC, IOMMU_DOMAIN);
	function_bring_up(FEATURES);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	cr_expect_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
}

Test(viommu_function, requests_interrupt_when_the_driver_wants_it)
{
	unsigned int sent = host.sent;

	ring_set_flags(&requests, VRING_AVAIL_F_NO_INTERRUPT);
	cr_expect_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(host.sent, sent);
	ring_set_flags(&requests, 0);
	cr_expect_eq(send_map(1, 0), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(host.sent, sent + 1);
	cr_expect_eq(host.last_sent.data, 1);
	driver_ring(&driver, 0);
	cr_expect_eq(host.sent, sent + 1, "nothing was done");
}

Test(viommu_function, features_that_were_not_accepted_are_not_there)
{
	struct virtio_iommu_req_map request = map_of(1, 0, 1);

	function_bring_up(DRIVER_VERSION_1);
	cr_expect_eq(send_attach(1, NIC, 1), VIRTIO_IOMMU_S_INVAL);
	cr_expect_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	add(&request, 36, 4);
	driver_ring(&driver, 0);
	expect_used(0);
	host_memory_write(bus, driver.device + 36, 1, 0);
	cr_expect_eq(host_memory_read(bus, driver.device + 36, 1), 1);
}

Test(viommu_function, the_bypass_byte_takes_zero_and_one)
{
	host_memory_write(bus, driver.device + 36, 1, 0);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	host_memory_write(bus, driver.device + 36, 1, 2);
	host_memory_write(bus, driver.device + 36, 2, 1);
	host_memory_write(bus, driver.device + 32, 8, UINT64_MAX);
	cr_expect_eq(host_memory_read(bus, driver.device + 36, 1), 0);
	host_memory_write(bus, driver.device + 36, 1, 1);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	cr_expect_eq(send_attach(1, NIC, VIRTIO_IOMMU_ATTACH_F_BYPASS), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(send_map(1, 0), VIRTIO_IOMMU_S_INVAL);
}

Test(viommu_function, a_reset_by_the_driver_keeps_the_bypass_byte_and_one_of_the_bus_does_not)
{
	cr_assert_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	host_memory_write(bus, driver.device + 36, 1, 0);
	driver_write(&driver, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	cr_expect_eq(iommu_domain_count(&iommu), 0);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	function_bring_up(FEATURES);
	cr_assert_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	cr_assert_eq(vpci_bus_reset(bus), 0);
	cr_expect_eq(iommu_domain_count(&iommu), 0);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	driver_find(&driver, bus, VIOMMU);
	cr_expect_eq(driver_status(&driver), 0);
	function_bring_up(FEATURES);
	cr_expect_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
}

static int report(uint64_t address, unsigned int access)
{
	const struct vpci_viommu_fault fault = {NIC, address, access};

	return vpci_viommu_report_fault(function, &fault);
}

Test(viommu_function, a_fault_fills_the_next_buffer)
{
	uint64_t buffer = place_answer(32);
	struct virtio_iommu_fault event;
	unsigned int sent = host.sent;
	uint32_t head, written;

	ring_add(&events, &(struct ring_piece){buffer, 32, true}, 1);
	driver_ring(&driver, 1);
	cr_expect_not(ring_get(&events, &head, &written));
	cr_expect_eq(report(0xabc000, VPCI_VIOMMU_READ), 0);
	cr_assert(ring_get(&events, &head, &written));
	cr_expect_eq(written, sizeof(event));
	memcpy(&event, ring_memory(NULL, buffer, sizeof(event)), sizeof(event));
	cr_expect_eq(event.reason, VIRTIO_IOMMU_FAULT_R_DOMAIN);
	cr_expect_eq(event.flags, VIRTIO_IOMMU_FAULT_F_READ | VIRTIO_IOMMU_FAULT_F_ADDRESS);
	cr_expect_eq(event.endpoint, NIC);
	cr_expect_eq(event.address, 0xabc000);
	cr_expect_eq(host.sent, sent + 1);
	cr_expect_eq(host.last_sent.data, 2);
}

Test(viommu_function, a_fault_of_who_is_attached_is_one_of_a_mapping)
{
	uint64_t buffer = place_answer(32);

	cr_assert_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	ring_add(&events, &(struct ring_piece){buffer, 32, true}, 1);
	cr_expect_eq(report(0, VPCI_VIOMMU_WRITE), 0);
	cr_expect_eq(*(uint8_t *)ring_memory(NULL, buffer, 1), VIRTIO_IOMMU_FAULT_R_MAPPING);
}

Test(viommu_function, faults_that_find_no_buffer_are_counted)
{
	struct vpci_viommu_counters counters;
	uint32_t head, written;

	cr_expect_eq(report(0, VPCI_VIOMMU_READ), -ENOSPC);
	ring_add(&events, &(struct ring_piece){RING_BUFFERS, 23, true}, 1);
	cr_expect_eq(report(0, VPCI_VIOMMU_READ), -ENOSPC, "it is too small");
	cr_assert(ring_get(&events, &head, &written));
	cr_expect_eq(written, 0);
	driver_write(&driver, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	cr_expect_eq(report(0, VPCI_VIOMMU_READ), -ENOSPC, "there is no driver");
	cr_expect_eq(vpci_viommu_report_fault(function, &(struct vpci_viommu_fault){99, 0, 1}),
		     -ENOENT);
	vpci_viommu_count(function, &counters);
	cr_expect_eq(counters.faults, 0);
	cr_expect_eq(counters.faults_dropped, 3);
}

Test(viommu_function, a_broken_event_queue_asks_for_a_reset)
{
	ring_give(&events, 16);
	cr_expect_eq(report(0, VPCI_VIOMMU_READ), -ENOSPC);
	cr_expect(driver_status(&driver) & DRIVER_NEEDS_RESET);
}

Test(viommu_function, endpoints_come_and_go_while_the_guest_runs)
{
	cr_expect_eq(vpci_viommu_add_endpoint(function, 24, NULL, 0), 0);
	cr_expect_eq(vpci_viommu_add_endpoint(function, 24, NULL, 0), -EEXIST);
	iommu_expect(&iommu, 24, IOMMU_ALL);
	cr_expect_eq(send_attach(1, 24, 0), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(vpci_viommu_remove_endpoint(function, 24), 0);
	iommu_expect(&iommu, 24, IOMMU_NOTHING);
	cr_expect_eq(vpci_viommu_remove_endpoint(function, 24), -ENOENT);
	cr_expect_eq(send_attach(1, 24, 0), VIRTIO_IOMMU_S_NOENT);
}

Test(viommu_function, one_that_leaves_its_slot_ends_all_domains)
{
	cr_assert_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(vpci_bus_remove(bus, VIOMMU), 0);
	cr_expect_eq(iommu_domain_count(&iommu), 0);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
}

static void *report_many(void *arg)
{
	for (unsigned int i = 0; i < 2000; i++)
		report(i * PAGE, VPCI_VIOMMU_WRITE);
	return arg;
}

Test(viommu_function, faults_are_reported_while_the_guest_works)
{
	struct vpci_viommu_counters counters;
	uint32_t head, written;
	pthread_t thread;

	cr_assert_eq(send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	for (unsigned int i = 0; i < 16; i++)
		ring_add(&events, &(struct ring_piece){RING_BUFFERS + 0x80000, 24, true}, 1);
	cr_assert_eq(pthread_create(&thread, NULL, report_many, NULL), 0);
	for (unsigned int i = 0; i < 500; i++) {
		next = RING_BUFFERS;
		cr_assert_eq(send_map(1, PAGE), VIRTIO_IOMMU_S_OK);
		cr_assert_eq(send_unmap(1, PAGE, 2 * PAGE - 1), VIRTIO_IOMMU_S_OK);
		while (ring_get(&events, &head, &written))
			ring_add(&events, &(struct ring_piece){RING_BUFFERS + 0x80000, 24, true},
				 1);
	}
	pthread_join(thread, NULL);
	vpci_viommu_count(function, &counters);
	cr_expect_eq(counters.faults + counters.faults_dropped, 2000);
	cr_expect_eq(driver_status(&driver) & DRIVER_NEEDS_RESET, 0);
}
