/* SPDX-License-Identifier: MIT */
/*
 * The device's side of a split virtqueue (virtio 1.2 section 2.7), of which a hostile guest owns
 * the memory. Pure but for that memory. The caller serialises the calls for one queue.
 *
 * A driver that breaks the protocol breaks the queue, which then gives and takes nothing until its
 * reset.
 */
#ifndef VPCI_SRC_VIRTIO_QUEUE_H
#define VPCI_SRC_VIRTIO_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** VPCI_VIRTIO_QUEUE_MOST - entries of the largest queue */
#define VPCI_VIRTIO_QUEUE_MOST 512

/** VPCI_VIRTIO_CHAIN_MOST - the most descriptors of a chain: a longer one breaks the queue */
#define VPCI_VIRTIO_CHAIN_MOST 8

struct vring_desc;

/**
 * struct vpci_virtio_memory - the guest's memory
 * @at: where @size bytes from a guest-physical address on are in this process; NULL when they are
 *	not RAM in one piece. An answer is aligned as the address is, up to 16 bytes, and stays
 *	valid as long as the queue is in use.
 * @host: first argument of @at
 */
struct vpci_virtio_memory {
	void *(*at)(void *host, uint64_t address, uint64_t size);
	void *host;
};

/**
 * struct vpci_virtio_queue - a queue
 * @most: most entries that the device takes, a power of two
 * @size: entries, as the driver chose
 * @desc: guest-physical address of the descriptor table
 * @avail: guest-physical address of the driver's ring
 * @used: guest-physical address of the device's ring
 * @started: the driver enabled it: the members above are constant
 * @broken: the driver broke the protocol
 * @next_avail: index of the next entry in the driver's ring
 * @next_used: index of the next entry in the device's ring
 * @memory: the guest's memory, while @started
 * @descriptors: the descriptor table in this process, while @started
 * @driver: the driver's ring in this process, while @started
 * @device: the device's ring in this process, while @started
 */
struct vpci_virtio_queue {
	uint16_t most;
	uint16_t size;
	uint64_t desc;
	uint64_t avail;
	uint64_t used;
	bool started;
	bool broken;
	uint16_t next_avail;
	uint16_t next_used;
	struct vpci_virtio_memory memory;
	struct vring_desc *descriptors;
	uint16_t *driver;
	uint16_t *device;
};

/**
 * struct vpci_virtio_piece - a run of bytes of a buffer
 * @bytes: where it is in this process; the guest may change it at any time
 * @size: bytes
 */
struct vpci_virtio_piece {
	uint8_t *bytes;
	uint32_t size;
};

/**
 * struct vpci_virtio_chain - a buffer that the driver gave: a chain of descriptors
 * @head: number of its first descriptor
 * @readable: how many of the pieces the device reads; the others follow, and are written
 * @count: how many pieces
 * @pieces: the pieces
 */
struct vpci_virtio_chain {
	uint16_t head;
	unsigned int readable;
	unsigned int count;
	struct vpci_virtio_piece pieces[VPCI_VIRTIO_CHAIN_MOST];
};

/**
 * vpci_virtio_queue_init() - initialise a queue, or reset it: not started, of the largest size
 * @queue: queue
 * @most: most entries, a power of two up to VPCI_VIRTIO_QUEUE_MOST
 */
void vpci_virtio_queue_init(struct vpci_virtio_queue *queue, uint16_t most);

/**
 * vpci_virtio_queue_start() - begin to use a queue, with the size and addresses that it has
 * @queue: queue, not started
 * @memory: the guest's memory; copied
 *
 * Return: 0, or -EPROTO: a size that is no power of two or too large, a ring that is not aligned
 * (virtio 1.2 section 2.7) or not in RAM; the queue is broken then.
 */
int vpci_virtio_queue_start(struct vpci_virtio_queue *queue,
			    const struct vpci_virtio_memory *memory);

/**
 * vpci_virtio_queue_take() - take the next buffer from the driver
 * @queue: queue
 * @chain: out: the buffer; undefined unless 1 is returned
 *
 * Return: 1, 0 there is none or the queue is not started, -EPROTO it is broken: by a chain of more
 * than VPCI_VIRTIO_CHAIN_MOST descriptors, too.
 */
int vpci_virtio_queue_take(struct vpci_virtio_queue *queue, struct vpci_virtio_chain *chain);

/**
 * vpci_virtio_queue_put() - put a buffer into the device's ring; the driver sees it after the next
 * publish
 * @queue: queue, started
 * @head: the buffer's first descriptor
 * @written: bytes written into the buffer
 */
void vpci_virtio_queue_put(struct vpci_virtio_queue *queue, uint16_t head, uint32_t written);

/**
 * vpci_virtio_queue_publish() - show the driver what was put
 * @queue: queue, started
 *
 * Return: true when the driver wants to be interrupted.
 */
bool vpci_virtio_queue_publish(struct vpci_virtio_queue *queue);

/**
 * vpci_virtio_chain_read() - copy from the part of a buffer that the device reads
 * @chain: buffer
 * @out: where to
 * @size: most bytes
 *
 * Return: bytes copied: fewer than @size when the part is shorter.
 */
size_t vpci_virtio_chain_read(const struct vpci_virtio_chain *chain, void *out, size_t size);

/**
 * vpci_virtio_chain_write() - copy into the part of a buffer that the device writes
 * @chain: buffer
 * @offset: bytes from the part's start
 * @data: what to copy
 * @size: bytes
 *
 * Return: bytes copied: fewer than @size when the part is shorter.
 */
size_t vpci_virtio_chain_write(const struct vpci_virtio_chain *chain, uint64_t offset,
			       const void *data, size_t size);

/**
 * vpci_virtio_chain_at() - find bytes of the part of a buffer that the device writes
 * @chain: buffer
 * @offset: bytes from the part's start
 * @size: how many, not 0
 *
 * Return: where they are, or NULL when they are not in one piece or the part is shorter.
 */
uint8_t *vpci_virtio_chain_at(const struct vpci_virtio_chain *chain, uint64_t offset,
			      uint32_t size);

/**
 * vpci_virtio_chain_room() - the size of the part of a buffer that the device writes
 * @chain: buffer
 *
 * Return: bytes.
 */
uint64_t vpci_virtio_chain_room(const struct vpci_virtio_chain *chain);

#endif
