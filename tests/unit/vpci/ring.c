// SPDX-License-Identifier: MIT
#include "ring.h"
#include <endian.h>
#include <string.h>

uint8_t ring_ram[RING_RAM_SIZE] __attribute__((aligned(4096)));

void ring_clear(void)
{
	memset(ring_ram, 0, sizeof(ring_ram));
}

void *ring_memory(void *host, uint64_t address, uint64_t size)
{
	uint64_t offset = address - RING_RAM;

	if (address < RING_RAM || offset > RING_RAM_SIZE || size > RING_RAM_SIZE - offset)
		return NULL;
	return ring_ram + offset;
}

void ring_init(struct ring *ring, uint16_t size, uint64_t base)
{
	*ring = (struct ring){
		.size = size, .desc = base, .avail = base + 0x2000, .used = base + 0x3000};
}

void ring_describe(const struct ring *ring, uint16_t number, uint64_t address, uint32_t size,
		   uint16_t flags, uint16_t next)
{
	struct vring_desc *table = ring_memory(NULL, ring->desc, ring->size * sizeof(*table));

	table[number] =
		(struct vring_desc){htole64(address), htole32(size), htole16(flags), htole16(next)};
}

static uint16_t *ring_driver(const struct ring *ring)
{
	return ring_memory(NULL, ring->avail, 4 + 2 * ring->size);
}

void ring_give(struct ring *ring, uint16_t head)
{
	uint16_t *driver = ring_driver(ring);

	driver[2 + ring->given % ring->size] = htole16(head);
	/* The device may look at any time: shows it the index after the entry and its descriptors. */
	__atomic_store_n(&driver[1], htole16(++ring->given), __ATOMIC_RELEASE);
}

uint16_t ring_add(struct ring *ring, const struct ring_piece *pieces, unsigned int count)
{
	uint16_t head = ring->next;

	for (unsigned int i = 0; i < count; i++) {
		uint16_t number = ring->next;
		uint16_t flags = pieces[i].written ? VRING_DESC_F_WRITE : 0;

		ring->next = (number + 1) % ring->size;
		flags |= i + 1 < count ? VRING_DESC_F_NEXT : 0;
		ring_describe(ring, number, pieces[i].address, pieces[i].size, flags, ring->next);
	}
	ring_give(ring, head);
	return head;
}

void ring_set_flags(const struct ring *ring, uint16_t flags)
{
	__atomic_store_n(&ring_driver(ring)[0], htole16(flags), __ATOMIC_RELAXED);
}

void ring_set_index(const struct ring *ring, uint16_t index)
{
	__atomic_store_n(&ring_driver(ring)[1], htole16(index), __ATOMIC_RELEASE);
}

bool ring_get(struct ring *ring, uint32_t *head, uint32_t *written)
{
	uint16_t *device = ring_memory(NULL, ring->used, 4 + 8 * ring->size);
	uint32_t *entries = (uint32_t *)(device + 2);

	if (le16toh(__atomic_load_n(&device[1], __ATOMIC_ACQUIRE)) == ring->seen)
		return false;
	*head = le32toh(entries[2 * (ring->seen % ring->size)]);
	*written = le32toh(entries[2 * (ring->seen % ring->size) + 1]);
	ring->seen++;
	return true;
}
