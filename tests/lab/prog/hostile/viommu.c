// SPDX-License-Identifier: MIT
/* The driver of a virtio-iommu (virtio 1.2 section 5.13) that keeps few of the rules. */
#include <linux/virtio_iommu.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>
#include <string.h>
#include "hostile.h"

#define VIOMMU 0x10571af4

/* Where its queues and requests are in RAM; there are as many descriptors as the device takes. */
#define ENTRIES	    512
#define DESC	    RAM
#define AVAIL	    (RAM + 0x4000)
#define USED	    (RAM + 0x8000)
#define EVENTS	    0x10000 /* the second queue, from the first */
#define REQUESTS    (RAM + 0x40000)
#define REQUEST	    64
#define ANSWERS	    (REQUESTS + ENTRIES * REQUEST)
#define ANSWER	    1024
#define MOST_AT_ONE 8 /* requests for a doorbell, mostly */

static void start_queue(const struct machine *machine, uint64_t bar, unsigned int queue)
{
	uint64_t base = queue * EVENTS;

	memory_write(machine, bar + VIRTIO_PCI_COMMON_Q_SELECT, 2, queue);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_Q_SIZE, 2, queue ? 64 : ENTRIES);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_Q_MSIX, 2, queue);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_Q_DESCLO, 4, DESC + base);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_Q_DESCHI, 4, 0);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_Q_AVAILLO, 4, AVAIL + base);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_Q_AVAILHI, 4, 0);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_Q_USEDLO, 4, USED + base);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_Q_USEDHI, 4, 0);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
}

static void start_driver(const struct machine *machine, uint64_t bar)
{
	memset(machine->ram, 0, 2 * EVENTS);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_STATUS, 1, 0);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_GFSELECT, 4, 0);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_GF, 4, 0x77);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_GFSELECT, 4, 1);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_GF, 4, 1);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_STATUS, 1, 0xb);
	start_queue(machine, bar, 0);
	start_queue(machine, bar, 1);
	memory_write(machine, bar + VIRTIO_PCI_COMMON_STATUS, 1, 0xf);
}

static uint64_t draw_page(struct chance *chance, const struct machine *machine)
{
	return (one_in(chance, 8) ? draw_value(chance, machine) : draw_below(chance, 0x10000000)) &
	       (one_in(chance, 16) ? UINT64_MAX : ~0xfffull);
}

static uint64_t draw_end(struct chance *chance, const struct machine *machine, uint64_t first)
{
	if (one_in(chance, 8))
		return draw_value(chance, machine);
	return first + (1 + draw_below(chance, one_in(chance, 4) ? 4096 : 4)) * 4096 - 1;
}

/* Returns the bytes of the request. */
static unsigned int draw_request(struct chance *chance, const struct machine *machine,
				 uint8_t bytes[REQUEST])
{
	const struct function *function = draw_function(chance, machine);
	uint32_t endpoint = one_in(chance, 16) ? (uint32_t)draw(chance) : function->devfn;
	uint32_t domain = (uint32_t)draw_below(chance, one_in(chance, 16) ? UINT32_MAX : 6);
	uint64_t first = draw_page(chance, machine), last = draw_end(chance, machine, first);
	struct virtio_iommu_req_attach attach = {{1, {0}}, domain, endpoint, 0, {0}, {0}};
	struct virtio_iommu_req_detach detach = {{2, {0}}, domain, endpoint, {0}, {0}};
	struct virtio_iommu_req_map map = {{3, {0}}, domain, first, last, 0, 0, {0}};
	struct virtio_iommu_req_unmap unmap = {{4, {0}}, domain, first, last, {0}, {0}};
	struct virtio_iommu_req_probe probe = {.head.type = 5, .endpoint = endpoint};

	memset(bytes, 0, REQUEST);
	switch (draw_below(chance, 16)) {
	case 0:
		for (unsigned int i = 0; i < REQUEST; i++)
			bytes[i] = (uint8_t)draw(chance);
		return (unsigned int)draw_below(chance, REQUEST + 1);
	case 1:
		memcpy(bytes, &probe, REQUEST);
		return sizeof(probe);
	case 2:
	case 3:
		attach.flags = one_in(chance, 8);
		memcpy(bytes, &attach, sizeof(attach));
		return 20;
	case 4:
		memcpy(bytes, &detach, sizeof(detach));
		return 20;
	case 5:
	case 6:
	case 7:
		memcpy(bytes, &unmap, sizeof(unmap));
		return 28;
	}
	map.phys_start = draw_page(chance, machine);
	map.flags =
		one_in(chance, 16) ? (uint32_t)draw(chance) : 1 + (uint32_t)draw_below(chance, 3);
	memcpy(bytes, &map, sizeof(map));
	return 36;
}

static void describe(const struct machine *machine, unsigned int number, uint64_t address,
		     uint32_t size, unsigned int flags)
{
	memory_write(machine, DESC + 16 * number, 8, address);
	memory_write(machine, DESC + 16 * number + 8, 8,
		     size | (uint64_t)flags << 32 | (uint64_t)(number + 1) % ENTRIES << 48);
}

/* Adds a request: a descriptor of two, the one to read and the one to write. */
static void add_request(struct chance *chance, const struct machine *machine, uint16_t index)
{
	unsigned int head = 2u * (index % (ENTRIES / 2));
	uint64_t address = REQUESTS + REQUEST * head;
	uint8_t bytes[REQUEST];
	unsigned int size = draw_request(chance, machine, bytes);

	for (unsigned int i = 0; i < REQUEST; i += 8) {
		uint64_t word;

		memcpy(&word, bytes + i, 8);
		memory_write(machine, address + i, 8, word);
	}
	describe(machine, head, address, size ? size : 1, VRING_DESC_F_NEXT);
	describe(machine, head + 1, ANSWERS + ANSWER * head, bytes[0] == 5 ? ANSWER : 4,
		 VRING_DESC_F_WRITE);
	memory_write(machine, AVAIL + 4 + 2 * (index % ENTRIES), 2, head);
	memory_write(machine, AVAIL + 2, 2, index + 1u);
}

/* Something of the queue is not as it should be. */
static void spoil(struct chance *chance, const struct machine *machine)
{
	uint64_t at = RAM + (draw_below(chance, 2 * EVENTS) & ~7ull);

	memory_write(machine, at, 8, draw_value(chance, machine));
}

void attack_viommu(struct chance *chance, const struct machine *machine)
{
	const struct function *function = machine_find(machine, VIOMMU);
	uint16_t index;

	if (!function)
		return;
	if (one_in(chance, 64) ||
	    memory_read(machine, function->bar[0] + VIRTIO_PCI_COMMON_STATUS, 1) != 0xf) {
		machine_restore(function);
		start_driver(machine, function->bar[0]);
	}
	if (one_in(chance, 32))
		memory_write(machine, function->bar[0] + draw_below(chance, 0x140), 1,
			     draw(chance));
	index = (uint16_t)memory_read(machine, AVAIL + 2, 2);
	for (uint64_t i = draw_below(chance, one_in(chance, 64) ? 256 : MOST_AT_ONE); i; i--)
		add_request(chance, machine, index++);
	if (one_in(chance, 16))
		spoil(chance, machine);
	port_write((uint16_t)(function->bar[2] + 4 * one_in(chance, 16)), 2, 0);
}
