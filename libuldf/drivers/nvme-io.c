// SPDX-License-Identifier: MIT
/* Requests, the hot path: no system call, no lock, no clock, one doorbell for each call. */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <uldf/irq.h>
#include "nvme.h"

static const uint8_t opcodes[] = {
	[ULDF_DISK_READ] = NVME_READ,	[ULDF_DISK_WRITE] = NVME_WRITE,
	[ULDF_DISK_FLUSH] = NVME_FLUSH, [ULDF_DISK_DISCARD] = NVME_DATASET,
	[ULDF_DISK_ZERO] = NVME_ZERO,	[ULDF_DISK_WRITE_FUA] = NVME_WRITE,
};

/* A command has its first block in dwords 10 and 11, and one less than their number in 12 (figure 375). */
static void put_first(struct nvme_command *command, const struct uldf_disk_request *request)
{
	command->dword[0] = htole32((uint32_t)request->block);
	command->dword[1] = htole32((uint32_t)(request->block >> 32));
	command->dword[2] = htole32(request->blocks - 1);
}

static int put_blocks(struct nvme_slot *slot, const struct uldf_disk_request *request)
{
	put_first(&slot->command, request);
	return nvme_prp_fill(request->list, request->count, &slot->page, slot->command.prp);
}

/* One range, in the command's own page (section 6.7): attributes, length, first block. */
static void put_range(struct nvme_slot *slot, const struct uldf_disk_request *request)
{
	slot->page.entries[0] = htole64((uint64_t)request->blocks << 32);
	slot->page.entries[1] = htole64(request->block);
	slot->command.prp[0] = htole64(slot->page.bus);
	slot->command.dword[1] = htole32(NVME_DEALLOCATE);
}

static int put_rare(struct nvme_slot *slot, const struct uldf_disk_request *request)
{
	struct nvme_command *command = &slot->command;
	int err;

	if (request->command == ULDF_DISK_WRITE_FUA) {
		err = put_blocks(slot, request);
		command->dword[2] |= htole32(NVME_FUA);
		return err;
	}
	memset(command->prp, 0, sizeof(command->prp));
	memset(command->dword, 0, sizeof(command->dword));
	if (request->command == ULDF_DISK_DISCARD)
		put_range(slot, request);
	if (request->command == ULDF_DISK_ZERO)
		put_first(command, request);
	return 0;
}

/* Writes a command for the request into the queue, which has room. */
static int put(struct nvme *nvme, const struct uldf_disk_request *request)
{
	uint16_t id = nvme->idle[nvme->idle_count - 1];
	struct nvme_slot *slot = &nvme->slots[id];
	struct nvme_command *command = &slot->command;
	int err = disk_check(&nvme->disk.info, request);

	if (!err)
		err = request->command <= ULDF_DISK_WRITE ? put_blocks(slot, request)
							  : put_rare(slot, request);
	if (err)
		return err;
	nvme->idle_count--;
	slot->tag = request->tag;
	slot->age = nvme->age;
	slot->state = NVME_ISSUED;
	command->opcode = opcodes[request->command];
	*nvme_queue_next(&nvme->io) = *command;
	return 0;
}

void nvme_give_up(struct nvme *nvme, int err)
{
	disk_master(nvme->disk.device, false);
	nvme->lost = nvme->dead = err;
	nvme->recovery = NVME_WORKS;
}

int nvme_submit(struct uldf_disk *disk, const struct uldf_disk_request *list, size_t count,
		size_t *done)
{
	struct nvme *nvme = (struct nvme *)disk;
	size_t i = 0;
	int err = 0;

	*done = 0;
	if (nvme->lost || nvme->dead || nvme->recovery)
		return nvme->dead;
	while (i < count && nvme->idle_count) {
		err = put(nvme, &list[i]);
		if (err)
			break;
		i++;
	}
	*done = i;
	/* Commands that nobody was told of are overdue some day. */
	if (i && nvme_ring(nvme, nvme->io.sq_bell, nvme->io.sq_offset, nvme->io.tail) == -ENODEV)
		nvme_give_up(nvme, -ENODEV);
	return err;
}

static void give_back(struct nvme *nvme, uint16_t id)
{
	nvme->slots[id].state = NVME_IDLE;
	nvme->idle[nvme->idle_count++] = id;
}

/* All that is not issued any more ends the same way. */
static size_t take_lost(struct nvme *nvme, struct uldf_disk_completion *list, size_t room)
{
	unsigned int depth = nvme->disk.info.depth, id;
	size_t taken = 0;

	for (id = 0; id < depth && taken < room; id++) {
		const struct nvme_slot *slot = &nvme->slots[id];

		if (slot->state == NVME_IDLE || !(nvme->dead || slot->state == NVME_LOST))
			continue;
		list[taken++] = (struct uldf_disk_completion){slot->tag, nvme->lost};
		give_back(nvme, (uint16_t)id);
	}
	if (id == depth)
		nvme->lost = 0;
	return taken;
}

static size_t take(struct nvme *nvme, struct uldf_disk_completion *list, size_t room)
{
	uint16_t id, status;
	size_t taken = 0;

	while (taken < room && nvme_queue_take(&nvme->io, &id, &status)) {
		/* An id that nothing was submitted with: such a controller is not to be trusted. */
		if (id >= nvme->disk.info.depth || !nvme_slot_issued(&nvme->slots[id])) {
			nvme_give_up(nvme, -EIO);
			break;
		}
		list[taken++] = (struct uldf_disk_completion){
			nvme->slots[id].tag,
			status ? nvme_status(status) : 0,
		};
		give_back(nvme, id);
	}
	if (taken &&
	    nvme_ring(nvme, nvme->io.cq_bell, nvme->io.cq_offset, nvme->io.head) == -ENODEV)
		nvme_give_up(nvme, -ENODEV);
	return taken;
}

static int drain(struct nvme *nvme)
{
	eventfd_t fired;

	return eventfd_read(nvme->disk.fd, &fired);
}

size_t nvme_pending(const struct uldf_disk *disk)
{
	return disk->info.depth - ((const struct nvme *)disk)->idle_count;
}

int nvme_poll(struct uldf_disk *disk, struct uldf_disk_completion *list, size_t room, size_t *count)
{
	struct nvme *nvme = (struct nvme *)disk;
	bool fired = nvme->interrupts && !drain(nvme);
	size_t taken = 0;

	if (!nvme->dead && !nvme->recovery)
		taken = take(nvme, list, room);
	if (nvme->lost)
		taken += take_lost(nvme, list + taken, room - taken);
	if (fired && nvme->level)
		uldf_irq_unmask(disk->device);
	*count = taken;
	return taken ? 0 : nvme->dead;
}
