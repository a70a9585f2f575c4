// SPDX-License-Identifier: MIT
/* The data of a command, piece by piece: the disk's side of it. */
#include "model/ide/ide.h"

/* The address registers tell the host which sector failed. */
void model_ide_fail(struct model *model, struct ide_channel *channel, uint64_t block,
		    uint8_t status, uint8_t error)
{
	struct ide_device *device = ide_active(channel);

	for (unsigned int i = 0; i < 3; i++) {
		device->lba[i][0] = (uint8_t)(block >> 8 * i);
		device->lba[i][1] = (uint8_t)(block >> (24 + 8 * i));
	}
	if (!channel->transfer.ext)
		channel->device = (uint8_t)((channel->device & 0xf0) | (block >> 24 & 0xf));
	model_ide_end(model, channel, status, error, true);
}

/* Gets the next piece ready. */
static void piece_begin(struct model *model, struct ide_channel *channel, enum ide_state state)
{
	struct ide_transfer *transfer = &channel->transfer;
	uint32_t sectors = transfer->left < transfer->step ? transfer->left : transfer->step;

	transfer->size = (size_t)sectors << MODEL_BLOCK_SHIFT;
	transfer->at = 0;
	if (!transfer->write && model_disk_read(&ide_active(channel)->disk, transfer->block,
						channel->data, transfer->size)) {
		model_ide_fail(model, channel, transfer->block, STATUS_ERR, ERROR_UNC);
		return;
	}
	channel->state = state;
}

/* The device interrupts for each piece but the first one of a write. */
void model_ide_begin(struct model *model, struct ide_channel *channel, enum ide_state state)
{
	piece_begin(model, channel, state);
	if (channel->state != STATE_PIO || channel->transfer.write)
		return;
	ide_active(channel)->interrupt = true;
	model_ide_line(model, channel);
}

/* Writes a piece to the disk. Without a cache the last piece is flushed with all before it. */
static int piece_store(struct ide_channel *channel)
{
	const struct ide_transfer *transfer = &channel->transfer;
	const struct ide_device *device = ide_active(channel);
	int err = model_disk_write(&device->disk, transfer->block, channel->data, transfer->size);

	if (!err && !device->cached && transfer->left == transfer->size >> MODEL_BLOCK_SHIFT)
		err = model_disk_flush(&device->disk);
	return err;
}

void model_ide_next(struct model *model, struct ide_channel *channel, enum ide_state state)
{
	struct ide_transfer *transfer = &channel->transfer;
	uint32_t sectors = (uint32_t)(transfer->size >> MODEL_BLOCK_SHIFT);

	if (transfer->write && piece_store(channel)) {
		model_ide_fail(model, channel, transfer->block, STATUS_DF, 0);
		return;
	}
	transfer->block += sectors;
	transfer->left -= sectors;
	if (!transfer->left) {
		model_ide_end(model, channel, 0, 0, true);
		return;
	}
	piece_begin(model, channel, state);
	if (channel->state != STATE_PIO)
		return;
	ide_active(channel)->interrupt = true;
	model_ide_line(model, channel);
}
