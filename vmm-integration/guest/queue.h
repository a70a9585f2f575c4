/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver's side of the virtqueue that takes requests (virtio 1.2 sections 2.7 and 5.13.6). All
 * domains share it, so that requests have one order. A request waits in the ring until somebody
 * rings; the device serves all that wait before the write of the doorbell returns, so nothing sleeps
 * and nothing interrupts. Callers of all functions but _init() and _flush() hold the lock.
 */
#ifndef GUEST_QUEUE_H
#define GUEST_QUEUE_H

#include <linux/spinlock.h>
#include <linux/virtio_iommu.h>
#include <linux/virtio_ring.h>

/* As many as the device serves by one doorbell. */
#define GUEST_QUEUE_MOST 256

union guest_request {
	struct virtio_iommu_req_head head;
	struct virtio_iommu_req_attach attach;
	struct virtio_iommu_req_detach detach;
	struct virtio_iommu_req_map map;
	struct virtio_iommu_req_unmap unmap;
	struct virtio_iommu_req_probe probe;
};

/**
 * struct guest_slot - a request and the place of its answer, where the device finds them
 * @request: the request
 * @tail: the answer, unless the caller has another place for it
 */
struct guest_slot {
	union guest_request request;
	struct virtio_iommu_req_tail tail;
};

/**
 * struct guest_queue - the queue
 * @lock: protects all members, and changes of what the domains map; taken with interrupts off
 * @ring: descriptors, two for each slot, and the rings
 * @waiting: how many requests wait
 * @index: index of the next entry in the driver's ring
 * @broken: the device did not answer
 * @doorbell: port that makes the device serve the queue
 * @slots: the requests
 */
struct guest_queue {
	spinlock_t lock;
	struct vring ring;
	unsigned int waiting;
	u16 index;
	bool broken;
	void __iomem *doorbell;
	struct guest_slot slots[GUEST_QUEUE_MOST];
};

/** guest_queue_init() - make the descriptors of a queue whose ring is empty */
void guest_queue_init(struct guest_queue *queue);

/**
 * guest_queue_add() - let a request wait; rings first when as many wait as there is room for
 * @queue: queue
 * @request: request, not PROBE; copied
 *
 * guest_domain_refused() hears of a request to map that fails.
 *
 * Return: 0, -EIO the queue is broken.
 */
int guest_queue_add(struct guest_queue *queue, const union guest_request *request);

/** guest_queue_ring() - have the device serve all requests that wait */
void guest_queue_ring(struct guest_queue *queue);

/** guest_queue_flush() - the same, for who does not hold the lock */
void guest_queue_flush(struct guest_queue *queue);

/**
 * guest_queue_call() - have the device serve a request, after those that wait
 * @queue: queue
 * @request: request; copied
 * @answer: where the device writes before the tail, with room for the tail; or NULL
 * @answer_size: bytes before the tail
 *
 * Return: 0 or a negative errno that stands for the status.
 */
int guest_queue_call(struct guest_queue *queue, const union guest_request *request, void *answer,
		     size_t answer_size);

#endif
