// SPDX-License-Identifier: MIT
/* The guest's driver of the virtio-iommu, and the VMM behind it. */
#include <linux/virtio_iommu.h>
#include <linux/virtio_pci.h>
#include "chaos.h"
#include "viommu_start.h"

#define MEMORY	(HOST_MEM32 + 0xff0000) /* where nobody else's BAR comes by chance */
#define PORTS	(HOST_PORTS + 0xf00)
#define ENTRIES 64
#define MOST	8 /* requests for a doorbell */
#define REQUEST 64
#define ANSWER	1024
#define BUFFERS RING_BUFFERS
#define ANSWERS (BUFFERS + MOST * REQUEST)

/* A move switches the device's bus mastering off, as uldf.ko does. */
static int move(struct uldf_device *handle, void *arg)
{
	struct chaos_device *slot = arg;

	slot->device.command &= ~(uint32_t)PCI_COMMAND_MASTER;
	return 0;
}

static int move_endpoint(uint32_t endpoint)
{
	for (unsigned int i = 0; i < CHAOS_DEVICES; i++)
		if (chaos.devices[i].devfn == endpoint)
			return vpci_assigned_move(chaos.bus, (uint8_t)endpoint, move,
						  &chaos.devices[i]);
	cr_assert_fail("endpoint %u is no device", endpoint);
	return -ENOENT;
}

static int ops_create(void *host, uint32_t endpoint, void **domain)
{
	return iommu_ops.domain_create(&chaos.iommu, endpoint, domain);
}

static void ops_destroy(void *host, void *domain)
{
	iommu_ops.domain_destroy(&chaos.iommu, domain);
}

static int ops_attach(void *host, uint32_t endpoint, void *domain)
{
	int err = move_endpoint(endpoint);

	if (!err)
		err = iommu_ops.attach(&chaos.iommu, endpoint, domain);
	if (err)
		iommu_ops.detach(&chaos.iommu, endpoint, false);
	return err;
}

static int ops_detach(void *host, uint32_t endpoint, bool bypass)
{
	int err = move_endpoint(endpoint);

	if (err && err != -ENODEV)
		return err;
	return iommu_ops.detach(&chaos.iommu, endpoint, bypass);
}

static int ops_map(void *host, void *domain, const struct vpci_viommu_mapping *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!ring_memory(NULL, list[i].target, list[i].size))
			return -EFAULT;
	return iommu_ops.map(&chaos.iommu, domain, list, count);
}

static int ops_unmap(void *host, void *domain, const struct vpci_viommu_range *list, size_t count,
		     size_t *done, size_t *ended)
{
	return iommu_ops.unmap(&chaos.iommu, domain, list, count, done, ended);
}

const struct vpci_viommu_ops chaos_viommu_ops = {
	.domain_create = ops_create,
	.domain_destroy = ops_destroy,
	.attach = ops_attach,
	.detach = ops_detach,
	.map = ops_map,
	.unmap = ops_unmap,
};

static uint64_t common_read(unsigned int offset, unsigned int width)
{
	uint64_t value = 0;

	cr_assert(vpci_bus_memory_read(chaos.bus, MEMORY + offset, width, &value));
	return value;
}

static struct viommu_start_queue start_queue(struct ring *ring, uint16_t size, uint64_t base,
					     uint16_t vector)
{
	ring_init(ring, size, base);
	memset(ring_memory(NULL, base, 0x4000), 0, 0x4000);
	return (struct viommu_start_queue){size, vector, ring->desc, ring->avail, ring->used};
}

static void start_driver(void)
{
	const struct viommu_start_queue queues[] = {
		start_queue(&chaos.requests, ENTRIES, RING_RAM, 1),
		start_queue(&chaos.events, 16, RING_EVENTS, 2),
	};

	memset(chaos.domain_of, 0, sizeof(chaos.domain_of));
	cr_assert(viommu_start(chaos.bus, MEMORY, VIOMMU_START_NO_VECTOR, queues));
}

static void place_bars(void)
{
	chaos_config_write(CHAOS_VIOMMU, PCI_BASE_ADDRESS_0, 4, (uint32_t)MEMORY);
	chaos_config_write(CHAOS_VIOMMU, PCI_BASE_ADDRESS_2, 4, PORTS);
	chaos_config_write(CHAOS_VIOMMU, PCI_COMMAND, 2,
			   PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static uint64_t draw_first(void)
{
	return chaos_one_in(16) ? chaos_value() : chaos_draw(32) << 12;
}

static uint64_t draw_last(uint64_t first)
{
	return chaos_one_in(16) ? chaos_value() : first + ((1 + chaos_draw(4)) << 12) - 1;
}

static uint32_t draw_endpoint(void)
{
	return chaos_one_in(16) ? (uint32_t)chaos_draw(64) : chaos.devices[chaos_draw(2)].devfn;
}

/* Mostly one that the endpoint is in. */
static uint32_t draw_domain(uint32_t endpoint)
{
	uint32_t domain = chaos.domain_of[endpoint % IOMMU_ENDPOINTS];

	return domain && !chaos_one_in(8) ? domain : (uint32_t)chaos_draw(CHAOS_DOMAINS + 1);
}

/* A request that is right but for some of its values, or bytes. */
union request {
	struct virtio_iommu_req_head head;
	struct virtio_iommu_req_attach attach;
	struct virtio_iommu_req_detach detach;
	struct virtio_iommu_req_map map;
	struct virtio_iommu_req_unmap unmap;
	struct virtio_iommu_req_probe probe;
	uint8_t bytes[128];
};

static uint32_t draw_request(union request *request)
{
	uint32_t endpoint = draw_endpoint(), domain = draw_domain(endpoint);
	uint64_t first = draw_first(), last = draw_last(first), kind = chaos_draw(12);

	memset(request, 0, sizeof(*request));
	/* An endpoint that is in a domain mostly stays there. */
	if (chaos.domain_of[endpoint % IOMMU_ENDPOINTS] && kind < 3 && !chaos_one_in(8))
		kind = 8;
	switch (kind) {
	case 0:
	case 1:
		request->attach =
			(struct virtio_iommu_req_attach){.head.type = VIRTIO_IOMMU_T_ATTACH,
							 .domain = domain,
							 .endpoint = endpoint,
							 .flags = chaos_one_in(16)};
		return 20;
	case 2:
		request->detach = (struct virtio_iommu_req_detach){
			.head.type = VIRTIO_IOMMU_T_DETACH, .domain = domain, .endpoint = endpoint};
		return 20;
	case 3:
		request->probe = (struct virtio_iommu_req_probe){.head.type = VIRTIO_IOMMU_T_PROBE,
								 .endpoint = endpoint};
		return 72;
	case 4:
	case 5:
	case 6:
		request->unmap = (struct virtio_iommu_req_unmap){.head.type = VIRTIO_IOMMU_T_UNMAP,
								 .domain = domain,
								 .virt_start = first,
								 .virt_end = last};
		return 28;
	case 7:
		for (unsigned int i = 0; i < sizeof(request->bytes); i++)
			request->bytes[i] = (uint8_t)chaos_draw(0);
		return (uint32_t)chaos_draw(sizeof(request->bytes) + 1);
	}
	request->map = (struct virtio_iommu_req_map){
		.head.type = VIRTIO_IOMMU_T_MAP,
		.domain = domain,
		.virt_start = first,
		.virt_end = last,
		.phys_start = chaos_one_in(8) ? chaos_value() : RING_RAM + (chaos_draw(200) << 12),
		.flags = 1 + (uint32_t)chaos_draw(3)};
	return 36;
}

/* What the guest is told is true: an endpoint in the domain reaches what was mapped, and not what was unmapped. */
static void check_answer(const union request *request)
{
	uint32_t endpoint = 0, number = request->map.domain;
	uint64_t first = request->map.virt_start;
	const struct vpci_viommu_mapping *mapping;

	for (unsigned int i = 0; i < IOMMU_ENDPOINTS && number; i++)
		if (chaos.domain_of[i] == number && chaos.iommu.endpoints[i].reach == IOMMU_DOMAIN)
			endpoint = i;
	if (!endpoint)
		return;
	mapping = iommu_find(iommu_domain_of(&chaos.iommu, endpoint), first);
	if (request->head.type == VIRTIO_IOMMU_T_UNMAP)
		cr_assert_null(mapping, "0x%llx is still mapped", (unsigned long long)first);
	else
		cr_assert(mapping && mapping->address == first &&
				  mapping->target == request->map.phys_start &&
				  mapping->address + mapping->size - 1 == request->map.virt_end,
			  "0x%llx is not mapped", (unsigned long long)first);
}

static void note_answer(const union request *request, uint8_t status)
{
	if (status < 9)
		chaos.statuses[status]++;
	if (request->head.type == VIRTIO_IOMMU_T_ATTACH &&
	    request->attach.endpoint < IOMMU_ENDPOINTS)
		chaos.domain_of[request->attach.endpoint] =
			!status && !request->attach.flags ? request->attach.domain : 0;
	if (request->head.type == VIRTIO_IOMMU_T_DETACH && !status &&
	    request->detach.endpoint < IOMMU_ENDPOINTS)
		chaos.domain_of[request->detach.endpoint] = 0;
}

/* Requests for one doorbell. With a single one, its answer is compared with what the VMM was asked for. */
static void send_requests(void)
{
	unsigned int count = chaos_one_in(2) ? 1 : 1 + (unsigned int)chaos_draw(MOST);
	union request requests[MOST];
	uint32_t head, written;
	uint8_t *answers = ring_memory(NULL, ANSWERS, MOST * ANSWER);

	memset(answers, 0xee, MOST * ANSWER);
	for (unsigned int i = 0; i < count; i++) {
		uint32_t size = draw_request(&requests[i]);
		uint32_t room = requests[i].head.type == VIRTIO_IOMMU_T_PROBE ? ANSWER : 4;

		memcpy(ring_memory(NULL, BUFFERS + i * 128, 128), requests[i].bytes, 128);
		ring_add(&chaos.requests,
			 (struct ring_piece[]){{BUFFERS + i * 128, size, false},
					       {ANSWERS + i * ANSWER, room, true}},
			 2);
	}
	vpci_bus_port_write(chaos.bus, PORTS, 2, 0);
	for (unsigned int i = 0; i < count; i++) {
		uint8_t status = answers[i * ANSWER];

		if (!ring_get(&chaos.requests, &head, &written))
			return;
		if (written != 4)
			continue;
		note_answer(&requests[i], status);
		if (count == 1 && !status &&
		    (requests[i].head.type == VIRTIO_IOMMU_T_MAP ||
		     requests[i].head.type == VIRTIO_IOMMU_T_UNMAP))
			check_answer(&requests[i]);
	}
}

void chaos_viommu(void)
{
	struct vpci_viommu_fault fault = {draw_endpoint(), chaos_value(), 1};

	place_bars();
	if (common_read(VIRTIO_PCI_COMMON_STATUS, 1) != 0xf || chaos_one_in(256))
		start_driver();
	switch (chaos_draw(256)) {
	case 0: /* spoils a queue or its registers */
		ring_ram[chaos_draw(0x10000)] = (uint8_t)chaos_draw(0);
		return;
	case 1:
		vpci_bus_memory_write(chaos.bus, MEMORY + chaos_draw(0x140), 1, chaos_draw(0));
		return;
	case 2:
		vpci_viommu_report_fault(chaos.viommu, &fault);
		return;
	case 3:
		ring_add(&chaos.events,
			 &(struct ring_piece){BUFFERS + 0x8000, (uint32_t)chaos_draw(64), true}, 1);
		return;
	}
	send_requests();
}
