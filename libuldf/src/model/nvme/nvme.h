/* SPDX-License-Identifier: MIT */
/*
 * The NVMe model (NVM Express 1.4; all figures and sections are that specification's): a controller
 * with one namespace, which a file or memory of this process stands behind. Each command is one piece of
 * work of the model's thread. All is protected by the model's lock.
 */
#ifndef ULDF_SRC_MODEL_NVME_NVME_H
#define ULDF_SRC_MODEL_NVME_NVME_H

#include <endian.h>
#include "model/disk.h"
#include "model/model.h"

#define PAGE	4096
#define QUEUES	64   /* of I/O, of either kind */
#define ENTRIES 1024 /* that a queue has at most */
#define VECTORS (QUEUES + 1)
#define MDTS	7 /* a command transfers up to PAGE << MDTS bytes */
#define MOST	((size_t)PAGE << MDTS)
#define EVENTS	4 /* requests for asynchronous events that are kept */
#define SERIAL	20

#define DOORBELLS     0x1000
#define MSIX_TABLE    0x2000
#define MSIX_PENDING  0x3000
#define CC_ENABLE     0x1
#define CSTS_READY    0x1
#define CSTS_FATAL    0x2
#define CSTS_SHUTDOWN 0x8 /* complete */

/* Status code type and code (figures 126 to 131). */
enum {
	STATUS_SUCCESS = 0x000,
	STATUS_OPCODE = 0x001,
	STATUS_FIELD = 0x002,
	STATUS_TRANSFER = 0x004,
	STATUS_INTERNAL = 0x006,
	STATUS_ABORTED = 0x007,
	STATUS_NAMESPACE = 0x00b,
	STATUS_SEQUENCE = 0x00c,
	STATUS_PRP_OFFSET = 0x013,
	STATUS_RANGE = 0x080,
	STATUS_COMPLETION_QUEUE = 0x100,
	STATUS_QUEUE_ID = 0x101,
	STATUS_QUEUE_SIZE = 0x102,
	STATUS_EVENT_LIMIT = 0x105,
	STATUS_VECTOR = 0x108,
	STATUS_LOG_PAGE = 0x109,
	STATUS_DELETION = 0x10c,
	STATUS_SAVE = 0x10d,
	STATUS_WRITE_FAULT = 0x280,
	STATUS_READ_ERROR = 0x281,
	STATUS_KEPT = 0xfff, /* none of the specification's: the command is not completed now */
};

/* Submission queue entry (section 4.2), little-endian. */
struct nvme_command {
	uint8_t opcode;
	uint8_t flags;
	uint16_t id;
	uint32_t nsid;
	uint64_t reserved;
	uint64_t metadata;
	uint64_t prp[2];
	uint32_t dword[6]; /* 10 to 15 */
};

struct nvme_sq {
	bool exists;
	uint64_t bus;
	uint32_t size; /* entries */
	uint32_t head;
	uint32_t tail;
	unsigned int cq;
};

struct nvme_cq {
	bool exists;
	bool interrupts;
	uint64_t bus;
	uint32_t size;
	uint32_t head;
	uint32_t tail;
	uint32_t phase;
	unsigned int vector;
};

struct nvme_model {
	uint32_t cc;
	uint32_t csts;
	uint32_t aqa;
	uint64_t asq;
	uint64_t acq;
	uint32_t masked; /* INTMS */
	struct nvme_sq sq[QUEUES + 1];
	struct nvme_cq cq[QUEUES + 1];
	unsigned int next; /* submission queue to look at next */
	uint32_t features[16];
	uint16_t events[EVENTS]; /* ids of commands that ask for one */
	unsigned int event_count;
	unsigned int happened; /* a bit for each kind of error event that was not told yet */
	bool event_masked;     /* one was told and its log page not read */
	char serial[SERIAL + 1];
	struct model_disk disk;
	uint8_t data[MOST]; /* of the command that is done */
};

_Static_assert(sizeof(struct nvme_command) == 64, "section 4.2");

static inline struct nvme_model *nvme_of(const struct model *model)
{
	return model->priv;
}

/* ---- prp.c */

/**
 * model_nvme_transfer() - move a command's data between the host's memory and nvme_model.data
 * @model: model, locked
 * @command: its PRP entries are followed (section 4.3)
 * @size: bytes, at most MOST
 * @to_host: direction
 *
 * Return: a status.
 */
unsigned int model_nvme_transfer(struct model *model, const struct nvme_command *command,
				 size_t size, bool to_host);

/* ---- queue.c */
void model_nvme_queues_clear(struct nvme_model *nvme);
void model_nvme_ring(struct model *model, uint64_t offset, uint32_t value);
void model_nvme_complete(struct model *model, unsigned int sq, uint16_t id, unsigned int status,
			 uint32_t result);
bool model_nvme_work(struct model *model);
/* Asserts INTx while a completion queue that interrupts has entries. */
void model_nvme_pin(struct model *model);
/* What only a reset ends (section 9.5). */
void model_nvme_fail(struct model *model);

/* ---- admin.c, log.c, io.c: do a command and return its status; @result is dword 0 of its completion */
unsigned int model_nvme_admin(struct model *model, const struct nvme_command *command,
			      uint32_t *result);
void model_nvme_features_clear(struct nvme_model *nvme);
/* Tells of events while there are commands that ask for them. */
void model_nvme_events(struct model *model);
unsigned int model_nvme_identify(struct model *model, const struct nvme_command *command);
unsigned int model_nvme_log(struct model *model, const struct nvme_command *command);
unsigned int model_nvme_io(struct model *model, const struct nvme_command *command);

#define FEATURE_CACHE  0x06
#define FEATURE_QUEUES 0x07

#endif
