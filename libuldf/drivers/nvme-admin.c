// SPDX-License-Identifier: MIT
/* Admin commands: one at a time, without interrupts (NVMe 1.4 section 5). */
#include <errno.h>
#include <string.h>
#include <time.h>
#include "nvme.h"

#define IO_QUEUE 1 /* the id of both I/O queues */

#define CONTIGUOUS 0x1
#define INTERRUPTS 0x2

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int nvme_admin_begin(struct nvme *nvme, const struct nvme_command *command)
{
	struct nvme_queue *admin = &nvme->admin;
	uint16_t id = admin->tail;

	*nvme_queue_next(admin) = *command;
	admin->sq[id].id = htole16(id);
	return nvme_ring(nvme, admin->sq_bell, admin->sq_offset, admin->tail);
}

/* The id of the last command, which is where it stands in the queue. */
static uint16_t last_id(const struct nvme_queue *admin)
{
	return (uint16_t)((admin->tail ? admin->tail : admin->size) - 1);
}

int nvme_admin_end(struct nvme *nvme, unsigned int limit)
{
	struct nvme_queue *admin = &nvme->admin;
	uint64_t end = milliseconds() + limit;
	uint16_t id, result;
	uint32_t status;
	int err;

	while (!nvme_queue_take(admin, &id, &result)) {
		err = nvme_read(nvme, NVME_CSTS, &status);
		if (err)
			return err;
		if (status & NVME_CSTS_CFS)
			return -EIO;
		if (milliseconds() > end)
			return -ETIMEDOUT;
		nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
	}
	if (id != last_id(admin))
		return -EPROTO;
	err = nvme_ring(nvme, admin->cq_bell, admin->cq_offset, admin->head);
	return err ? err : nvme_status(result);
}

static int do_command(struct nvme *nvme, const struct nvme_command *command)
{
	int err = nvme_admin_begin(nvme, command);

	return err ? err : nvme_admin_end(nvme, NVME_ADMIN_SECONDS * 1000);
}

int nvme_admin_identify(struct nvme *nvme, uint32_t what, uint32_t nsid, const uint8_t **out)
{
	const struct uldf_buffer *memory = nvme->admin_memory;
	const size_t offset = NVME_ADMIN_BYTES - NVME_PAGE;
	const struct nvme_command command = {
		.opcode = NVME_ADMIN_IDENTIFY,
		.nsid = htole32(nsid),
		.prp = {htole64(memory->bus + offset)},
		.dword[0] = htole32(what),
	};
	int err;

	memset((char *)memory->address + offset, 0, NVME_PAGE);
	err = do_command(nvme, &command);
	if (!err)
		*out = (const uint8_t *)memory->address + offset;
	return err;
}

static uint32_t io_queue_size(const struct nvme *nvme)
{
	return IO_QUEUE | (uint32_t)(nvme->io.size - 1) << 16;
}

int nvme_admin_create_cq(struct nvme *nvme)
{
	uint32_t interrupts = nvme->interrupts ? INTERRUPTS | nvme->vector << 16 : 0;
	const struct nvme_command cq = {
		.opcode = NVME_ADMIN_CREATE_CQ,
		.prp = {htole64(nvme->io.cq_bus)},
		.dword = {htole32(io_queue_size(nvme)), htole32(CONTIGUOUS | interrupts)},
	};

	return nvme_admin_begin(nvme, &cq);
}

int nvme_admin_create_sq(struct nvme *nvme)
{
	const struct nvme_command sq = {
		.opcode = NVME_ADMIN_CREATE_SQ,
		.prp = {htole64(nvme->io.sq_bus)},
		.dword = {htole32(io_queue_size(nvme)), htole32(CONTIGUOUS | IO_QUEUE << 16)},
	};

	return nvme_admin_begin(nvme, &sq);
}

void nvme_admin_delete_io(struct nvme *nvme)
{
	const struct nvme_command sq = {.opcode = NVME_ADMIN_DELETE_SQ,
					.dword[0] = htole32(IO_QUEUE)};
	const struct nvme_command cq = {.opcode = NVME_ADMIN_DELETE_CQ,
					.dword[0] = htole32(IO_QUEUE)};

	/* The other order is forbidden (section 5.5). */
	if (!do_command(nvme, &sq))
		do_command(nvme, &cq);
}
