/* SPDX-License-Identifier: MIT */
/* The NVMe driver from the inside: registers, queues, and who does what with them. */
#ifndef ULDF_DRIVERS_NVME_H_
#define ULDF_DRIVERS_NVME_H_

#include <uldf/device.h>
#include <uldf/drivers/nvme.h>
#include <uldf/region.h>
#include "disk-ops.h"
#include "nvme-prp.h"

/* Controller registers, in region 0 (NVMe 1.4 section 3.1). */
enum {
	NVME_CAP = 0x00,
	NVME_CAP_HIGH = 0x04,
	NVME_INTMS = 0x0c,
	NVME_CC = 0x14,
	NVME_CSTS = 0x1c,
	NVME_AQA = 0x24,
	NVME_ASQ = 0x28,
	NVME_ACQ = 0x30,
	NVME_DOORBELLS = 0x1000,
};

#define NVME_CSTS_RDY	    0x01
#define NVME_CSTS_CFS	    0x02 /* fatal: only a reset helps */
#define NVME_CSTS_SHST	    0x0c
#define NVME_CSTS_SHST_DONE 0x08

enum {
	NVME_FLUSH = 0x00,
	NVME_WRITE = 0x01,
	NVME_READ = 0x02,
	NVME_ZERO = 0x08,
	NVME_DATASET = 0x09,
};

#define NVME_FUA	0x40000000 /* dword 12 (figure 375) */
#define NVME_DEALLOCATE 0x00000004 /* dword 11 (figure 361) */
#define NVME_ZERO_MOST	65536	   /* blocks of a command */

enum {
	NVME_ADMIN_DELETE_SQ = 0x00,
	NVME_ADMIN_CREATE_SQ = 0x01,
	NVME_ADMIN_DELETE_CQ = 0x04,
	NVME_ADMIN_CREATE_CQ = 0x05,
	NVME_ADMIN_IDENTIFY = 0x06,
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

/* Completion queue entry (section 4.6), little-endian. */
struct nvme_completion {
	uint32_t result;
	uint32_t reserved;
	uint16_t sq_head;
	uint16_t sq_id;
	uint16_t id;
	uint16_t status; /* and the phase tag in bit 0 */
};

_Static_assert(sizeof(struct nvme_command) == 64 && sizeof(struct nvme_completion) == 16,
	       "entries are as the controller reads and writes them");

#define NVME_PHASE 1

/* A submission queue and the completion queue that answers it, as many entries in both. */
struct nvme_queue {
	struct nvme_command *sq;
	struct nvme_completion *cq;
	volatile uint32_t *sq_bell; /* NULL where doorbells are rung by calls */
	volatile uint32_t *cq_bell;
	uint64_t sq_bus;
	uint64_t cq_bus;
	uint32_t sq_offset; /* of the doorbells, in region 0 */
	uint32_t cq_offset;
	uint16_t size;
	uint16_t tail;
	uint16_t head;
	uint16_t phase; /* of entries that are new */
};

enum nvme_slot_state {
	NVME_IDLE,
	NVME_ISSUED,
	NVME_AGAIN, /* issued a second time, after a reset */
	NVME_LOST,  /* will not be issued any more */
};

/* What a command id stands for. */
struct nvme_slot {
	struct nvme_command command; /* as issued; its constants are filled in once */
	uint64_t tag;
	struct nvme_prp_list page;
	uint32_t age;
	enum nvme_slot_state state;
};

/* Is the controller to complete it? */
static inline bool nvme_slot_issued(const struct nvme_slot *slot)
{
	return slot->state == NVME_ISSUED || slot->state == NVME_AGAIN;
}

/* Where the reset is that nvme_expire() began: its steps, in order. */
enum nvme_recovery {
	NVME_WORKS,
	NVME_DISABLING,
	NVME_ENABLING,
	NVME_CREATING_CQ,
	NVME_CREATING_SQ,
	NVME_RECOVERIES,
};

struct nvme {
	struct uldf_disk disk;
	struct nvme_queue io;
	struct nvme_slot *slots; /* one for each id */
	uint16_t *idle;		 /* a stack of the ids that are */
	unsigned int idle_count;
	uint32_t nsid;
	uint32_t age; /* calls of expire */
	bool interrupts;
	bool level; /* INTx, masked when delivered */
	int lost;   /* what lost requests end with, while there are any; else 0 */
	int dead;   /* why it did not come back from a reset; 0 while it works */
	enum nvme_recovery recovery;
	uint32_t since; /* age when the step of the recovery began */
	int why;	/* it was reset */

	struct nvme_queue admin;
	struct uldf_buffer *admin_memory; /* its queues, and a page of data */
	struct uldf_buffer *io_memory;
	struct uldf_buffer *pages; /* one for each id */
	void *bells;		   /* mapped, or NULL */
	size_t bells_size;
	unsigned int stride; /* of doorbells, in bytes */
	unsigned int ready;  /* seconds that enabling and disabling may take */
	unsigned int vector;
};

/* ---- nvme-queue.c */
/* Two queues of @size entries in @memory, from @offset on, numbered @id. */
void nvme_queue_init(struct nvme_queue *queue, const struct nvme *nvme,
		     const struct uldf_buffer *memory, size_t offset, uint16_t size,
		     unsigned int id);
/* Bytes that two queues take, in whole pages each. */
size_t nvme_queue_bytes(uint16_t size);
/* What a status field (section 4.6.1) without its phase tag means. */
int nvme_status(uint16_t status);

static inline int nvme_ring(const struct nvme *nvme, volatile uint32_t *bell, uint32_t offset,
			    uint16_t value)
{
	/* What is in memory is to be seen before the doorbell. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	if (!bell)
		return uldf_region_write(nvme->disk.device, ULDF_BAR0, offset, 4, value);
	*bell = htole32(value);
	return 0;
}

static inline struct nvme_command *nvme_queue_next(struct nvme_queue *queue)
{
	struct nvme_command *command = &queue->sq[queue->tail];

	if (++queue->tail == queue->size)
		queue->tail = 0;
	return command;
}

/*
 * Takes the next entry that is new, if there is one; the queue's head is after it. The controller may
 * change it at any time: what is judged is a copy.
 */
static inline bool nvme_queue_take(struct nvme_queue *queue, uint16_t *id, uint16_t *status)
{
	const struct nvme_completion *entry = &queue->cq[queue->head];
	uint16_t found = le16toh(__atomic_load_n(&entry->status, __ATOMIC_ACQUIRE));

	if ((found & NVME_PHASE) != queue->phase)
		return false;
	*id = le16toh(__atomic_load_n(&entry->id, __ATOMIC_RELAXED));
	*status = found >> 1;
	if (++queue->head == queue->size) {
		queue->head = 0;
		queue->phase ^= NVME_PHASE;
	}
	return true;
}

/* ---- nvme-io.c: requests, the hot path */

/* Ends all that was submitted with @err, for good: the controller masters the bus no more. */
void nvme_give_up(struct nvme *nvme, int err);
int nvme_submit(struct uldf_disk *disk, const struct uldf_disk_request *list, size_t count,
		size_t *done);
int nvme_poll(struct uldf_disk *disk, struct uldf_disk_completion *list, size_t room,
	      size_t *count);
size_t nvme_pending(const struct uldf_disk *disk);

/* ---- nvme-admin.c */
#define NVME_ADMIN_SECONDS 10 /* that a command may take */
/* Each command that begins goes on until nvme_admin_end() waited for it, for up to @limit milliseconds. */
int nvme_admin_begin(struct nvme *nvme, const struct nvme_command *command);
/* After -ETIMEDOUT it can be called again. */
int nvme_admin_end(struct nvme *nvme, unsigned int limit);
/* Begin to create the I/O queues; the completion queue is first. */
int nvme_admin_create_cq(struct nvme *nvme);
int nvme_admin_create_sq(struct nvme *nvme);
/* A data structure of the controller (1) or a namespace (0), into the page after the admin queues. */
int nvme_admin_identify(struct nvme *nvme, uint32_t what, uint32_t nsid, const uint8_t **out);
void nvme_admin_delete_io(struct nvme *nvme);

/* ---- nvme-controller.c: the controller as a whole */
int nvme_read(struct nvme *nvme, unsigned int offset, uint32_t *out);
/* What its capabilities say; the most entries of a queue. */
int nvme_capabilities(struct nvme *nvme, uint32_t *most);
/* Both go on until their ends have waited for it; an end that answers -ETIMEDOUT can be called again. */
int nvme_disable_begin(struct nvme *nvme);
int nvme_disable_end(struct nvme *nvme, unsigned int milliseconds);
int nvme_enable_begin(struct nvme *nvme);
int nvme_enable_end(struct nvme *nvme, unsigned int milliseconds);
void nvme_shutdown(struct nvme *nvme);

/* ---- nvme-recover.c: from a controller in whatever state to one with its I/O queues */
int nvme_start(struct nvme *nvme);
int nvme_expire(struct uldf_disk *disk, unsigned int age);

#define NVME_ADMIN_SIZE	 16 /* entries */
#define NVME_ADMIN_BYTES (3 * NVME_PAGE)

#endif
