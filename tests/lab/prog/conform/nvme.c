// SPDX-License-Identifier: MIT
/* An NVMe controller (NVM Express base specification 1.4): its admin queue, and Identify on it. */
#include <linux/pci_regs.h>
#include <string.h>
#include <time.h>
#include "conform.h"

enum {
	REG_CAP = 0x00,
	REG_VS = 0x08,
	REG_CC = 0x14,
	REG_CSTS = 0x1c,
	REG_AQA = 0x24,
	REG_ASQ = 0x28,
	REG_ACQ = 0x30,
	REG_SQ_TAIL = 0x1000,
	REG_CQ_HEAD = 0x1004,
};

#define CC_ENABLE	1
#define CC_ENTRIES	(6 << 16 | 4 << 20) /* queue entries of 64 and 16 bytes */
#define CSTS_READY	1
#define ENTRIES		8
#define IDENTIFY	0x06
#define IDENTIFY_SERIAL 4 /* offset of the serial number in what Identify answers */

struct command {
	uint32_t dword[16];
};

struct completion {
	uint32_t dword[4];
};

static const struct constant nvme_constants[] = {
	{ULDF_BAR0, REG_VS, 4, 0x00010000, 0xffff0000}, /* 1.x */
	{ULDF_BAR0, REG_CAP + 4, 4, 0x20, 0x20},	/* the NVM command set */
	{},
};

static void nvme_stop(struct conform *c)
{
	reg_write(c, REG_CC, 4, 0);
	reg_wait(c, REG_CSTS, CSTS_READY, 0);
}

static void nvme_start(struct conform *c, const struct area *area)
{
	nvme_stop(c);
	memset(area->cpu, 0, 2 * PAGE);
	c->nvme.tail = 0;
	c->nvme.head = 0;
	c->nvme.phase = 1;
	reg_write(c, REG_AQA, 4, (ENTRIES - 1) << 16 | (ENTRIES - 1));
	reg_write(c, REG_ASQ, 4, (uint32_t)area->bus[0]);
	reg_write(c, REG_ASQ + 4, 4, (uint32_t)(area->bus[0] >> 32));
	reg_write(c, REG_ACQ, 4, (uint32_t)area->bus[1]);
	reg_write(c, REG_ACQ + 4, 4, (uint32_t)(area->bus[1] >> 32));
	reg_write(c, REG_CC, 4, CC_ENABLE | CC_ENTRIES);
	reg_wait(c, REG_CSTS, CSTS_READY, CSTS_READY);
}

static void submit_identify(struct conform *c, const struct area *area)
{
	struct command *commands = (void *)area->cpu;

	commands[c->nvme.tail] = (struct command){{
		[0] = IDENTIFY | c->nvme.tail << 16,
		[6] = (uint32_t)area->bus[2],
		[7] = (uint32_t)(area->bus[2] >> 32),
		[10] = 1, /* the controller */
	}};
	c->nvme.tail = (c->nvme.tail + 1) % ENTRIES;
	reg_write(c, REG_SQ_TAIL, 4, c->nvme.tail);
}

/* Waits for the completion of one command; answers whether it came, and was a success. */
static bool await_completion(struct conform *c, const struct area *area)
{
	volatile struct completion *done = (void *)(area->cpu + PAGE);
	const struct timespec pause = {.tv_nsec = 1000000};
	uint32_t status;

	done += c->nvme.head;
	for (int i = 0; i < PATIENCE; i++) {
		status = done->dword[3] >> 16;
		if ((status & 1) == c->nvme.phase) {
			c->nvme.head = (c->nvme.head + 1) % ENTRIES;
			c->nvme.phase ^= !c->nvme.head;
			return !(status >> 1);
		}
		nanosleep(&pause, NULL);
	}
	return false;
}

/* The controller looks at its doorbells in its own time. */
static void nvme_quiet(struct conform *c)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	int i;

	reg_write(c, REG_CQ_HEAD, 4, c->nvme.head);
	for (i = 0; i < PATIENCE && config_get(c, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT; i++)
		nanosleep(&pause, NULL);
	require("the controller takes its interrupt back", i < PATIENCE);
}

static bool nvme_transfer(struct conform *c, const struct area *area)
{
	memset(area->cpu + 2 * PAGE, 0, PAGE);
	submit_identify(c, area);
	if (!await_completion(c, area))
		return false;
	nvme_quiet(c);
	return !memcmp(area->cpu + 2 * PAGE + IDENTIFY_SERIAL, "lab-nvme", 8);
}

/* The interrupt stays asserted until the head moves on. */
static void nvme_raise(struct conform *c, const struct area *area)
{
	submit_identify(c, area);
	require("the command that raises an interrupt completes", await_completion(c, area));
}

const struct model nvme_model = {
	.name = "nvme",
	.id = 0x00101b36,
	.decode = PCI_COMMAND_MEMORY,
	.vectors = {[ULDF_IRQ_INTX] = 1, [ULDF_IRQ_MSIX] = 65},
	.constants = nvme_constants,
	.scratch = REG_ACQ,
	.scratch_bits = 0xfffff000,
	.wide = REG_ASQ,
	.reset = REG_CC,
	.reset_bits = CC_ENTRIES,
	.capability = PCI_CAP_ID_MSIX,
	.lacks = PCI_CAP_ID_MSI,
	.start = nvme_start,
	.stop = nvme_stop,
	.transfer = nvme_transfer,
	.raise = nvme_raise,
	.quiet = nvme_quiet,
};
