// SPDX-License-Identifier: MIT
/*
 * The registers of a channel (section 7). A write reaches both devices; a read is answered by the one
 * that the device register selects.
 */
#include <endian.h>
#include <string.h>
#include "model/ide/ide.h"

#define FLOATING    0x7f /* what nobody drives: DD7 is pulled down */
#define FLOATING_16 0xff7f
#define DIAGNOSTIC  0x90 /* a command for both devices, whichever is selected */
#define PASSED	    0x01 /* in the error register, after a reset or a diagnosis */

static struct ide_device *selected(struct ide_channel *channel)
{
	return &channel->devices[!!(channel->device & DEVICE_ONE)];
}

/* Device 0 answers for a device 1 that is absent (section 9.16.1). NULL: nobody answers. */
static const struct ide_device *answering(const struct ide_channel *channel)
{
	const struct ide_device *device = &channel->devices[!!(channel->device & DEVICE_ONE)];

	if (!device->present)
		device = &channel->devices[0];
	return device->present ? device : NULL;
}

void model_ide_line(struct model *model, struct ide_channel *channel)
{
	const struct ide_device *device = selected(channel);
	bool level = device->interrupt && !(channel->control & CONTROL_NIEN);

	if (level && !channel->line)
		channel->master.status |= MASTER_IRQ;
	channel->line = level;
	model_isa(model, (unsigned int)(channel - ide_of(model)->channels), level);
}

static void settings_clear(struct ide_device *device)
{
	device->multiple = 0;
	device->dma = 2; /* the fastest, as firmware leaves it */
	device->cached = true;
	device->reverts = false;
}

void model_ide_signature(struct ide_channel *channel)
{
	for (unsigned int i = 0; i < DEVICES; i++) {
		struct ide_device *device = &channel->devices[i];

		memset(device->lba, 0, sizeof(device->lba));
		device->count[0] = device->lba[0][0] = 1;
		device->error = PASSED;
		device->status = STATUS_REST;
		device->standby = device->asleep = false;
	}
	channel->device = 0;
}

void model_ide_channel_reset(struct model *model, struct ide_channel *channel)
{
	for (unsigned int i = 0; i < DEVICES; i++) {
		channel->devices[i].interrupt = false;
		settings_clear(&channel->devices[i]);
	}
	channel->control = 0;
	channel->state = STATE_IDLE;
	channel->master = (struct ide_master){
		/* what firmware found (BMIDE 1.0 section 2.2) */
		.status = (channel->devices[0].present ? MASTER_DRIVE_0 : 0) |
			  (channel->devices[1].present ? MASTER_DRIVE_1 : 0),
	};
	model_ide_signature(channel);
	model_ide_line(model, channel);
}

void model_ide_end(struct model *model, struct ide_channel *channel, uint8_t status, uint8_t error,
		   bool interrupt)
{
	struct ide_device *device = ide_active(channel);

	device->status = STATUS_REST | status;
	device->error = error;
	device->interrupt = interrupt;
	channel->state = STATE_IDLE;
	model_ide_line(model, channel);
}

/* ---- reading */

uint8_t model_ide_alternate(const struct ide_channel *channel)
{
	const struct ide_device *device = &channel->devices[!!(channel->device & DEVICE_ONE)];

	if (!answering(channel))
		return FLOATING;
	if (!device->present)
		return 0;
	switch (channel->state) {
	case STATE_IDLE:
		return device->status;
	case STATE_PIO:
	case STATE_DMA:
		return STATUS_REST | STATUS_DRQ;
	default:
		return STATUS_BSY;
	}
}

uint8_t model_ide_register_read(struct model *model, struct ide_channel *channel, unsigned int reg)
{
	const struct ide_device *device = answering(channel);
	bool previous = channel->control & CONTROL_HOB;

	if (!device)
		return FLOATING;
	switch (reg) {
	case REG_DATA:
		return (uint8_t)model_ide_data_read(model, channel);
	case REG_ERROR:
		return device->error;
	case REG_COUNT:
		return device->count[previous];
	case REG_DEVICE:
		return channel->device;
	case REG_STATUS:
		/* The device takes its interrupt back when the host reads that. */
		selected(channel)->interrupt = false;
		model_ide_line(model, channel);
		return model_ide_alternate(channel);
	default:
		return device->lba[reg - REG_LBA_LOW][previous];
	}
}

/* ---- writing */

static void push(uint8_t pair[2], uint8_t value)
{
	pair[1] = pair[0];
	pair[0] = value;
}

static void command_write(struct model *model, struct ide_channel *channel, uint8_t value)
{
	struct ide_device *device;

	/* Device 0 is the one whose status tells when it is done (section 9.10). */
	if (value == DIAGNOSTIC)
		channel->device = 0;
	device = selected(channel);
	if (!device->present || device->asleep)
		return;
	device->interrupt = false;
	channel->active = (unsigned int)(device - channel->devices);
	channel->command = value;
	channel->state = STATE_ISSUED;
	model_ide_line(model, channel);
	model_wake(model);
}

/* Until a command has ended its channel takes no other, and its registers keep their values. */
void model_ide_register_write(struct model *model, struct ide_channel *channel, unsigned int reg,
			      uint8_t value)
{
	if (reg == REG_DATA) {
		model_ide_data_write(model, channel, value);
		return;
	}
	if (channel->state != STATE_IDLE)
		return;
	channel->control &= (uint8_t)~CONTROL_HOB;
	if (reg == REG_STATUS) {
		command_write(model, channel, value);
		return;
	}
	if (reg == REG_DEVICE) {
		channel->device = value;
		model_ide_line(model, channel);
		return;
	}
	for (unsigned int i = 0; i < DEVICES; i++) {
		struct ide_device *device = &channel->devices[i];

		if (reg == REG_ERROR)
			push(device->features, value);
		else if (reg == REG_COUNT)
			push(device->count, value);
		else
			push(device->lba[reg - REG_LBA_LOW], value);
	}
}

/* A soft reset begins when SRST is set, and the devices do it once it is cleared (section 9.2). */
void model_ide_control(struct model *model, struct ide_channel *channel, uint8_t value)
{
	uint8_t before = channel->control;

	channel->control = value & (CONTROL_NIEN | CONTROL_SRST | CONTROL_HOB);
	if (value & CONTROL_SRST) {
		channel->state = STATE_HELD;
		for (unsigned int i = 0; i < DEVICES; i++) {
			struct ide_device *device = &channel->devices[i];

			device->interrupt = false;
			if (device->reverts)
				settings_clear(device);
		}
	} else if (before & CONTROL_SRST) {
		channel->state = STATE_RESET;
		model_wake(model);
	}
	model_ide_line(model, channel);
}

/* ---- data (sections 9.5 and 9.6) */

/* The host has moved a word. After the last word that is read the command is over. */
static void moved(struct model *model, struct ide_channel *channel)
{
	struct ide_transfer *transfer = &channel->transfer;

	transfer->at += sizeof(uint16_t);
	if (transfer->at < transfer->size)
		return;
	if (!transfer->write && transfer->left == transfer->size >> MODEL_BLOCK_SHIFT) {
		model_ide_end(model, channel, 0, 0, ide_active(channel)->interrupt);
		return;
	}
	channel->state = STATE_NEXT;
	model_wake(model);
}

static bool moves(const struct ide_channel *channel, bool write)
{
	return channel->state == STATE_PIO && channel->transfer.write == write;
}

uint16_t model_ide_data_read(struct model *model, struct ide_channel *channel)
{
	uint16_t value;

	if (!moves(channel, false))
		return FLOATING_16;
	memcpy(&value, channel->data + channel->transfer.at, sizeof(value));
	moved(model, channel);
	return le16toh(value);
}

void model_ide_data_write(struct model *model, struct ide_channel *channel, uint16_t value)
{
	if (!moves(channel, true))
		return;
	value = htole16(value);
	memcpy(channel->data + channel->transfer.at, &value, sizeof(value));
	moved(model, channel);
}
