// SPDX-License-Identifier: MIT
/* Admin commands: one at a time, waited for without interrupts (NVMe 1.4 section 5). */
#include <errno.h>
#include <string.h>
#include <time.h>
#include "nvme.h"

#define LIMIT_SECONDS 10
#define IO_QUEUE      1 /* the id of both I/O queues */

#define CONTIGUOUS 0x1
#define INTERRUPTS 0x2

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int wait_admin(struct nvme *nvme, uint16_t *id, uint16_t *result)
{
	uint64_t limit = milliseconds() + LIMIT_SECONDS * 1000;
	uint32_t status;
	int err;

	for (;;) {
		if (nvme_queue_take(&nvme->admin, id, result))
			return 0;
		err = nvme_read(nvme, NVME_CSTS, &status);
		if (err)
			return err;
		if (status & NVME_CSTS_CFS)
			return -EIO;
		if (milliseconds() > limit)
			return -ETIMEDOUT;
		nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
	}
}

int nvme_admin(struct nvme *nvme, const struct nvme_command *command)
{
	struct nvme_queue *admin = &nvme->admin;
	uint16_t id = admin->tail, answered, status;
	int err;

	*nvme_queue_next(admin) = *command;
	admin->sq[id].id = htole16(id);
	err = nvme_ring(nvme, admin->sq_bell, admin->sq_offset, admin->tail);
	if (!err)
		err = wait_admin(nvme, &answered, &status);
	if (err)
		return err;
	if (answered != id)
		return -EPROTO;
	err = nvme_ring(nvme, admin->cq_bell, admin->cq_offset, admin->head);
	return err ? err : nvme_status(status);
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
	err = nvme_admin(nvme, &command);
	if (!err)
		*out = (const uint8_t *)memory->address + offset;
	return err;
}

int nvme_admin_create_io(struct nvme *nvme)
{
	uint32_t size = IO_QUEUE | (uint32_t)(nvme->io.size - 1) << 16;
	uint32_t interrupts = nvme->interrupts ? INTERRUPTS | nvme->vector << 16 : 0;
	const struct nvme_command cq = {
		.opcode = NVME_ADMIN_CREATE_CQ,
		.prp = {htole64(nvme->io.cq_bus)},
		.dword = {htole32(size), htole32(CONTIGUOUS | interrupts)},
	};
	const struct nvme_command sq = {
		.opcode = NVME_ADMIN_CREATE_SQ,
		.prp = {htole64(nvme->io.sq_bus)},
		.dword = {htole32(size), htole32(CONTIGUOUS | IO_QUEUE << 16)},
	};
	int err = nvme_admin(nvme, &cq);

	return err ? err : nvme_admin(nvme, &sq);
}

void nvme_admin_delete_io(struct nvme *nvme)
{
	const struct nvme_command sq = {.opcode = NVME_ADMIN_DELETE_SQ,
					.dword[0] = htole32(IO_QUEUE)};
	const struct nvme_command cq = {.opcode = NVME_ADMIN_DELETE_CQ,
					.dword[0] = htole32(IO_QUEUE)};

	/* The other order is forbidden (section 5.5). */
	if (!nvme_admin(nvme, &sq))
		nvme_admin(nvme, &cq);
}
