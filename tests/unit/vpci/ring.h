/* SPDX-License-Identifier: MIT */
/* The driver's side of a split virtqueue, in guest RAM of a megabyte; it can break every rule. */
#ifndef UNIT_VPCI_RING_H
#define UNIT_VPCI_RING_H

#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the RAM is for the guest. */
#define RING_RAM      0x100000ull
#define RING_RAM_SIZE 0x100000ull

/* RAM that no ring_init() takes, if the queue has at most 512 entries and lies at RING_RAM or RING_EVENTS. */
#define RING_EVENTS  (RING_RAM + 0x8000)
#define RING_BUFFERS (RING_RAM + 0x10000)

extern uint8_t ring_ram[RING_RAM_SIZE];

struct ring {
	uint16_t size;
	uint16_t next;	/* first descriptor that no chain has */
	uint16_t given; /* driver's index */
	uint16_t seen;	/* how far the device's ring was read */
	uint64_t desc, avail, used;
};

struct ring_piece {
	uint64_t address;
	uint32_t size;
	bool written; /* by the device */
};

/* Clears all RAM. */
void ring_clear(void);

/* Finds the RAM at a guest's address; NULL if the range leaves the RAM. Ignores the first argument. */
void *ring_memory(void *host, uint64_t address, uint64_t size);

/* Lays an empty queue at an address, its three parts a page or more apart. */
void ring_init(struct ring *ring, uint16_t size, uint64_t base);

/* Writes one descriptor. */
void ring_describe(const struct ring *ring, uint16_t number, uint64_t address, uint32_t size,
		   uint16_t flags, uint16_t next);

/* Puts a chain into the driver's ring. */
void ring_give(struct ring *ring, uint16_t head);

/* Makes a chain of unused descriptors, and gives it; wraps at the table's end. Returns its head. */
uint16_t ring_add(struct ring *ring, const struct ring_piece *pieces, unsigned int count);

void ring_set_flags(const struct ring *ring, uint16_t flags);
void ring_set_index(const struct ring *ring, uint16_t index);

/* The next entry of the device's ring; false when there is none. */
bool ring_get(struct ring *ring, uint32_t *head, uint32_t *written);

#endif
