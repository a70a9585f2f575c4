// SPDX-License-Identifier: MIT
/* Commands (section 8), in the model's thread. A disk aborts all that are not here. */
#include "model/ide/ide.h"

enum {
	EXECUTE_DIAGNOSTIC = 0x90,
	SET_MULTIPLE = 0xc6,
	STANDBY_IMMEDIATE = 0xe0,
	IDLE_IMMEDIATE = 0xe1,
	STANDBY = 0xe2,
	IDLE = 0xe3,
	CHECK_POWER = 0xe5,
	SLEEP = 0xe6,
	FLUSH_CACHE = 0xe7,
	FLUSH_CACHE_EXT = 0xea,
	IDENTIFY_DEVICE = 0xec,
	SET_FEATURES = 0xef,
};

/* What SET FEATURES sets (section 8.46). */
enum {
	CACHE_ON = 0x02,
	TRANSFER_MODE = 0x03,
	KEEP = 0x66, /* at a soft reset */
	CACHE_OFF = 0x82,
	REVERT = 0xcc,
};

/* Transfer modes, by the upper five bits of the count register. */
#define MODE_PIO_DEFAULT 0
#define MODE_PIO	 1
#define MODE_MULTIWORD	 4
#define MOST_PIO	 4
#define MOST_MULTIWORD	 2

#define ACTIVE 0xff /* or idle: what CHECK POWER MODE answers, else 0 for standby */

enum way {
	BY_SECTOR,
	BY_BLOCK,
	BY_DMA,
	BY_NOBODY, /* READ VERIFY: only the disk moves */
};

static const struct data_command {
	uint8_t opcode;
	enum way way;
	bool write;
	bool ext;
} data_commands[] = {
	{0x20, BY_SECTOR, false, false},				 /* READ SECTOR(S) */
	{0x24, BY_SECTOR, false, true},	 {0x25, BY_DMA, false, true},	 /* READ DMA EXT */
	{0x29, BY_BLOCK, false, true},					 /* READ MULTIPLE EXT */
	{0x30, BY_SECTOR, true, false},					 /* WRITE SECTOR(S) */
	{0x34, BY_SECTOR, true, true},	 {0x35, BY_DMA, true, true},	 /* WRITE DMA EXT */
	{0x39, BY_BLOCK, true, true},					 /* WRITE MULTIPLE EXT */
	{0x40, BY_NOBODY, false, false},				 /* READ VERIFY SECTOR(S) */
	{0x42, BY_NOBODY, false, true},	 {0xc4, BY_BLOCK, false, false}, /* READ MULTIPLE */
	{0xc5, BY_BLOCK, true, false},					 /* WRITE MULTIPLE */
	{0xc8, BY_DMA, false, false},					 /* READ DMA */
	{0xca, BY_DMA, true, false},					 /* WRITE DMA */
};

static const struct data_command *data_command_find(uint8_t opcode)
{
	for (size_t i = 0; i < sizeof(data_commands) / sizeof(data_commands[0]); i++)
		if (data_commands[i].opcode == opcode)
			return &data_commands[i];
	return NULL;
}

static void command_end(struct model *model, struct ide_channel *channel)
{
	model_ide_end(model, channel, 0, 0, true);
}

static void command_abort(struct model *model, struct ide_channel *channel)
{
	model_ide_end(model, channel, STATUS_ERR, ERROR_ABRT, true);
}

/* ---- commands with data */

static uint64_t block_of(const struct ide_channel *channel, bool ext)
{
	const struct ide_device *device = &channel->devices[channel->active];
	uint64_t block = 0;

	for (unsigned int i = 0; i < 3; i++) {
		block |= (uint64_t)device->lba[i][0] << 8 * i;
		if (ext)
			block |= (uint64_t)device->lba[i][1] << (24 + 8 * i);
	}
	if (!ext)
		block |= (uint64_t)(channel->device & 0xf) << 24;
	return block;
}

/* A count of 0 stands for one more than the register can say. */
static uint32_t sectors_of(const struct ide_device *device, bool ext)
{
	uint32_t sectors =
		ext ? (uint32_t)device->count[1] << 8 | device->count[0] : device->count[0];

	return sectors ? sectors : ext ? 0x10000 : 0x100;
}

static void verify(struct model *model, struct ide_channel *channel)
{
	struct ide_transfer *transfer = &channel->transfer;

	while (transfer->left) {
		uint32_t some = transfer->left < transfer->step ? transfer->left : transfer->step;

		if (model_disk_read(&ide_active(channel)->disk, transfer->block, channel->data,
				    (size_t)some << MODEL_BLOCK_SHIFT)) {
			model_ide_fail(model, channel, transfer->block, STATUS_ERR, ERROR_UNC);
			return;
		}
		transfer->block += some;
		transfer->left -= some;
	}
	command_end(model, channel);
}

static void transfer(struct model *model, struct ide_channel *channel,
		     const struct data_command *command)
{
	struct ide_device *device = ide_active(channel);
	uint64_t block = block_of(channel, command->ext);
	uint64_t blocks = model_ide_sectors(device, command->ext);
	uint32_t sectors = sectors_of(device, command->ext);
	uint32_t step = CHUNK >> MODEL_BLOCK_SHIFT;

	/* Cylinders, heads and sectors are addresses of earlier standards. */
	if (!(channel->device & DEVICE_LBA) || (command->way == BY_BLOCK && !device->multiple)) {
		command_abort(model, channel);
		return;
	}
	if (command->way == BY_SECTOR)
		step = 1;
	else if (command->way == BY_BLOCK)
		step = device->multiple;
	channel->transfer = (struct ide_transfer){
		.write = command->write,
		.ext = command->ext,
		.block = block,
		.left = sectors,
		.step = step,
	};
	if (block >= blocks || sectors > blocks - block) {
		model_ide_fail(model, channel, block < blocks ? blocks : block, STATUS_ERR,
			       ERROR_IDNF);
		return;
	}
	device->standby = false;
	if (command->way == BY_NOBODY)
		verify(model, channel);
	else
		model_ide_begin(model, channel, command->way == BY_DMA ? STATE_DMA : STATE_PIO);
}

static void identify(struct model *model, struct ide_channel *channel)
{
	channel->transfer = (struct ide_transfer){.left = 1, .step = 1, .size = MODEL_BLOCK};
	model_ide_identify(channel, channel->active, channel->data);
	channel->state = STATE_PIO;
	ide_active(channel)->interrupt = true;
	model_ide_line(model, channel);
}

/* ---- commands without */

static bool flush(struct model *model, struct ide_channel *channel)
{
	if (!model_disk_flush(&ide_active(channel)->disk))
		return true;
	model_ide_end(model, channel, STATUS_DF, 0, true);
	return false;
}

static bool set_mode(struct ide_device *device, uint8_t mode)
{
	switch (mode >> 3) {
	case MODE_PIO_DEFAULT:
		return mode <= 1;
	case MODE_PIO:
		return (mode & 7) <= MOST_PIO;
	case MODE_MULTIWORD:
		if ((mode & 7) > MOST_MULTIWORD)
			return false;
		device->dma = mode & 7;
		return true;
	default:
		return false;
	}
}

static void set_features(struct model *model, struct ide_channel *channel)
{
	struct ide_device *device = ide_active(channel);
	bool known = true;

	switch (device->features[0]) {
	case CACHE_ON:
		device->cached = true;
		break;
	case CACHE_OFF:
		if (!flush(model, channel))
			return;
		device->cached = false;
		break;
	case TRANSFER_MODE:
		known = set_mode(device, device->count[0]);
		break;
	case KEEP:
	case REVERT:
		device->reverts = device->features[0] == REVERT;
		break;
	default:
		known = false;
		break;
	}
	if (known)
		command_end(model, channel);
	else
		command_abort(model, channel);
}

static void set_multiple(struct model *model, struct ide_channel *channel)
{
	struct ide_device *device = ide_active(channel);
	uint8_t sectors = device->count[0];

	if (sectors > MOST_MULTIPLE || sectors & (sectors - 1)) {
		command_abort(model, channel);
		return;
	}
	device->multiple = sectors;
	command_end(model, channel);
}

/* A disk flushes its cache before it rests. The timers of STANDBY and IDLE never end. */
static void power(struct model *model, struct ide_channel *channel, bool standby, bool asleep)
{
	struct ide_device *device = ide_active(channel);

	if (standby && !flush(model, channel))
		return;
	device->standby = standby;
	device->asleep = asleep;
	command_end(model, channel);
}

/* Device 0 tells for both that they passed (section 9.10). */
static void diagnose(struct model *model, struct ide_channel *channel)
{
	model_ide_signature(channel);
	channel->state = STATE_IDLE;
	channel->devices[0].interrupt = true;
	model_ide_line(model, channel);
}

void model_ide_command(struct model *model, struct ide_channel *channel)
{
	const struct data_command *command = data_command_find(channel->command);

	if (command) {
		transfer(model, channel, command);
		return;
	}
	switch (channel->command) {
	case EXECUTE_DIAGNOSTIC:
		diagnose(model, channel);
		break;
	case IDENTIFY_DEVICE:
		identify(model, channel);
		break;
	case SET_FEATURES:
		set_features(model, channel);
		break;
	case SET_MULTIPLE:
		set_multiple(model, channel);
		break;
	case FLUSH_CACHE:
	case FLUSH_CACHE_EXT:
		if (flush(model, channel))
			command_end(model, channel);
		break;
	case STANDBY:
	case STANDBY_IMMEDIATE:
		power(model, channel, true, false);
		break;
	case SLEEP:
		power(model, channel, true, true);
		break;
	case IDLE:
	case IDLE_IMMEDIATE:
		power(model, channel, false, false);
		break;
	case CHECK_POWER:
		ide_active(channel)->count[0] = ide_active(channel)->standby ? 0 : ACTIVE;
		command_end(model, channel);
		break;
	default:
		command_abort(model, channel);
		break;
	}
}
