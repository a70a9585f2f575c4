// SPDX-License-Identifier: MIT
/*
 * A libFuzzer target: the IDE driver and a disk that lies. "driver-ide --seed FILE" makes an input to begin with.
 */
#include <stdlib.h>
#include <string.h>
#include "disk-user.h"
#include "hostile.h"
#include "ide.h"
#include "ide-prd.h"

#define BLOCKS	    1000
#define CONTROL	    1 /* the BAR; the second channel's are 2 further */
#define STATUS_IDLE 0x50
#define WORDS	    256

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	uint8_t status;
	uint32_t words; /* of data still to move */
	bool identifies;
	bool works;	/* a command of the bus master waits for its start */
	uint8_t master; /* its status */
} disk;

static void interrupt(unsigned int channel)
{
	disk.master |= BM_STATUS_IRQ;
	hostile_interrupt(channel);
}

static void command(unsigned int channel, uint8_t code)
{
	uint8_t count = *((uint8_t *)hostile_register(2 * channel, 0) + ATA_COUNT);

	disk.status = STATUS_IDLE;
	disk.words = 0;
	disk.identifies = code == ATA_IDENTIFY_DEVICE;
	switch (code) {
	case ATA_IDENTIFY_DEVICE:
		disk.words = WORDS;
		break;
	case ATA_READ_SECTORS:
	case ATA_READ_SECTORS_EXT:
	case ATA_WRITE_SECTORS:
	case ATA_WRITE_SECTORS_EXT:
		disk.words = (count ? count : WORDS) * WORDS;
		break;
	case ATA_READ_DMA:
	case ATA_READ_DMA_EXT:
	case ATA_WRITE_DMA:
	case ATA_WRITE_DMA_EXT:
		disk.works = true;
		return;
	default:
		break;
	}
	if (disk.words)
		disk.status |= ATA_STATUS_DRQ;
	interrupt(channel);
}

/* Of IDENTIFY DEVICE (ATA/ATAPI-6 section 8.15). */
static uint16_t identity(unsigned int word)
{
	switch (word) {
	case 49:
		return 0x0300; /* LBA and DMA */
	case 60:
	case 100:
		return BLOCKS;
	case 83:
		return 0x7400; /* FLUSH CACHE, FLUSH CACHE EXT, 48 bits */
	case 85:
		return 0x0020; /* the cache is on */
	case 86:
		return 0x3400;
	default:
		return 0;
	}
}

static uint64_t data(void)
{
	uint32_t left = disk.words;

	if (left && !--disk.words)
		disk.status = STATUS_IDLE;
	return disk.identifies && left <= WORDS ? identity(WORDS - left) : 0;
}

static uint64_t ide_read(unsigned int bar, uint32_t offset, unsigned int width, uint64_t stored)
{
	if (bar == BM_REGION)
		return offset % BM_CHANNEL == BM_STATUS ? disk.master : stored;
	if (bar % 2 == CONTROL)
		return disk.status;
	if (offset == ATA_DATA)
		return data();
	return offset == ATA_STATUS ? disk.status : stored;
}

/* Looks at no more than where the table is: the data does not matter to the driver. */
static void start(unsigned int channel)
{
	uint32_t table = *hostile_register(BM_REGION, channel * BM_CHANNEL + BM_TABLE);

	disk.works = false;
	if (!hostile_reach(table, sizeof(struct ide_prd)))
		disk.master |= BM_STATUS_ERROR;
	interrupt(channel);
}

static void master_write(uint32_t offset, uint8_t value)
{
	if (offset % BM_CHANNEL == BM_STATUS)
		disk.master = (disk.master & ~value & (BM_STATUS_IRQ | BM_STATUS_ERROR)) |
			      (value & BM_STATUS_DRIVES);
	if (offset % BM_CHANNEL == BM_COMMAND && value & BM_COMMAND_START && disk.works)
		start(offset / BM_CHANNEL & 1);
}

static void ide_write(unsigned int bar, uint32_t offset, unsigned int width, uint64_t value)
{
	if (bar == BM_REGION)
		master_write(offset, (uint8_t)value);
	else if (bar % 2 == CONTROL)
		disk.status = value & ATA_CONTROL_SRST ? ATA_STATUS_BSY : STATUS_IDLE;
	else if (offset == ATA_COMMAND)
		command(bar / 2, (uint8_t)value);
	else if (offset == ATA_DATA)
		data();
}

static void disk_reset(void)
{
	memset(&disk, 0, sizeof(disk));
	disk.status = STATUS_IDLE;
}

/* A status of its own, of the disk or the bus master, which stays. */
static void ide_mischief(struct input *input)
{
	uint8_t *which = input_take(input, 1) & 1 ? &disk.master : &disk.status;

	*which = (uint8_t)input_take(input, 1);
}

static const struct hostile_kind native = {
	.sizes = {8, 4, 8, 4, 16},
	.ports = 0x1f,
	.vectors = {[ULDF_IRQ_INTX] = 1},
	.id = 0x70108086,
	.class_code = 0x010185,
	.reset = disk_reset,
	.read = ide_read,
	.write = ide_write,
	.mischief = ide_mischief,
};

static const struct hostile_kind compatible = {
	.sizes = {8, 1, 8, 1, 16},
	.ports = 0x1f,
	.vectors = {[ULDF_IRQ_ISA] = 2},
	.id = 0x70108086,
	.class_code = 0x010180,
	.reset = disk_reset,
	.read = ide_read,
	.write = ide_write,
	.mischief = ide_mischief,
};

/* Native mode, then some requests, which an honest disk does. */
static const uint8_t seed[] = {0, 255, 0, 0, 5, 1, 0, 3, 0, 1, 5, 3, 0, 3, 2, 3, 0, 5, 7, 4, 9, 0};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	hostile_main(*argc, *argv, seed, sizeof(seed));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input input = {bytes, size};
	const struct hostile_kind *kind = input_take(&input, 1) & 1 ? &compatible : &native;
	struct uldf_space *space;
	struct uldf_device *device = hostile_open(kind, &input, &space);
	const struct uldf_disk_options options = disk_user_options(&input);
	struct uldf_disk *opened;

	if (!uldf_ide_open(device, space, &options, &opened))
		disk_user(opened, space, &input);
	hostile_close(device, space);
	return 0;
}
