// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include "nvme.h"

_Static_assert(sizeof(struct nvme_command) == 64, "NVMe 1.4 section 4.2");
_Static_assert(sizeof(struct nvme_completion) == 16, "NVMe 1.4 section 4.6");

static size_t whole_pages(size_t bytes)
{
	return (bytes + NVME_PAGE - 1) / NVME_PAGE * NVME_PAGE;
}

static size_t sq_bytes(uint16_t size)
{
	return whole_pages(size * sizeof(struct nvme_command));
}

static size_t cq_bytes(uint16_t size)
{
	return whole_pages(size * sizeof(struct nvme_completion));
}

size_t nvme_queue_bytes(uint16_t size)
{
	return sq_bytes(size) + cq_bytes(size);
}

/* Where a doorbell is mapped (section 3.1.24): each queue has two, @stride bytes apart. */
static volatile uint32_t *bell_at(const struct nvme *nvme, uint32_t offset)
{
	if (!nvme->bells)
		return NULL;
	return (volatile uint32_t *)((char *)nvme->bells + (offset - NVME_DOORBELLS));
}

void nvme_queue_init(struct nvme_queue *queue, const struct nvme *nvme,
		     const struct uldf_buffer *memory, size_t offset, uint16_t size,
		     unsigned int id)
{
	size_t cq = offset + sq_bytes(size);

	*queue = (struct nvme_queue){
		.sq = (struct nvme_command *)((char *)memory->address + offset),
		.cq = (struct nvme_completion *)((char *)memory->address + cq),
		.sq_bus = memory->bus + offset,
		.cq_bus = memory->bus + cq,
		.sq_offset = NVME_DOORBELLS + 2 * id * nvme->stride,
		.cq_offset = NVME_DOORBELLS + (2 * id + 1) * nvme->stride,
		.size = size,
		.phase = NVME_PHASE,
	};
	queue->sq_bell = bell_at(nvme, queue->sq_offset);
	queue->cq_bell = bell_at(nvme, queue->cq_offset);
	/* Entries that were never written have the phase of old ones. */
	memset(queue->cq, 0, cq_bytes(size));
}

/* Status code type and code (figures 126 to 131). */
#define CODE(type, code)  ((type) << 8 | (code))
#define STATUS_CODE	  0x7ff
#define WRITE_PROTECTED	  CODE(0, 0x20)
#define CAPACITY_EXCEEDED CODE(0, 0x81)
#define READ_ONLY_RANGE	  CODE(1, 0x82)

int nvme_status(uint16_t status)
{
	switch (status & STATUS_CODE) {
	case 0:
		return 0;
	case CAPACITY_EXCEEDED:
		return -ENOSPC;
	case WRITE_PROTECTED:
	case READ_ONLY_RANGE:
		return -EROFS;
	default:
		return -EIO;
	}
}
