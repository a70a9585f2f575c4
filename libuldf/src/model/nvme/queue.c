// SPDX-License-Identifier: MIT
/* Queues and doorbells (sections 3.1.24, 3.1.25 and 4.1): fetches commands and posts completions. */
#include <string.h>
#include "model/nvme/nvme.h"

#define COMMAND	   sizeof(struct nvme_command)
#define COMPLETION 16
#define DNR	   0x4000 /* do not retry */

void model_nvme_queues_clear(struct nvme_model *nvme)
{
	memset(nvme->sq, 0, sizeof(nvme->sq));
	memset(nvme->cq, 0, sizeof(nvme->cq));
	nvme->next = 0;
}

void model_nvme_fail(struct model *model)
{
	nvme_of(model)->csts |= CSTS_FATAL;
}

void model_nvme_pin(struct model *model)
{
	const struct nvme_model *nvme = nvme_of(model);
	bool waits = false;

	for (unsigned int i = 0; i <= QUEUES; i++) {
		const struct nvme_cq *cq = &nvme->cq[i];

		waits |= cq->exists && cq->interrupts && cq->head != cq->tail;
	}
	model_line(model, waits && !(nvme->masked & 1));
}

static bool cq_has_room(const struct nvme_cq *cq)
{
	return (cq->tail + 1) % cq->size != cq->head;
}

void model_nvme_complete(struct model *model, unsigned int sq, uint16_t id, unsigned int status,
			 uint32_t result)
{
	struct nvme_model *nvme = nvme_of(model);
	struct nvme_cq *cq = &nvme->cq[nvme->sq[sq].cq];
	uint32_t field = status ? status | DNR : 0;
	uint32_t entry[4] = {
		htole32(result),
		0,
		htole32(nvme->sq[sq].head | (uint32_t)sq << 16),
		htole32(id | (field << 1 | cq->phase) << 16),
	};

	if (model_dma_post(model, cq->bus + (uint64_t)cq->tail * COMPLETION, entry,
			   sizeof(entry))) {
		model_nvme_fail(model);
		return;
	}
	if (++cq->tail == cq->size) {
		cq->tail = 0;
		cq->phase ^= 1;
	}
	if (!cq->interrupts)
		return;
	model_message(model, cq->vector);
	model_nvme_pin(model);
}

/* ---- work */

static void do_command(struct model *model, unsigned int id)
{
	struct nvme_model *nvme = nvme_of(model);
	struct nvme_sq *sq = &nvme->sq[id];
	struct nvme_command command;
	uint32_t result = 0;
	unsigned int status;

	if (model_dma_read(model, sq->bus + sq->head * COMMAND, &command, sizeof(command))) {
		model_nvme_fail(model);
		return;
	}
	sq->head = (sq->head + 1) % sq->size;
	/* Neither SGLs nor fused commands are supported (figure 105). */
	if (command.flags)
		status = STATUS_FIELD;
	else if (id)
		status = model_nvme_io(model, &command);
	else
		status = model_nvme_admin(model, &command, &result);
	if (status != STATUS_KEPT)
		model_nvme_complete(model, id, le16toh(command.id), status, result);
}

bool model_nvme_work(struct model *model)
{
	struct nvme_model *nvme = nvme_of(model);

	if (!(nvme->csts & CSTS_READY) || nvme->csts & CSTS_FATAL)
		return false;
	model_nvme_events(model);
	/* Round robin (section 4.13.1). What waits for room is looked at when a head moves. */
	for (unsigned int i = 0; i <= QUEUES; i++) {
		unsigned int id = (nvme->next + i) % (QUEUES + 1);
		const struct nvme_sq *sq = &nvme->sq[id];

		if (!sq->exists || sq->head == sq->tail || !cq_has_room(&nvme->cq[sq->cq]))
			continue;
		nvme->next = id + 1;
		do_command(model, id);
		return true;
	}
	return false;
}

/* ---- doorbells */

/* Kinds of error events (figure 147). */
enum {
	DOORBELL_REGISTER = 0,
	DOORBELL_VALUE = 1,
};

static void wrong_doorbell(struct model *model, unsigned int kind)
{
	nvme_of(model)->happened |= 1u << kind;
	model_wake(model);
}

/* Entries from @from up to @to, around the end. */
static uint32_t distance(uint32_t from, uint32_t to, uint32_t size)
{
	return (to + size - from) % size;
}

static void ring_sq(struct model *model, struct nvme_sq *sq, uint32_t tail)
{
	if (!sq->exists) {
		wrong_doorbell(model, DOORBELL_REGISTER);
	} else if (tail >= sq->size) {
		wrong_doorbell(model, DOORBELL_VALUE);
	} else {
		sq->tail = tail;
		model_wake(model);
	}
}

static void ring_cq(struct model *model, struct nvme_cq *cq, uint32_t head)
{
	if (!cq->exists) {
		wrong_doorbell(model, DOORBELL_REGISTER);
	} else if (head >= cq->size ||
		   distance(cq->head, head, cq->size) > distance(cq->head, cq->tail, cq->size)) {
		/* beyond what was posted */
		wrong_doorbell(model, DOORBELL_VALUE);
	} else {
		cq->head = head;
		model_nvme_pin(model);
		model_wake(model);
	}
}

void model_nvme_ring(struct model *model, uint64_t offset, uint32_t value)
{
	struct nvme_model *nvme = nvme_of(model);
	uint64_t id = (offset - DOORBELLS) / 8;

	if (!(nvme->csts & CSTS_READY))
		return;
	if (id > QUEUES)
		wrong_doorbell(model, DOORBELL_REGISTER);
	else if (offset & 4)
		ring_cq(model, &nvme->cq[id], value & 0xffff);
	else
		ring_sq(model, &nvme->sq[id], value & 0xffff);
}
