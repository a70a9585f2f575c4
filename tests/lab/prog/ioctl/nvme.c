// SPDX-License-Identifier: MIT
/* As much of an NVMe controller's driver (NVM Express 2.0) as makes it send any of its MSI-X vectors. */
#include <string.h>
#include <unistd.h>

#include "ioctl.h"

#define CAP_HIGH	 0x04
#define CC		 0x14
#define CSTS		 0x1c
#define AQA		 0x24
#define ASQ		 0x28
#define ACQ		 0x30
#define DOORBELLS	 0x1000
#define CC_ENABLE	 (1 | 6 << 16 | 4 << 20) /* entries of 64 and 16 bytes */
#define ENTRIES		 16
#define CREATE_SQ	 0x01
#define CREATE_CQ	 0x05
#define NO_SUCH_COMMAND	 0x7f
#define CONTIGUOUS	 1
#define INTERRUPTS	 2
#define COMPLETION_PHASE 14

/* Queue @queue has two pages: its submissions, then its completions. */
static uint64_t queue_address(const struct nvme *nvme, unsigned int queue)
{
	return nvme->address + queue * 2 * PAGE;
}

static void ring(const struct nvme *nvme, unsigned int doorbell, uint32_t value)
{
	need(!region_write(nvme->fd, 0, DOORBELLS + doorbell * nvme->stride, 4, value), "doorbell");
}

static void wait_until_ready(int fd, uint64_t ready)
{
	uint64_t value = !ready;

	for (int i = 0; i < PATIENCE && (value & 1) != ready; i++) {
		need(!region_read(fd, 0, CSTS, 4, &value), "controller status");
		usleep(1000);
	}
	need((value & 1) == ready, "the controller follows");
}

static bool done(struct nvme *nvme, unsigned int queue)
{
	const volatile uint8_t *entry =
		nvme->memory + (queue * 2 + 1) * PAGE + nvme->at[queue] % ENTRIES * 16;

	/* the phase changes each time round */
	return (entry[COMPLETION_PHASE] & 1) == !(nvme->at[queue] / ENTRIES & 1);
}

static void submit(struct nvme *nvme, unsigned int queue, const uint32_t command[16])
{
	unsigned int slot = nvme->at[queue] % ENTRIES;

	memcpy(nvme->memory + queue * 2 * PAGE + slot * 64, command, 64);
	ring(nvme, queue * 2, (slot + 1) % ENTRIES);
	for (int i = 0; i < PATIENCE && !done(nvme, queue); i++)
		usleep(1000);
	need(done(nvme, queue), "the command is done");
	nvme->at[queue]++;
	ring(nvme, queue * 2 + 1, nvme->at[queue] % ENTRIES);
}

void nvme_start(struct nvme *nvme, int fd, uint8_t *memory, uint64_t address)
{
	uint64_t high;

	*nvme = (struct nvme){.fd = fd, .memory = memory, .address = address};
	memset(memory, 0, NVME_MEMORY);
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 6);
	need(!region_read(fd, 0, CAP_HIGH, 4, &high), "capabilities");
	nvme->stride = 4u << (high & 15);
	need(!region_write(fd, 0, CC, 4, 0), "stop the controller");
	wait_until_ready(fd, 0);
	need(!region_write(fd, 0, AQA, 4, (ENTRIES - 1) << 16 | (ENTRIES - 1)) &&
		     !region_write(fd, 0, ASQ, 4, (uint32_t)address) &&
		     !region_write(fd, 0, ASQ + 4, 4, address >> 32) &&
		     !region_write(fd, 0, ACQ, 4, (uint32_t)(address + PAGE)) &&
		     !region_write(fd, 0, ACQ + 4, 4, address >> 32) &&
		     !region_write(fd, 0, CC, 4, CC_ENABLE),
	     "start the controller");
	wait_until_ready(fd, 1);
}

void nvme_queue(struct nvme *nvme, unsigned int queue, unsigned int vector)
{
	uint64_t address = queue_address(nvme, queue);
	uint32_t size = (ENTRIES - 1) << 16;
	uint32_t completions[16] = {
		[0] = CREATE_CQ,
		[6] = (uint32_t)(address + PAGE),
		[7] = address >> 32,
		[10] = size | queue,
		[11] = vector << 16 | INTERRUPTS | CONTIGUOUS,
	};
	uint32_t submissions[16] = {
		[0] = CREATE_SQ,     [6] = (uint32_t)address,	      [7] = address >> 32,
		[10] = size | queue, [11] = queue << 16 | CONTIGUOUS,
	};

	submit(nvme, 0, completions);
	submit(nvme, 0, submissions);
}

void nvme_fire(struct nvme *nvme, unsigned int queue)
{
	uint32_t command[16] = {NO_SUCH_COMMAND, 1};

	submit(nvme, queue, command);
}
