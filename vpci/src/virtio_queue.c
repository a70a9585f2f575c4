// SPDX-License-Identifier: MIT
#include <endian.h>
#include <errno.h>
#include <linux/virtio_ring.h>
#include <string.h>
#include "virtio_queue.h"

/* Both rings begin with flags and index, 16 bits each (virtio 1.2 sections 2.7.6 and 2.7.8). */
#define RING_FLAGS  0
#define RING_INDEX  1
#define RING_HEADER 4

static bool queue_power_of_two(uint16_t value)
{
	return value && !(value & (value - 1));
}

void vpci_virtio_queue_init(struct vpci_virtio_queue *queue, uint16_t most)
{
	*queue = (struct vpci_virtio_queue){.most = most, .size = most};
}

static int queue_break(struct vpci_virtio_queue *queue)
{
	queue->broken = true;
	return -EPROTO;
}

int vpci_virtio_queue_start(struct vpci_virtio_queue *queue,
			    const struct vpci_virtio_memory *memory)
{
	uint64_t size = queue->size;

	if (!queue_power_of_two(queue->size) || queue->size > queue->most ||
	    queue->desc % VRING_DESC_ALIGN_SIZE || queue->avail % VRING_AVAIL_ALIGN_SIZE ||
	    queue->used % VRING_USED_ALIGN_SIZE)
		return queue_break(queue);
	queue->descriptors =
		memory->at(memory->host, queue->desc, size * sizeof(struct vring_desc));
	queue->driver =
		memory->at(memory->host, queue->avail, RING_HEADER + size * sizeof(uint16_t));
	queue->device = memory->at(memory->host, queue->used,
				   RING_HEADER + size * sizeof(struct vring_used_elem));
	if (!queue->descriptors || !queue->driver || !queue->device)
		return queue_break(queue);
	queue->memory = *memory;
	queue->started = true;
	return 0;
}

static struct vring_desc queue_descriptor(const struct vpci_virtio_queue *queue, uint16_t number)
{
	struct vring_desc raw;

	memcpy(&raw, &queue->descriptors[number], sizeof(raw));
	/* Keeps the compiler from reading the guest's memory again for what the copy has. */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return (struct vring_desc){
		.addr = le64toh(raw.addr),
		.len = le32toh(raw.len),
		.flags = le16toh(raw.flags),
		.next = le16toh(raw.next),
	};
}

/* Leaves out pieces of no bytes. Pieces to read come before those to write (virtio 1.2 section 2.7.4.2). */
static int queue_add_piece(struct vpci_virtio_queue *queue, struct vpci_virtio_chain *chain,
			   const struct vring_desc *descriptor)
{
	bool written = descriptor->flags & VRING_DESC_F_WRITE;
	void *bytes;

	if (descriptor->flags & VRING_DESC_F_INDIRECT)
		return queue_break(queue);
	if (!written && chain->readable != chain->count)
		return queue_break(queue);
	if (!descriptor->len)
		return 0;
	bytes = queue->memory.at(queue->memory.host, descriptor->addr, descriptor->len);
	if (!bytes)
		return queue_break(queue);
	chain->pieces[chain->count++] = (struct vpci_virtio_piece){bytes, descriptor->len};
	chain->readable += !written;
	return 0;
}

/* The limit also ends a loop of descriptors. */
static int queue_walk(struct vpci_virtio_queue *queue, struct vpci_virtio_chain *chain)
{
	uint16_t number = chain->head;

	for (unsigned int i = 0; i < VPCI_VIRTIO_CHAIN_MOST; i++) {
		struct vring_desc descriptor;

		if (number >= queue->size)
			return queue_break(queue);
		descriptor = queue_descriptor(queue, number);
		if (queue_add_piece(queue, chain, &descriptor))
			return -EPROTO;
		if (!(descriptor.flags & VRING_DESC_F_NEXT))
			return 1;
		number = descriptor.next;
	}
	return queue_break(queue);
}

int vpci_virtio_queue_take(struct vpci_virtio_queue *queue, struct vpci_virtio_chain *chain)
{
	uint16_t waiting, *entry;

	if (queue->broken)
		return -EPROTO;
	if (!queue->started)
		return 0;
	/* Acquires the entries and descriptors that the driver wrote before the index. */
	waiting = le16toh(__atomic_load_n(&queue->driver[RING_INDEX], __ATOMIC_ACQUIRE));
	waiting -= queue->next_avail;
	if (!waiting)
		return 0;
	if (waiting > queue->size)
		return queue_break(queue);
	entry = &queue->driver[RING_HEADER / 2 + (queue->next_avail & (queue->size - 1))];
	chain->head = le16toh(__atomic_load_n(entry, __ATOMIC_RELAXED));
	chain->readable = chain->count = 0;
	queue->next_avail++;
	return queue_walk(queue, chain);
}

void vpci_virtio_queue_put(struct vpci_virtio_queue *queue, uint16_t head, uint32_t written)
{
	struct vring_used_elem entry = {.id = htole32(head), .len = htole32(written)};
	uint8_t *entries = (uint8_t *)queue->device + RING_HEADER;

	memcpy(entries + (queue->next_used & (queue->size - 1)) * sizeof(entry), &entry,
	       sizeof(entry));
	queue->next_used++;
}

bool vpci_virtio_queue_publish(struct vpci_virtio_queue *queue)
{
	uint16_t flags;

	__atomic_store_n(&queue->device[RING_INDEX], htole16(queue->next_used), __ATOMIC_RELEASE);
	/*
	 * The driver switches interrupts on, and looks for buffers afterwards. With a full barrier
	 * on both sides, either the driver sees the index or the device sees the flag (virtio 1.2
	 * section 2.7.7.2).
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	flags = le16toh(__atomic_load_n(&queue->driver[RING_FLAGS], __ATOMIC_RELAXED));
	return !(flags & VRING_AVAIL_F_NO_INTERRUPT);
}

size_t vpci_virtio_chain_read(const struct vpci_virtio_chain *chain, void *out, size_t size)
{
	uint8_t *at = out;
	size_t copied = 0;

	for (unsigned int i = 0; i < chain->readable && copied < size; i++) {
		const struct vpci_virtio_piece *piece = &chain->pieces[i];
		size_t run = piece->size < size - copied ? piece->size : size - copied;

		memcpy(at + copied, piece->bytes, run);
		copied += run;
	}
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return copied;
}

size_t vpci_virtio_chain_write(const struct vpci_virtio_chain *chain, uint64_t offset,
			       const void *data, size_t size)
{
	const uint8_t *from = data;
	size_t copied = 0;

	for (unsigned int i = chain->readable; i < chain->count && copied < size; i++) {
		const struct vpci_virtio_piece *piece = &chain->pieces[i];
		size_t run;

		if (offset >= piece->size) {
			offset -= piece->size;
			continue;
		}
		run = piece->size - (size_t)offset;
		run = run < size - copied ? run : size - copied;
		memcpy(piece->bytes + offset, from + copied, run);
		copied += run;
		offset = 0;
	}
	return copied;
}

uint8_t *vpci_virtio_chain_at(const struct vpci_virtio_chain *chain, uint64_t offset, uint32_t size)
{
	for (unsigned int i = chain->readable; i < chain->count; i++) {
		const struct vpci_virtio_piece *piece = &chain->pieces[i];

		if (offset < piece->size)
			return size <= piece->size - offset ? piece->bytes + offset : NULL;
		offset -= piece->size;
	}
	return NULL;
}

uint64_t vpci_virtio_chain_room(const struct vpci_virtio_chain *chain)
{
	uint64_t room = 0;

	for (unsigned int i = chain->readable; i < chain->count; i++)
		room += chain->pieces[i].size;
	return room;
}
