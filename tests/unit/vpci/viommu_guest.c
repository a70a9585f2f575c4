// SPDX-License-Identifier: MIT
#include "viommu_guest.h"

struct viommu_guest guest;

static const struct vpci_viommu_reserved msi = {0xfee00000, 0xfeefffff, true};

void guest_bring_up(uint64_t features)
{
	guest.next = RING_BUFFERS;
	ring_init(&guest.requests, ENTRIES, RING_RAM);
	ring_init(&guest.events, 16, RING_EVENTS);
	driver_set_msix(&guest.driver, true);
	for (unsigned int i = 0; i < 3; i++)
		driver_unmask(&guest.driver, i);
	cr_assert(driver_negotiate(&guest.driver, features) & DRIVER_FEATURES_OK);
	driver_write(&guest.driver, VIRTIO_PCI_COMMON_MSIX, 2, 0);
	driver_queue(&guest.driver, 0, &guest.requests, 1);
	driver_queue(&guest.driver, 1, &guest.events, 2);
	driver_ready(&guest.driver);
}

void guest_start(void)
{
	struct vpci_viommu_options options = iommu_options();

	memset(&guest.iommu, 0, sizeof(guest.iommu));
	guest.bus = driver_bus(&guest.host);
	cr_assert_eq(vpci_viommu_create(&options, &iommu_ops, &guest.iommu, &guest.function), 0);
	cr_assert_eq(vpci_viommu_add_endpoint(guest.function, NIC, &msi, 1), 0);
	cr_assert_eq(vpci_bus_add(guest.bus, VIOMMU, guest.function), VIOMMU);
	driver_find(&guest.driver, guest.bus, VIOMMU);
	guest_bring_up(FEATURES);
}

void guest_end(void)
{
	vpci_bus_destroy(guest.bus);
	cr_expect_eq(iommu_domain_count(&guest.iommu), 0);
	host_check_leaks();
}

uint64_t guest_place(const void *bytes, size_t size)
{
	uint64_t address = guest.next;

	guest.next += (size + 15) & ~15ull;
	guest.placed = ring_memory(NULL, address, size);
	guest.placed_size = size;
	memcpy(guest.placed, bytes, size);
	return address;
}

uint64_t guest_place_answer(size_t size)
{
	uint64_t address = guest.next;

	guest.next += (size + 15) & ~15ull;
	memset(ring_memory(NULL, address, size), NOTHING, size);
	return address;
}

const uint8_t *guest_add(const void *request, size_t size, size_t room)
{
	uint64_t answer = guest_place_answer(room);

	ring_add(&guest.requests,
		 (struct ring_piece[]){{guest_place(request, size), (uint32_t)size, false},
				       {answer, (uint32_t)room, true}},
		 2);
	return ring_memory(NULL, answer, room);
}

void guest_expect_used(uint32_t size)
{
	uint32_t head, written;

	cr_assert(ring_get(&guest.requests, &head, &written), "the buffer did not come back");
	cr_expect_eq(written, size, "%u bytes were written", written);
}

uint8_t guest_send(const void *request, size_t size)
{
	const uint8_t *answer = guest_add(request, size, 4);

	driver_ring(&guest.driver, 0);
	guest_expect_used(4);
	cr_expect_eq(answer[1] | answer[2] | answer[3], 0);
	return answer[0];
}

uint8_t guest_send_attach(uint32_t domain, uint32_t endpoint, uint32_t flags)
{
	const struct virtio_iommu_req_attach request = {.head.type = VIRTIO_IOMMU_T_ATTACH,
							.domain = domain,
							.endpoint = endpoint,
							.flags = flags};

	return guest_send(&request, 20);
}

struct virtio_iommu_req_map guest_map_of(uint32_t domain, uint64_t first, uint64_t pages)
{
	return (struct virtio_iommu_req_map){.head.type = VIRTIO_IOMMU_T_MAP,
					     .domain = domain,
					     .virt_start = first,
					     .virt_end = first + pages * PAGE - 1,
					     .phys_start = first + 0x100000,
					     .flags = VIRTIO_IOMMU_MAP_F_READ};
}

uint8_t guest_send_map(uint32_t domain, uint64_t first)
{
	struct virtio_iommu_req_map request = guest_map_of(domain, first, 1);

	return guest_send(&request, 36);
}

uint8_t guest_send_unmap(uint32_t domain, uint64_t first, uint64_t last)
{
	const struct virtio_iommu_req_unmap request = {.head.type = VIRTIO_IOMMU_T_UNMAP,
						       .domain = domain,
						       .virt_start = first,
						       .virt_end = last};

	return guest_send(&request, 28);
}
