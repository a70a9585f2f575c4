// SPDX-License-Identifier: MIT
/* QEMU's edu device (its docs/specs/edu). */
#include <linux/pci_regs.h>
#include <string.h>
#include "conform.h"

enum {
	EDU_ID = 0x00,
	EDU_LIVENESS = 0x04,
	EDU_FACTORIAL = 0x08,
	EDU_IRQ_STATUS = 0x24,
	EDU_IRQ_RAISE = 0x60,
	EDU_IRQ_ACK = 0x64,
	EDU_DMA_SOURCE = 0x80,
	EDU_DMA_DESTINATION = 0x88,
	EDU_DMA_COUNT = 0x90,
	EDU_DMA_COMMAND = 0x98,
	EDU_BUFFER = 0x40000, /* 4096 bytes, in the DMA engine's view */
};

enum {
	EDU_DMA_START = 1,
	EDU_DMA_TO_MEMORY = 2,
};

#define AMOUNT 2048 /* QEMU 10.0's edu ends the machine when all 4096 bytes are asked for */

static const struct constant edu_constants[] = {
	{ULDF_BAR0, EDU_ID, 4, 0x010000ed, 0xffffffff},
	{},
};

static void edu_start(struct conform *c, const struct area *area)
{
}

static void edu_quiet(struct conform *c)
{
	reg_write(c, EDU_IRQ_ACK, 4, 0xffffffff);
}

static void edu_copy(struct conform *c, uint64_t from, uint64_t to, uint64_t direction)
{
	reg_write(c, EDU_DMA_SOURCE, 8, from);
	reg_write(c, EDU_DMA_DESTINATION, 8, to);
	reg_write(c, EDU_DMA_COUNT, 8, AMOUNT);
	reg_write(c, EDU_DMA_COMMAND, 8, EDU_DMA_START | direction);
	reg_wait(c, EDU_DMA_COMMAND, EDU_DMA_START, 0);
}

static bool edu_transfer(struct conform *c, const struct area *area)
{
	static unsigned char seed;

	seed += 3;
	for (unsigned int i = 0; i < AMOUNT; i++)
		area->cpu[i] = (unsigned char)(i * 7 + seed);
	memset(area->cpu + PAGE, 0, PAGE);
	edu_copy(c, area->bus[0], EDU_BUFFER, 0);
	edu_copy(c, EDU_BUFFER, area->bus[1], EDU_DMA_TO_MEMORY);
	return !memcmp(area->cpu, area->cpu + PAGE, AMOUNT);
}

static void edu_raise(struct conform *c, const struct area *area)
{
	reg_write(c, EDU_IRQ_RAISE, 4, 1);
}

const struct model edu_model = {
	.name = "edu",
	.id = 0x11e81234,
	.decode = PCI_COMMAND_MEMORY,
	.vectors = {[ULDF_IRQ_INTX] = 1, [ULDF_IRQ_MSI] = 1},
	.constants = edu_constants,
	.scratch = EDU_DMA_SOURCE,
	.scratch_bits = 0xffffffff,
	.wide = EDU_DMA_SOURCE,
	.reset = EDU_DMA_SOURCE,
	.reset_bits = 0xffffffff,
	.capability = PCI_CAP_ID_MSI,
	.lacks = PCI_CAP_ID_MSIX,
	.raises_alone = true,
	.start = edu_start,
	.stop = edu_quiet,
	.transfer = edu_transfer,
	.raise = edu_raise,
	.quiet = edu_quiet,
};
