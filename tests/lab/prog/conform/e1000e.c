// SPDX-License-Identifier: MIT
/* Intel 82574L (Intel 82574 GbE controller family datasheet, section 10). */
#include <linux/pci_regs.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include "conform.h"

enum {
	REG_CTRL = 0x0000,
	REG_STATUS = 0x0008,
	REG_ICR = 0x00c0,
	REG_ICS = 0x00c8,
	REG_IMS = 0x00d0,
	REG_IMC = 0x00d8,
	REG_TCTL = 0x0400,
	REG_RDBAL = 0x2800,
	REG_TDBAL = 0x3800,
	REG_TDBAH = 0x3804,
	REG_TDLEN = 0x3808,
	REG_TDH = 0x3810,
	REG_TDT = 0x3818,
};

enum {
	CTRL_SLU = 1 << 6, /* without it the card has no link, and sends nothing */
	CAUSE_LSC = 1 << 2,
	TCTL_EN = 1 << 1,
	DESC_EOP = 1 << 0,
	DESC_IFCS = 1 << 1,
	DESC_RS = 1 << 3,
	DESC_DONE = 1 << 0, /* in the status */
};

#define FRAME 60

/* The legacy transmit descriptor (section 7.2.10.1). */
struct descriptor {
	uint64_t address;
	uint16_t length;
	uint8_t cso;
	uint8_t command;
	uint8_t status;
	uint8_t css;
	uint16_t special;
};

static const struct constant e1000e_constants[] = {
	{ULDF_BAR0, REG_TCTL, 4, 0, TCTL_EN},
	{ULDF_BAR0, REG_RDBAL + 4, 4, 0, 0xffffffff},
	{},
};

static void e1000e_quiet(struct conform *c)
{
	reg_write(c, REG_IMC, 4, 0xffffffff);
	reg_read(c, REG_ICR, 4);
	reg_write(c, REG_ICR, 4, 0xffffffff);
}

static void e1000e_start(struct conform *c, const struct area *area)
{
	e1000e_quiet(c);
	reg_write(c, REG_CTRL, 4, reg_read(c, REG_CTRL, 4) | CTRL_SLU);
	reg_write(c, REG_TDBAL, 4, (uint32_t)area->bus[0]);
	reg_write(c, REG_TDBAH, 4, (uint32_t)(area->bus[0] >> 32));
	reg_write(c, REG_TDLEN, 4, 8 * sizeof(struct descriptor));
	reg_write(c, REG_TDH, 4, 0);
	reg_write(c, REG_TDT, 4, 0);
	reg_write(c, REG_TCTL, 4, TCTL_EN);
}

static void e1000e_stop(struct conform *c)
{
	reg_write(c, REG_TCTL, 4, 0);
	e1000e_quiet(c);
}

/* A frame that nobody understands, to everybody; the descriptor comes back as done. */
static bool e1000e_transfer(struct conform *c, const struct area *area)
{
	volatile struct descriptor *ring = (void *)area->cpu;
	unsigned int at = (unsigned int)reg_read(c, REG_TDT, 4);
	unsigned char *frame = area->cpu + PAGE;
	const struct timespec pause = {.tv_nsec = 1000000};

	memset(frame, 0xff, 12);
	memset(frame + 12, 0, FRAME - 12);
	frame[12] = 0x88; /* for local experiments (IEEE 802) */
	frame[13] = 0xb5;
	ring[at].address = area->bus[1];
	ring[at].length = FRAME;
	ring[at].cso = 0;
	ring[at].status = 0;
	ring[at].command = DESC_EOP | DESC_IFCS | DESC_RS;
	reg_write(c, REG_TDT, 4, (at + 1) % 8);
	for (int i = 0; i < PATIENCE && !(ring[at].status & DESC_DONE); i++)
		nanosleep(&pause, NULL);
	return ring[at].status & DESC_DONE;
}

static void e1000e_raise(struct conform *c, const struct area *area)
{
	reg_write(c, REG_IMS, 4, CAUSE_LSC);
	reg_write(c, REG_ICS, 4, CAUSE_LSC);
}

const struct model e1000e_model = {
	.name = "e1000e",
	.id = 0x10d38086,
	.decode = PCI_COMMAND_MEMORY,
	.vectors = {[ULDF_IRQ_INTX] = 1, [ULDF_IRQ_MSI] = 1, [ULDF_IRQ_MSIX] = 5},
	.constants = e1000e_constants,
	.scratch = REG_RDBAL,
	.scratch_bits = 0xfffffff0,
	.reset = REG_RDBAL,
	.reset_bits = 0xfffffff0,
	.repeats = true, /* QEMU's, when its throttling has elapsed */
	.capability = PCI_CAP_ID_EXP,
	.lacks = PCI_CAP_ID_SATA,
	.raises_alone = true,
	.start = e1000e_start,
	.stop = e1000e_stop,
	.transfer = e1000e_transfer,
	.raise = e1000e_raise,
	.quiet = e1000e_quiet,
};
