// SPDX-License-Identifier: MIT
/*
 * A libFuzzer target: the NVMe driver and a controller that lies. "driver-nvme --seed FILE" makes an input to begin
 * with.
 */
#include <stdlib.h>
#include <string.h>
#include "disk-user.h"
#include "hostile.h"
#include "nvme.h"

#define BLOCKS	   1000
#define READY	   (2u << 24) /* of CAP: within a second */
#define ENTRIES	   63	      /* of CAP: one less than the most of a queue */
#define COMMANDS   (1u << 5)  /* of the upper half of CAP: the NVM command set */
#define CC_ENABLE  0x1
#define CC_STOPPED 0xc000
#define QUEUES	   2

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	uint64_t sq, cq;
	uint16_t size, head, tail, phase;
} queues[QUEUES];

static void complete(unsigned int id, uint16_t command, uint16_t status)
{
	struct nvme_completion *entry =
		hostile_reach(queues[id].cq + queues[id].tail * sizeof(*entry), sizeof(*entry));

	if (!entry)
		return;
	entry->id = command;
	entry->status = (uint16_t)(status << 1 | queues[id].phase);
	if (++queues[id].tail >= queues[id].size) {
		queues[id].tail = 0;
		queues[id].phase ^= NVME_PHASE;
	}
	hostile_interrupt(id);
}

static void identify(const struct nvme_command *command)
{
	uint8_t *data = hostile_reach(le64toh(command->prp[0]), NVME_PAGE);

	if (!data)
		return;
	if (command->dword[0] == 1) {
		data[512] = 0x66; /* entries of 64 bytes, */
		data[513] = 0x44; /* and of 16 */
		data[516] = 2;	  /* namespaces */
		data[525] = 1;	  /* a cache */
	} else {
		data[0] = BLOCKS & 0xff;
		data[1] = BLOCKS >> 8;
		data[130] = 9; /* blocks of 512 bytes */
	}
}

static void do_admin(const struct nvme_command *command)
{
	if (command->opcode == NVME_ADMIN_IDENTIFY)
		identify(command);
	if (command->opcode == NVME_ADMIN_CREATE_CQ) {
		queues[1].cq = le64toh(command->prp[0]);
		queues[1].size = (uint16_t)((command->dword[0] >> 16) + 1);
		queues[1].head = queues[1].tail = 0;
		queues[1].phase = NVME_PHASE;
	}
	if (command->opcode == NVME_ADMIN_CREATE_SQ)
		queues[1].sq = le64toh(command->prp[0]);
	complete(0, command->id, 0);
}

static void ring(unsigned int id, uint16_t tail)
{
	const struct nvme_command *command;

	while (tail < queues[id].size && queues[id].head != tail) {
		command = hostile_reach(queues[id].sq + queues[id].head * sizeof(*command),
					sizeof(*command));
		if (++queues[id].head == queues[id].size)
			queues[id].head = 0;
		if (!command)
			continue;
		if (id)
			complete(1, command->id, 0);
		else
			do_admin(command);
	}
}

static uint64_t address(uint32_t offset)
{
	return *hostile_register(0, offset) | (uint64_t)*hostile_register(0, offset + 4) << 32;
}

static void configure(uint32_t value)
{
	uint32_t *status = hostile_register(0, NVME_CSTS);

	if (!(value & CC_ENABLE)) {
		*status = 0;
		return;
	}
	if (value & CC_STOPPED) {
		*status |= NVME_CSTS_SHST_DONE;
		return;
	}
	queues[0].sq = address(NVME_ASQ);
	queues[0].cq = address(NVME_ACQ);
	queues[0].size = (uint16_t)((*hostile_register(0, NVME_AQA) & 0xfff) + 1);
	queues[0].head = queues[0].tail = 0;
	queues[0].phase = NVME_PHASE;
	*status = NVME_CSTS_RDY;
}

static void nvme_reset(void)
{
	memset(queues, 0, sizeof(queues));
	*hostile_register(0, NVME_CAP) = READY | ENTRIES;
	*hostile_register(0, NVME_CAP_HIGH) = COMMANDS;
}

static void nvme_write(unsigned int bar, uint32_t offset, unsigned int width, uint64_t value)
{
	if (offset == NVME_CC)
		configure((uint32_t)value);
	if (offset == NVME_DOORBELLS || offset == NVME_DOORBELLS + 8)
		ring((offset - NVME_DOORBELLS) / 8, (uint16_t)value);
}

/* A completion that nothing was submitted for, or with a status of its own. */
static void nvme_mischief(struct input *input)
{
	uint8_t byte = (uint8_t)input_take(input, 1);
	uint16_t id = (uint16_t)input_take(input, byte & 2 ? 2 : 1);

	complete(byte & 1, id, (uint16_t)input_take(input, byte & 4 ? 2 : 0));
}

static const struct hostile_kind nvme = {
	.sizes = {0x4000},
	.vectors = {[ULDF_IRQ_INTX] = 1, [ULDF_IRQ_MSIX] = QUEUES},
	.id = 0x00101b36,
	.class_code = 0x010802,
	.reset = nvme_reset,
	.write = nvme_write,
	.mischief = nvme_mischief,
};

/* Some requests, which an honest controller does, then one that completes twice. */
static const uint8_t seed[] = {200, 0, 0, 5, 1, 0, 1, 5, 3, 0, 3, 3,
			       5,   0, 7, 4, 9, 0, 3, 7, 0, 1, 3, 3};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	hostile_main(*argc, *argv, seed, sizeof(seed));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct uldf_space *space;
	struct uldf_device *device = hostile_open(&nvme, &input, &space);
	const struct uldf_disk_options options = disk_user_options(&input);
	struct uldf_disk *disk;

	if (!uldf_nvme_open(device, space, &options, &disk))
		disk_user(disk, space, &input);
	hostile_close(device, space);
	return 0;
}
