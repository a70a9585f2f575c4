// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/virtio_byteorder.h>
#include "domain.h"
#include "queue.h"

/* What a device that serves a doorbell later may take, in microseconds. */
#define QUEUE_PATIENCE 1000000

/* The device did not answer: no status of virtio 1.2 section 5.13.6 has this number. */
#define QUEUE_UNANSWERED 0xff

static __virtio16 queue_le16(u16 value)
{
	return __cpu_to_virtio16(true, value);
}

static size_t queue_bytes(unsigned int size)
{
	return vring_size(size, SMP_CACHE_BYTES);
}

int guest_queue_init(struct guest_queue *queue, unsigned int size)
{
	void *ring;

	spin_lock_init(&queue->lock);
	size = min_t(unsigned int, size, 2 * GUEST_QUEUE_MOST);
	if (size < 2 || !is_power_of_2(size))
		return -EINVAL;
	queue->most = size / 2;
	ring = alloc_pages_exact(queue_bytes(size), GFP_KERNEL | __GFP_ZERO);
	queue->slots =
		alloc_pages_exact(queue->most * sizeof(*queue->slots), GFP_KERNEL | __GFP_ZERO);
	vring_init(&queue->ring, size, ring, SMP_CACHE_BYTES);
	if (!ring || !queue->slots) {
		guest_queue_fini(queue);
		return -ENOMEM;
	}
	queue->ring.avail->flags = queue_le16(VRING_AVAIL_F_NO_INTERRUPT);
	return 0;
}

void guest_queue_fini(struct guest_queue *queue)
{
	if (queue->ring.desc)
		free_pages_exact(queue->ring.desc, queue_bytes(queue->ring.num));
	if (queue->slots)
		free_pages_exact(queue->slots, queue->most * sizeof(*queue->slots));
}

static void queue_describe(struct guest_queue *queue, unsigned int number, void *bytes, size_t size,
			   u16 flags)
{
	queue->ring.desc[number] = (struct vring_desc){
		.addr = __cpu_to_virtio64(true, virt_to_phys(bytes)),
		.len = __cpu_to_virtio32(true, size),
		.flags = queue_le16(flags),
		.next = queue_le16(number + 1),
	};
}

/* Returns where the device writes the status. */
static struct virtio_iommu_req_tail *queue_put(struct guest_queue *queue,
					       const union guest_request *request, size_t size,
					       void *answer, size_t answer_size)
{
	unsigned int number = queue->waiting++;
	struct guest_slot *slot = &queue->slots[number];
	u16 entry = (queue->index + number) & (queue->ring.num - 1);
	struct virtio_iommu_req_tail *tail = answer ? answer + answer_size : &slot->tail;

	memcpy(&slot->request, request, size);
	tail->status = QUEUE_UNANSWERED;
	queue_describe(queue, 2 * number, &slot->request, size, VRING_DESC_F_NEXT);
	queue_describe(queue, 2 * number + 1, answer ?: tail, answer_size + sizeof(*tail),
		       VRING_DESC_F_WRITE);
	queue->ring.avail->ring[entry] = queue_le16(2 * number);
	queue->domains[number] = NULL;
	return tail;
}

int guest_queue_add(struct guest_queue *queue, const union guest_request *request, size_t size,
		    struct guest_domain *domain)
{
	lockdep_assert_held(&queue->lock);
	if (queue->waiting == queue->most)
		guest_queue_ring(queue);
	if (queue->broken)
		return -EIO;
	queue_put(queue, request, size, NULL, 0);
	queue->domains[queue->waiting - 1] = domain;
	return 0;
}

/* The answers are there when the doorbell's write returns, unless the device serves it in another thread. */
static bool queue_answered(const struct guest_queue *queue)
{
	__virtio16 index = queue_le16(queue->index);

	for (unsigned int i = 0; i < QUEUE_PATIENCE; i++) {
		if (virt_load_acquire(&queue->ring.used->idx) == index)
			return true;
		udelay(1);
	}
	return false;
}

static void queue_look(struct guest_queue *queue, unsigned int number)
{
	const struct guest_slot *slot = &queue->slots[number];
	u8 type = slot->request.head.type;
	u8 status = READ_ONCE(slot->tail.status);

	if (!status || (type != VIRTIO_IOMMU_T_MAP && type != VIRTIO_IOMMU_T_UNMAP))
		return;
	pr_err_ratelimited("uldf_guest: the virtio-iommu failed to %s: %d\n",
			   type == VIRTIO_IOMMU_T_MAP ? "map" : "unmap",
			   guest_decode_status(status));
	if (queue->domains[number])
		guest_domain_not_mapped(queue->domains[number], &slot->request.map);
}

void guest_queue_ring(struct guest_queue *queue)
{
	lockdep_assert_held(&queue->lock);
	if (!queue->waiting)
		return;
	queue->index += queue->waiting;
	virt_store_release(&queue->ring.avail->idx, queue_le16(queue->index));
	iowrite16(0, queue->doorbell);
	if (!queue_answered(queue)) {
		queue->broken = true;
		pr_err("uldf_guest: the virtio-iommu does not answer; no DMA can be mapped any "
		       "more\n");
	}
	for (unsigned int i = 0; i < queue->waiting; i++)
		queue_look(queue, i);
	queue->waiting = 0;
}

void guest_queue_flush(struct guest_queue *queue)
{
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	guest_queue_ring(queue);
	spin_unlock_irqrestore(&queue->lock, flags);
}

int guest_queue_call(struct guest_queue *queue, const union guest_request *request, size_t size,
		     void *answer, size_t answer_size)
{
	struct virtio_iommu_req_tail *tail;

	lockdep_assert_held(&queue->lock);
	guest_queue_ring(queue);
	if (queue->broken)
		return -EIO;
	tail = queue_put(queue, request, size, answer, answer_size);
	guest_queue_ring(queue);
	return guest_decode_status(READ_ONCE(tail->status));
}
