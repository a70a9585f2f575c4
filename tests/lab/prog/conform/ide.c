// SPDX-License-Identifier: MIT
/* Intel's PIIX3 IDE function, and the first disk of its primary channel (ATA/ATAPI-6, BMIDE 1.0). */
#include <linux/pci_regs.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include "conform.h"

enum {
	BM_COMMAND = 0,
	BM_STATUS = 2,
	BM_TABLE = 4,
	BM_REGION = 4,
};

enum {
	ATA_COUNT = 2,
	ATA_LBA_LOW = 3,
	ATA_DEVICE = 6,
	ATA_STATUS = 7,
	ATA_COMMAND = 7,
	ATA_REGION = 0,
	ATA_CONTROL_REGION = 1,
};

#define START	    0x01
#define TO_MEMORY   0x08
#define ERROR	    0x02 /* in the bus master's status */
#define ATA_ERR	    0x01
#define ATA_DRQ	    0x08
#define ATA_DF	    0x20
#define ATA_BSY	    0x80
#define LBA	    0xe0
#define WRITE_DMA   0xca
#define READ_DMA    0xc8
#define CHECK_POWER 0xe5
#define BLOCK	    512
#define LAST	    0x80000000

/* In the third page of an area; data is written from the first and read into the second. */
struct descriptor {
	uint32_t address;
	uint32_t size; /* and flags */
};

static const struct constant ide_constants[] = {
	{BM_REGION, BM_COMMAND, 1, 0, 0xff},
	{},
};

static uint8_t port_read(struct conform *c, unsigned int region, unsigned int offset)
{
	uint64_t value = 0;

	expect(c, "port read", uldf_region_read(c->device, region, offset, 1, &value), 0);
	return (uint8_t)value;
}

static void port_write(struct conform *c, unsigned int region, unsigned int offset, uint8_t value)
{
	expect(c, "port write", uldf_region_write(c->device, region, offset, 1, value), 0);
}

/* Waits until neither BSY nor DRQ is set; answers the status, without taking the interrupt back. */
static uint8_t wait_idle(struct conform *c)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	uint8_t status = ATA_BSY;

	for (int i = 0; i < PATIENCE && status & (ATA_BSY | ATA_DRQ); i++) {
		status = port_read(c, ATA_CONTROL_REGION, 0);
		if (status & (ATA_BSY | ATA_DRQ))
			nanosleep(&pause, NULL);
	}
	return status;
}

static void ide_quiet(struct conform *c)
{
	port_read(c, ATA_REGION, ATA_STATUS);
	reg_write(c, BM_STATUS, 1, reg_read(c, BM_STATUS, 1));
}

static void ide_start(struct conform *c, const struct area *area)
{
	reg_write(c, BM_COMMAND, 1, 0);
	port_write(c, ATA_CONTROL_REGION, 0, 0);
	port_write(c, ATA_REGION, ATA_DEVICE, LBA);
	require("the disk is idle", !(wait_idle(c) & (ATA_BSY | ATA_DRQ)));
	ide_quiet(c);
}

static void ide_stop(struct conform *c)
{
	reg_write(c, BM_COMMAND, 1, 0);
	ide_quiet(c);
}

static void issue(struct conform *c, uint8_t command)
{
	port_write(c, ATA_REGION, ATA_DEVICE, LBA);
	port_write(c, ATA_REGION, ATA_COUNT, PAGE / BLOCK);
	for (unsigned int i = 0; i < 3; i++)
		port_write(c, ATA_REGION, ATA_LBA_LOW + i, 0);
	port_write(c, ATA_REGION, ATA_COMMAND, command);
}

static bool move_page(struct conform *c, const struct area *area, unsigned int page,
		      uint8_t command, uint8_t direction)
{
	volatile struct descriptor *table = (void *)(area->cpu + 2 * PAGE);
	uint8_t status;

	table->address = (uint32_t)area->bus[page];
	table->size = PAGE | LAST;
	reg_write(c, BM_COMMAND, 1, direction);
	reg_write(c, BM_TABLE, 4, (uint32_t)area->bus[2]);
	issue(c, command);
	reg_write(c, BM_COMMAND, 1, direction | START);
	status = wait_idle(c);
	reg_write(c, BM_COMMAND, 1, 0);
	if (reg_read(c, BM_STATUS, 1) & ERROR)
		status |= ATA_ERR;
	ide_quiet(c);
	return !(status & (ATA_BSY | ATA_DRQ | ATA_DF | ATA_ERR));
}

static bool ide_transfer(struct conform *c, const struct area *area)
{
	static unsigned char seed;

	seed += 3;
	for (unsigned int i = 0; i < PAGE; i++)
		area->cpu[i] = (unsigned char)(i * 7 + seed);
	memset(area->cpu + PAGE, 0, PAGE);
	return move_page(c, area, 0, WRITE_DMA, 0) && move_page(c, area, 1, READ_DMA, TO_MEMORY) &&
	       !memcmp(area->cpu, area->cpu + PAGE, PAGE);
}

/* A command without data. */
static void ide_raise(struct conform *c, const struct area *area)
{
	issue(c, CHECK_POWER);
	require("the command that raises an interrupt ends", !(wait_idle(c) & ATA_BSY));
}

const struct model ide_model = {
	.name = "ide",
	.id = 0x70108086,
	.bar = BM_REGION,
	.decode = PCI_COMMAND_IO,
	.line = ULDF_IRQ_ISA,
	.vectors = {[ULDF_IRQ_ISA] = 2},
	.constants = ide_constants,
	.scratch = BM_TABLE,
	.scratch_bits = 0xfffffffc,
	.reset = BM_TABLE,
	.reset_bits = 0xfffffffc,
	.lacks = PCI_CAP_ID_MSI,
	.raises_alone = true,
	.start = ide_start,
	.stop = ide_stop,
	.transfer = ide_transfer,
	.raise = ide_raise,
	.quiet = ide_quiet,
};
