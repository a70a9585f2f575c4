// SPDX-License-Identifier: GPL-2.0-only
#include <linux/io.h>
#include <linux/iopoll.h>
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

/* How many bytes of a request the device reads. */
static const u8 queue_request_sizes[] = {
	[VIRTIO_IOMMU_T_ATTACH] = offsetof(struct virtio_iommu_req_attach, tail),
	[VIRTIO_IOMMU_T_DETACH] = offsetof(struct virtio_iommu_req_detach, tail),
	[VIRTIO_IOMMU_T_MAP] = offsetof(struct virtio_iommu_req_map, tail),
	[VIRTIO_IOMMU_T_UNMAP] = offsetof(struct virtio_iommu_req_unmap, tail),
	[VIRTIO_IOMMU_T_PROBE] = sizeof(struct virtio_iommu_req_probe),
};

/* What the kernel expects of an op: see attach_dev in struct iommu_domain_ops. */
static int queue_error(u8 status)
{
	switch (status) {
	case VIRTIO_IOMMU_S_OK:
		return 0;
	case VIRTIO_IOMMU_S_NOENT:
		return -ENODEV;
	case VIRTIO_IOMMU_S_NOMEM:
		return -ENOMEM;
	case VIRTIO_IOMMU_S_UNSUPP:
	case VIRTIO_IOMMU_S_INVAL:
	case VIRTIO_IOMMU_S_RANGE:
		return -EINVAL;
	}
	return -EIO;
}

/* A slot has two descriptors, which are the same for each request but for the size and the place of its answer. */
void guest_queue_init(struct guest_queue *queue)
{
	struct vring_desc *desc = queue->ring.desc;

	for (unsigned int number = 0; number < queue->ring.num / 2; number++, desc += 2) {
		struct guest_slot *slot = &queue->slots[number];

		desc[0].addr = __cpu_to_virtio64(true, virt_to_phys(&slot->request));
		desc[0].flags = queue_le16(VRING_DESC_F_NEXT);
		desc[0].next = queue_le16(2 * number + 1);
		desc[1].addr = __cpu_to_virtio64(true, virt_to_phys(&slot->tail));
		desc[1].len = __cpu_to_virtio32(true, sizeof(slot->tail));
		desc[1].flags = queue_le16(VRING_DESC_F_WRITE);
	}
	queue->ring.avail->flags = queue_le16(VRING_AVAIL_F_NO_INTERRUPT);
}

static struct guest_slot *queue_put(struct guest_queue *queue, const union guest_request *request)
{
	unsigned int number = queue->waiting++;
	struct guest_slot *slot = &queue->slots[number];
	u16 entry = (queue->index + number) & (queue->ring.num - 1);

	slot->request = *request;
	slot->tail.status = QUEUE_UNANSWERED;
	queue->ring.desc[2 * number].len =
		__cpu_to_virtio32(true, queue_request_sizes[request->head.type]);
	queue->ring.avail->ring[entry] = queue_le16(2 * number);
	return slot;
}

int guest_queue_add(struct guest_queue *queue, const union guest_request *request)
{
	lockdep_assert_held(&queue->lock);
	if (queue->waiting == queue->ring.num / 2)
		guest_queue_ring(queue);
	if (queue->broken)
		return -EIO;
	queue_put(queue, request);
	return 0;
}

static void queue_look(const struct guest_slot *slot)
{
	u8 type = slot->request.head.type;
	u8 status = READ_ONCE(slot->tail.status);

	if (!status || (type != VIRTIO_IOMMU_T_MAP && type != VIRTIO_IOMMU_T_UNMAP))
		return;
	pr_err_ratelimited("uldf_guest: the virtio-iommu failed to %s: status %u\n",
			   type == VIRTIO_IOMMU_T_MAP ? "map" : "unmap", status);
	if (type == VIRTIO_IOMMU_T_MAP)
		guest_domain_refused(&slot->request.map);
}

/* The answers are there when the doorbell's write returns, unless the device serves it in another thread. */
void guest_queue_ring(struct guest_queue *queue)
{
	__virtio16 used;

	lockdep_assert_held(&queue->lock);
	if (!queue->waiting)
		return;
	queue->index += queue->waiting;
	virt_store_release(&queue->ring.avail->idx, queue_le16(queue->index));
	iowrite16(0, queue->doorbell);
	if (read_poll_timeout_atomic(virt_load_acquire, used, used == queue_le16(queue->index), 1,
				     QUEUE_PATIENCE, false, &queue->ring.used->idx)) {
		queue->broken = true;
		pr_err("uldf_guest: the virtio-iommu does not answer; no DMA can be mapped any "
		       "more\n");
	}
	for (unsigned int i = 0; i < queue->waiting; i++)
		queue_look(&queue->slots[i]);
	queue->waiting = 0;
}

void guest_queue_flush(struct guest_queue *queue)
{
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	guest_queue_ring(queue);
	spin_unlock_irqrestore(&queue->lock, flags);
}

int guest_queue_call(struct guest_queue *queue, const union guest_request *request, void *answer,
		     size_t answer_size)
{
	struct vring_desc *desc = &queue->ring.desc[1], usual = *desc;
	struct virtio_iommu_req_tail *tail;

	lockdep_assert_held(&queue->lock);
	guest_queue_ring(queue);
	if (queue->broken)
		return -EIO;
	tail = &queue_put(queue, request)->tail;
	if (answer) {
		tail = answer + answer_size;
		tail->status = QUEUE_UNANSWERED;
		desc->addr = __cpu_to_virtio64(true, virt_to_phys(answer));
		desc->len = __cpu_to_virtio32(true, answer_size + sizeof(*tail));
	}
	guest_queue_ring(queue);
	*desc = usual;
	return queue_error(READ_ONCE(tail->status));
}
