// SPDX-License-Identifier: MIT
/* Commands whose data the CPU moves (ATA/ATAPI-6 sections 9.5 and 9.6): done when they return. */
#include <errno.h>
#include <string.h>
#include "ide.h"

#define BLOCKS_AT_ONCE 8 /* in a batch: polls of the most time, strings of the most bytes */

/* What registers say of a packet device (ATA/ATAPI-6 section 9.12). */
#define PACKET_MID  0x14
#define PACKET_HIGH 0xeb

/* One at a time, as polls stop at the first that fails. */
static int last_status(const struct ide *ide, uint8_t *status)
{
	struct ide_batch batch = {.count = 0};
	struct uldf_io *io = ide_in(&batch, ide, ATA_STATUS);
	int err = ide_batch_run(&batch, ide, 0);

	if (!err)
		*status = (uint8_t)io->value;
	return err;
}

/* What ended a poll for data: an error of the disk's, if it says so. */
static int data_error(const struct ide *ide, int err)
{
	uint8_t status;

	if (err == -ETIMEDOUT && !last_status(ide, &status) && !(status & ATA_STATUS_BSY) &&
	    status & (ATA_STATUS_ERR | ATA_STATUS_DF))
		return -EIO;
	return err;
}

/* A block is there, or there is room for one, once DRQ is set and BSY is not. */
static int move_blocks(struct ide *ide, enum uldf_io_kind kind, uint8_t *data, uint32_t blocks)
{
	uint32_t words = ide->identity.block_size / 2;
	uint32_t most = ULDF_IO_STRING_MAX / ide->identity.block_size;

	if (most > BLOCKS_AT_ONCE)
		most = BLOCKS_AT_ONCE;
	while (blocks) {
		uint32_t now = blocks < most ? blocks : most;
		struct ide_batch batch = {.count = 0};
		int err;

		for (uint32_t i = 0; i < now; i++) {
			ide_alternate(&batch, ide);
			ide_until(&batch, ide, ATA_STATUS_BSY, 0);
			ide_until(&batch, ide, ATA_STATUS_DRQ, ATA_STATUS_DRQ);
			ide_string(&batch, ide, kind, data + (size_t)i * words * 2, words);
		}
		err = ide_batch_run(&batch, ide, DISK_SECONDS);
		if (err)
			return data_error(ide, err);
		blocks -= now;
		data += (size_t)now * words * 2;
	}
	return 0;
}

static int end_command(struct ide *ide, unsigned int seconds)
{
	struct ide_batch batch = {.count = 0};
	uint8_t status;
	int err;

	ide_alternate(&batch, ide);
	ide_until(&batch, ide, ATA_STATUS_BSY, 0);
	err = ide_batch_run(&batch, ide, seconds);
	if (!err)
		err = last_status(ide, &status);
	if (err)
		return err;
	return status & (ATA_STATUS_ERR | ATA_STATUS_DF | ATA_STATUS_DRQ) ? -EIO : 0;
}

static uint8_t pio_command(const struct ide *ide, const struct uldf_disk_request *request, bool ext)
{
	switch (request->command) {
	case ULDF_DISK_READ:
		return ext ? ATA_READ_SECTORS_EXT : ATA_READ_SECTORS;
	case ULDF_DISK_WRITE:
		return ext ? ATA_WRITE_SECTORS_EXT : ATA_WRITE_SECTORS;
	default:
		return ide->identity.flush_ext ? ATA_FLUSH_CACHE_EXT : ATA_FLUSH_CACHE;
	}
}

int ide_pio(struct ide *ide, const struct uldf_disk_request *request)
{
	bool ext = ide->identity.lba48 && request->command != ULDF_DISK_FLUSH;
	struct ide_batch batch = {.count = 0};
	int err;

	ide_taskfile(&batch, ide, pio_command(ide, request, ext), request->block, request->blocks,
		     ext);
	err = ide_batch_run(&batch, ide, 1);
	if (!err && request->command != ULDF_DISK_FLUSH)
		err = move_blocks(ide,
				  request->command == ULDF_DISK_READ ? ULDF_IO_READ_STRING
								     : ULDF_IO_WRITE_STRING,
				  request->data, request->blocks);
	return err ? err : end_command(ide, DISK_SECONDS);
}

int ide_cache_off_begin(struct ide *ide)
{
	struct ide_batch batch = {.count = 0};

	ide_out(&batch, ide, ATA_DEVICE, ide->select);
	ide_alternate(&batch, ide);
	ide_until(&batch, ide, ATA_STATUS_BSY | ATA_STATUS_DRQ, 0);
	ide_out(&batch, ide, ATA_FEATURES, ATA_CACHE_OFF);
	ide_out(&batch, ide, ATA_COMMAND, ATA_SET_FEATURES);
	return ide_batch_run(&batch, ide, 0);
}

int ide_cache_off_end(struct ide *ide, unsigned int seconds)
{
	return end_command(ide, seconds);
}

/* No disk: nothing drives the bus, or the other disk of the channel answers with zeros. */
static bool nobody_there(uint8_t status)
{
	return status == 0xff || status == 0x7f || !status;
}

/* A packet device shows its signature when it aborts IDENTIFY DEVICE (ATA/ATAPI-6 section 9.12). */
static int fail_stranger(const struct ide *ide)
{
	struct ide_batch batch = {.count = 0};
	struct uldf_io *middle = ide_in(&batch, ide, ATA_LBA_MID);
	struct uldf_io *high = ide_in(&batch, ide, ATA_LBA_HIGH);
	bool packet = !ide_batch_run(&batch, ide, 0) && middle->value == PACKET_MID &&
		      high->value == PACKET_HIGH;

	return uldf_device_fail(ide->disk.device, -ENXIO,
				packet ? "unit %u is a packet device, such as a CD-ROM: only ATA "
					 "disks have a driver here"
				       : "unit %u is no ATA disk",
				ide->unit);
}

static int fail_identity(const struct ide *ide, int err)
{
	const char *why = err == -ENXIO	    ? "is no ATA disk"
			  : err == -ENOTSUP ? "knows cylinders and heads only"
					    : "tells of sizes that cannot be";

	return uldf_device_fail(ide->disk.device, err, "unit %u %s", ide->unit, why);
}

int ide_identify(struct ide *ide)
{
	uint16_t words[ATA_IDENTIFY_WORDS];
	struct ide_batch batch = {.count = 0};
	struct uldf_io *status;
	int err;

	ide_out(&batch, ide, ATA_DEVICE, ide->select);
	ide_alternate(&batch, ide);
	status = ide_alternate(&batch, ide);
	err = ide_batch_run(&batch, ide, 0);
	if (err)
		return err;
	if (nobody_there((uint8_t)status->value))
		return uldf_device_fail(ide->disk.device, -ENXIO, "no disk is unit %u", ide->unit);
	batch.count = 0;
	ide_taskfile(&batch, ide, ATA_IDENTIFY_DEVICE, 0, 0, false);
	err = ide_batch_run(&batch, ide, 5);
	if (err)
		return err;
	ide->identity.block_size = sizeof(words);
	err = move_blocks(ide, ULDF_IO_READ_STRING, (uint8_t *)words, 1);
	/* A disk that is not ATA aborts the command. */
	if (err == -EIO || err == -ETIMEDOUT)
		return fail_stranger(ide);
	if (!err)
		err = end_command(ide, DISK_SECONDS);
	if (err)
		return uldf_device_fail(ide->disk.device, err,
					"unit %u does not identify itself: %s", ide->unit,
					strerror(-err));
	err = ata_identify(words, &ide->identity);
	return err ? fail_identity(ide, err) : 0;
}
