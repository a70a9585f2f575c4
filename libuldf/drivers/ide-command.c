// SPDX-License-Identifier: MIT
/* Commands that move data by bus master, and their ends. */
#include <endian.h>
#include <errno.h>
#include "ide.h"
#include "ide-prd.h"

#define IDLE_SECONDS 1 /* that a disk without a command may stay busy */

static void select_disk(struct ide_batch *batch, const struct ide *ide, uint8_t device)
{
	ide_out(batch, ide, ATA_DEVICE, device);
	/* The status is the selected disk's 400 ns later (ATA/ATAPI-6 section 9.3): one read passes them. */
	ide_alternate(batch, ide);
	ide_until(batch, ide, ATA_STATUS_BSY | ATA_STATUS_DRQ, 0);
}

void ide_taskfile(struct ide_batch *batch, const struct ide *ide, uint8_t command, uint64_t block,
		  uint32_t count, bool ext)
{
	uint8_t device = ide->select | ATA_DEVICE_LBA;

	select_disk(batch, ide, ext ? device : device | (block >> 24 & 0xf));
	ide_out(batch, ide, ATA_FEATURES, 0);
	if (ext) {
		/* The registers keep the value before the last one, too (ATA/ATAPI-6 section 6.20). */
		ide_out(batch, ide, ATA_COUNT, count >> 8 & 0xff);
		ide_out(batch, ide, ATA_LBA_LOW, block >> 24 & 0xff);
		ide_out(batch, ide, ATA_LBA_MID, block >> 32 & 0xff);
		ide_out(batch, ide, ATA_LBA_HIGH, block >> 40 & 0xff);
	}
	ide_out(batch, ide, ATA_COUNT, count & 0xff);
	ide_out(batch, ide, ATA_LBA_LOW, block & 0xff);
	ide_out(batch, ide, ATA_LBA_MID, block >> 8 & 0xff);
	ide_out(batch, ide, ATA_LBA_HIGH, block >> 16 & 0xff);
	ide_out(batch, ide, ATA_COMMAND, command);
}

static int issue_flush(struct ide *ide)
{
	struct ide_batch batch = {.count = 0};
	bool ext = ide->identity.flush_ext;

	ide->dma = false;
	if (ide->table)
		ide_bm_clear(&batch, ide);
	ide_taskfile(&batch, ide, ext ? ATA_FLUSH_CACHE_EXT : ATA_FLUSH_CACHE, 0, 0, false);
	return ide_batch_run(&batch, ide, IDLE_SECONDS);
}

/* In the order of BMIDE 1.0 section 3.1: table, direction, status, command to the disk, start. */
int ide_issue(struct ide *ide, const struct uldf_disk_request *request)
{
	bool read = request->command == ULDF_DISK_READ, ext = ide->identity.lba48;
	uint8_t direction = read ? BM_COMMAND_READ : 0, command;
	struct ide_batch batch = {.count = 0};
	size_t used;
	int err;

	if (request->command == ULDF_DISK_FLUSH)
		return issue_flush(ide);
	err = ide_prd_fill(ide->table->address, ide->table->size / sizeof(struct ide_prd),
			   request->list, request->count, &used);
	if (err)
		return err;
	command = read ? (ext ? ATA_READ_DMA_EXT : ATA_READ_DMA)
		       : (ext ? ATA_WRITE_DMA_EXT : ATA_WRITE_DMA);
	if (request->command == ULDF_DISK_WRITE_FUA)
		command = ATA_WRITE_DMA_FUA_EXT;
	ide_bm_out(&batch, ide, BM_COMMAND, 1, direction);
	ide_bm_out(&batch, ide, BM_TABLE, 4, (uint32_t)ide->table->bus);
	ide_bm_clear(&batch, ide);
	ide_taskfile(&batch, ide, command, request->block, request->blocks, ext);
	ide_bm_out(&batch, ide, BM_COMMAND, 1, direction | BM_COMMAND_START);
	ide->dma = true;
	return ide_batch_run(&batch, ide, IDLE_SECONDS);
}

/* Stops the bus master and takes the disk's interrupt back, in the order of BMIDE 1.0 section 3.1. */
static int finish(struct ide *ide)
{
	struct ide_batch batch = {.count = 0};
	struct uldf_io *status, *master;
	int err;

	ide_bm_out(&batch, ide, BM_COMMAND, 1, 0);
	master = ide_bm_in(&batch, ide, BM_STATUS);
	status = ide_in(&batch, ide, ATA_STATUS);
	ide_bm_clear(&batch, ide);
	err = ide_batch_run(&batch, ide, 0);
	if (err)
		return err;
	if (status->value & (ATA_STATUS_BSY | ATA_STATUS_DRQ))
		return -EIO;
	ide->status = status->value & (ATA_STATUS_ERR | ATA_STATUS_DF) ? -EIO : 0;
	if (ide->dma && master->value & BM_STATUS_ERROR)
		ide->status = -EIO;
	ide->done = true;
	return 0;
}

/*
 * Without waiting for an interrupt: neither the disk nor the bus master is at work. So it is, too, when somebody has reset
 * the controller, and the disk has forgotten the command; but that clears the START bit.
 */
static int at_rest(struct ide *ide, bool *rest)
{
	struct ide_batch batch = {.count = 0};
	struct uldf_io *status = ide_alternate(&batch, ide), *master = NULL, *command = NULL;
	int err;

	if (ide->dma) {
		master = ide_bm_in(&batch, ide, BM_STATUS);
		command = ide_bm_in(&batch, ide, BM_COMMAND);
	}
	err = ide_batch_run(&batch, ide, 0);
	if (err)
		return err;
	if (command && !(command->value & BM_COMMAND_START))
		return -EIO;
	if (status->value & ATA_STATUS_BSY)
		*rest = false;
	else if (status->value & (ATA_STATUS_ERR | ATA_STATUS_DF))
		*rest = true;
	else
		*rest = !(status->value & ATA_STATUS_DRQ) &&
			!(master && master->value & BM_STATUS_ACTIVE);
	return 0;
}

static int interrupted(struct ide *ide, bool *rest)
{
	struct ide_batch batch = {.count = 0};
	struct uldf_io *master = ide_bm_in(&batch, ide, BM_STATUS);
	int err = ide_batch_run(&batch, ide, 0);

	if (!err)
		*rest = master->value & BM_STATUS_IRQ;
	return err;
}

int ide_check(struct ide *ide, bool asked)
{
	bool rest = false;
	int err = asked ? at_rest(ide, &rest) : interrupted(ide, &rest);

	if (err || !rest)
		return err;
	return finish(ide);
}
