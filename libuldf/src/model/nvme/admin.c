// SPDX-License-Identifier: MIT
/* Admin commands (section 5), but for those that are answered by a page of data. */
#include <string.h>
#include "model/nvme/nvme.h"

enum {
	DELETE_SQ = 0x00,
	CREATE_SQ = 0x01,
	GET_LOG_PAGE = 0x02,
	DELETE_CQ = 0x04,
	CREATE_CQ = 0x05,
	IDENTIFY = 0x06,
	ABORT = 0x08,
	SET_FEATURES = 0x09,
	GET_FEATURES = 0x0a,
	ASYNC_EVENT = 0x0c,
};

#define CONTIGUOUS   0x1 /* of dword 11 */
#define INTERRUPTS   0x2
#define NOT_ABORTED  1
#define ERROR_EVENT  0
#define ERROR_LOG    1
#define CC_SQES(cc)  ((cc) >> 16 & 0xf)
#define CC_CQES(cc)  ((cc) >> 20 & 0xf)
#define SELECT_MOST  3
#define CHANGEABLE   0x4
#define ALL_QUEUES   ((QUEUES - 1) | (uint32_t)(QUEUES - 1) << 16)
#define SAVE	     (UINT32_C(1) << 31)
#define FEATURE_LAST 0x0b

/* ---- queues */

/* What a create command says of its queue, checked but for what only one kind has. */
static unsigned int queue_check(const struct nvme_command *command, uint32_t *id, uint32_t *size)
{
	uint32_t dword = le32toh(command->dword[0]);

	*id = dword & 0xffff;
	*size = (dword >> 16) + 1;
	if (!*id || *id > QUEUES)
		return STATUS_QUEUE_ID;
	if (*size < 2 || *size > ENTRIES)
		return STATUS_QUEUE_SIZE;
	if (!(le32toh(command->dword[1]) & CONTIGUOUS))
		return STATUS_FIELD;
	return le64toh(command->prp[0]) % PAGE ? STATUS_PRP_OFFSET : STATUS_SUCCESS;
}

static unsigned int create_cq(struct nvme_model *nvme, const struct nvme_command *command)
{
	uint32_t id, size, dword = le32toh(command->dword[1]);
	unsigned int status = queue_check(command, &id, &size);

	if (status)
		return status;
	if (nvme->cq[id].exists)
		return STATUS_QUEUE_ID;
	if (CC_CQES(nvme->cc) != 4)
		return STATUS_FIELD;
	if (dword & INTERRUPTS && dword >> 16 >= VECTORS)
		return STATUS_VECTOR;
	nvme->cq[id] = (struct nvme_cq){
		.exists = true,
		.interrupts = dword & INTERRUPTS,
		.bus = le64toh(command->prp[0]),
		.size = size,
		.phase = 1,
		.vector = dword >> 16,
	};
	return STATUS_SUCCESS;
}

static unsigned int create_sq(struct nvme_model *nvme, const struct nvme_command *command)
{
	uint32_t id, size, cq = le32toh(command->dword[1]) >> 16;
	unsigned int status = queue_check(command, &id, &size);

	if (status)
		return status;
	if (nvme->sq[id].exists)
		return STATUS_QUEUE_ID;
	if (!cq || cq > QUEUES)
		return STATUS_QUEUE_ID;
	if (!nvme->cq[cq].exists)
		return STATUS_COMPLETION_QUEUE;
	if (CC_SQES(nvme->cc) != 6)
		return STATUS_FIELD;
	nvme->sq[id] = (struct nvme_sq){
		.exists = true, .bus = le64toh(command->prp[0]), .size = size, .cq = cq};
	return STATUS_SUCCESS;
}

static unsigned int delete_sq(struct nvme_model *nvme, const struct nvme_command *command)
{
	uint32_t id = le32toh(command->dword[0]) & 0xffff;

	if (!id || id > QUEUES || !nvme->sq[id].exists)
		return STATUS_QUEUE_ID;
	nvme->sq[id].exists = false;
	return STATUS_SUCCESS;
}

static unsigned int delete_cq(struct model *model, const struct nvme_command *command)
{
	struct nvme_model *nvme = nvme_of(model);
	uint32_t id = le32toh(command->dword[0]) & 0xffff;

	if (!id || id > QUEUES || !nvme->cq[id].exists)
		return STATUS_QUEUE_ID;
	for (unsigned int i = 1; i <= QUEUES; i++)
		if (nvme->sq[i].exists && nvme->sq[i].cq == id)
			return STATUS_DELETION;
	nvme->cq[id].exists = false;
	model_nvme_pin(model);
	return STATUS_SUCCESS;
}

/* ---- features (section 5.21.1) */

void model_nvme_features_clear(struct nvme_model *nvme)
{
	memset(nvme->features, 0, sizeof(nvme->features));
	nvme->features[FEATURE_CACHE] = 1;
	nvme->features[FEATURE_QUEUES] = ALL_QUEUES;
}

static bool has_io_queues(const struct nvme_model *nvme)
{
	for (unsigned int i = 1; i <= QUEUES; i++)
		if (nvme->sq[i].exists || nvme->cq[i].exists)
			return true;
	return false;
}

static bool is_feature(uint32_t id)
{
	/* LBA ranges, which begin the optional ones, are not there. */
	return id && id <= FEATURE_LAST && id != 0x03;
}

static unsigned int set_features(struct nvme_model *nvme, const struct nvme_command *command,
				 uint32_t *result)
{
	uint32_t dword = le32toh(command->dword[0]), value = le32toh(command->dword[1]);
	uint32_t id = dword & 0xff;

	if (!is_feature(id))
		return STATUS_FIELD;
	if (dword & SAVE)
		return STATUS_SAVE;
	if (id != FEATURE_QUEUES) {
		nvme->features[id] = value;
		return STATUS_SUCCESS;
	}
	if ((value & 0xffff) == 0xffff || value >> 16 == 0xffff)
		return STATUS_FIELD;
	if (has_io_queues(nvme))
		return STATUS_SEQUENCE;
	*result = nvme->features[id];
	return STATUS_SUCCESS;
}

static unsigned int get_features(struct nvme_model *nvme, const struct nvme_command *command,
				 uint32_t *result)
{
	uint32_t dword = le32toh(command->dword[0]), id = dword & 0xff;
	uint32_t selected = dword >> 8 & 7;

	if (!is_feature(id) || selected > SELECT_MOST)
		return STATUS_FIELD;
	if (selected == 3)
		*result = CHANGEABLE;
	else if (!selected || id == FEATURE_QUEUES)
		*result = nvme->features[id];
	else
		*result = id == FEATURE_CACHE;
	return STATUS_SUCCESS;
}

/* ---- events (section 5.2) */

static unsigned int keep_event(struct model *model, const struct nvme_command *command)
{
	struct nvme_model *nvme = nvme_of(model);

	if (nvme->event_count == EVENTS)
		return STATUS_EVENT_LIMIT;
	nvme->events[nvme->event_count++] = le16toh(command->id);
	model_wake(model);
	return STATUS_KEPT;
}

/* Takes the command at @index out of those that are kept, and completes it. */
static void end_event(struct model *model, unsigned int index, unsigned int status, uint32_t result)
{
	struct nvme_model *nvme = nvme_of(model);
	uint16_t id = nvme->events[index];

	nvme->event_count--;
	memmove(&nvme->events[index], &nvme->events[index + 1],
		(nvme->event_count - index) * sizeof(nvme->events[0]));
	model_nvme_complete(model, 0, id, status, result);
}

void model_nvme_events(struct model *model)
{
	struct nvme_model *nvme = nvme_of(model);
	const struct nvme_cq *cq = &nvme->cq[0];
	unsigned int kind = nvme->happened & 1 ? 0 : 1;

	/* Another is told when the log page of the one before was read. */
	if (!nvme->happened || nvme->event_masked || !nvme->event_count ||
	    (cq->tail + 1) % cq->size == cq->head)
		return;
	nvme->happened &= ~(1u << kind);
	nvme->event_masked = true;
	end_event(model, 0, STATUS_SUCCESS, ERROR_EVENT | kind << 8 | ERROR_LOG << 16);
}

/* Only requests for events are there long enough to be aborted (section 5.1). */
static unsigned int do_abort(struct model *model, const struct nvme_command *command,
			     uint32_t *result)
{
	struct nvme_model *nvme = nvme_of(model);
	uint32_t dword = le32toh(command->dword[0]);
	const struct nvme_cq *cq = &nvme->cq[0];

	*result = NOT_ABORTED;
	/* There must be room for two completions. */
	if (dword & 0xffff || (cq->tail + 2) % cq->size == cq->head)
		return STATUS_SUCCESS;
	for (unsigned int i = 0; i < nvme->event_count; i++) {
		if (nvme->events[i] != dword >> 16)
			continue;
		end_event(model, i, STATUS_ABORTED, 0);
		*result = 0;
		break;
	}
	return STATUS_SUCCESS;
}

unsigned int model_nvme_admin(struct model *model, const struct nvme_command *command,
			      uint32_t *result)
{
	struct nvme_model *nvme = nvme_of(model);

	switch (command->opcode) {
	case DELETE_SQ:
		return delete_sq(nvme, command);
	case CREATE_SQ:
		return create_sq(nvme, command);
	case GET_LOG_PAGE:
		return model_nvme_log(model, command);
	case DELETE_CQ:
		return delete_cq(model, command);
	case CREATE_CQ:
		return create_cq(nvme, command);
	case IDENTIFY:
		return model_nvme_identify(model, command);
	case ABORT:
		return do_abort(model, command, result);
	case SET_FEATURES:
		return set_features(nvme, command, result);
	case GET_FEATURES:
		return get_features(nvme, command, result);
	case ASYNC_EVENT:
		return keep_event(model, command);
	default:
		return STATUS_OPCODE;
	}
}
