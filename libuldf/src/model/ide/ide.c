// SPDX-License-Identifier: MIT
/* The controller's life, its disks, and which port belongs to what (Intel 82371SB datasheet). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/ide/ide.h"

#define TIMING	      0x40 /* IDETIM in the configuration space, 2 bytes for each channel */
#define TIMING_DECODE 0x8000
#define MOST_SECTORS  (UINT64_C(1) << 48) /* that an address reaches */
#define MOST_SERIAL   (SERIAL - 2)	  /* characters before "-2" */
#define MASTER_BAR    4

/* By unit: primary device 0 and 1, secondary device 0 and 1. */
static const struct {
	const char *file;
	const char *size;
} unit_options[CHANNELS * DEVICES] = {
	{"file", "size"},
	{"file2", "size2"},
	{"file3", "size3"},
	{"file4", "size4"},
};

static int device_open(struct model *model, const struct model_options *options, unsigned int unit)
{
	struct ide_device *device =
		&ide_of(model)->channels[unit / DEVICES].devices[unit % DEVICES];
	const char *file = unit_options[unit].file, *size = unit_options[unit].size;
	const char *serial = model_option_text(options, "serial");
	int err;

	/* The first disk is there anyway. */
	if (unit && !model_option_text(options, file) && !model_option_text(options, size))
		return 0;
	if (!serial)
		serial = "model";
	if (strlen(serial) > MOST_SERIAL)
		return uldf_device_fail(model->device, -EINVAL,
					"option serial has more than %d characters", MOST_SERIAL);
	err = model_disk_open(&device->disk, options, file, size);
	if (err)
		return err;
	device->present = true;
	if (device->disk.blocks > MOST_SECTORS)
		return uldf_device_fail(model->device, -EINVAL,
					"option %s: an ATA disk has at most %" PRIu64 " bytes",
					size, MOST_SECTORS * MODEL_BLOCK);
	snprintf(device->serial, sizeof(device->serial), "%s", serial);
	if (unit)
		snprintf(device->serial + strlen(serial), sizeof(device->serial) - strlen(serial),
			 "-%u", unit + 1);
	return 0;
}

static void ide_destroy(struct model *model)
{
	struct ide_model *ide = ide_of(model);

	for (unsigned int i = 0; i < CHANNELS * DEVICES; i++) {
		struct ide_device *device = &ide->channels[i / DEVICES].devices[i % DEVICES];

		if (device->present)
			model_disk_close(&device->disk);
	}
	free(ide);
}

static void ide_reset(struct model *model)
{
	for (unsigned int i = 0; i < CHANNELS; i++) {
		model_ide_channel_reset(model, &ide_of(model)->channels[i]);
		model_config_set(model, TIMING + 2 * i, 2, TIMING_DECODE);
	}
}

static int ide_create(struct model *model, const struct model_options *options)
{
	int err = 0;

	model->priv = calloc(1, sizeof(struct ide_model));
	if (!model->priv)
		return uldf_device_fail(model->device, -ENOMEM, "out of memory");
	for (unsigned int i = 0; !err && i < CHANNELS * DEVICES; i++)
		err = device_open(model, options, i);
	if (err) {
		ide_destroy(model);
		return err;
	}
	ide_reset(model);
	return 0;
}

static bool channel_work(struct model *model, struct ide_channel *channel)
{
	switch (channel->state) {
	case STATE_RESET:
		model_ide_signature(channel);
		channel->state = STATE_IDLE;
		return false;
	case STATE_ISSUED:
		model_ide_command(model, channel);
		return channel->state == STATE_DMA;
	case STATE_NEXT:
		model_ide_next(model, channel, STATE_PIO);
		return false;
	case STATE_DMA:
		return model_ide_master_work(model, channel);
	default:
		return false;
	}
}

static bool ide_work(struct model *model)
{
	bool more = false;

	for (unsigned int i = 0; i < CHANNELS; i++)
		more |= channel_work(model, &ide_of(model)->channels[i]);
	return more;
}

/* ---- ports */

static struct ide_channel *channel_at(struct model *model, unsigned int bar, uint64_t offset)
{
	unsigned int index = bar == MASTER_BAR ? (unsigned int)offset / MASTER_REGISTERS : bar / 2;

	return &ide_of(model)->channels[index];
}

/* Firmware, or a driver, can switch the legacy ports of a channel off. */
static bool decodes(const struct model *model, unsigned int bar)
{
	return bar == MASTER_BAR ||
	       model_config_get(model, TIMING + 2 * (bar / 2), 2) & TIMING_DECODE;
}

static uint8_t byte_read(struct model *model, unsigned int bar, uint64_t offset)
{
	struct ide_channel *channel = channel_at(model, bar, offset);

	if (bar == MASTER_BAR)
		return model_ide_master_read(channel, (unsigned int)offset % MASTER_REGISTERS);
	return bar % 2 ? model_ide_alternate(channel)
		       : model_ide_register_read(model, channel, (unsigned int)offset);
}

static void byte_write(struct model *model, unsigned int bar, uint64_t offset, uint8_t value)
{
	struct ide_channel *channel = channel_at(model, bar, offset);

	if (bar == MASTER_BAR)
		model_ide_master_write(model, channel, (unsigned int)offset % MASTER_REGISTERS,
				       value);
	else if (bar % 2)
		model_ide_control(model, channel, value);
	else
		model_ide_register_write(model, channel, (unsigned int)offset, value);
}

/* An access to the data register moves one word or two; all other registers are bytes. */
static bool is_data(unsigned int bar, uint64_t offset, unsigned int width)
{
	return bar < MASTER_BAR && !(bar % 2) && offset == REG_DATA && width > 1;
}

static uint64_t ide_read(struct model *model, unsigned int bar, uint64_t offset, unsigned int width)
{
	struct ide_channel *channel = channel_at(model, bar, offset);
	bool data = is_data(bar, offset, width);
	uint64_t value = 0;

	if (!decodes(model, bar))
		return UINT64_MAX;
	for (unsigned int i = 0; i < width; i += data ? 2 : 1)
		value |= (uint64_t)(data ? model_ide_data_read(model, channel)
					 : byte_read(model, bar, offset + i))
			 << 8 * i;
	return value;
}

static void ide_write(struct model *model, unsigned int bar, uint64_t offset, unsigned int width,
		      uint64_t value)
{
	struct ide_channel *channel = channel_at(model, bar, offset);
	bool data = is_data(bar, offset, width);

	if (!decodes(model, bar))
		return;
	for (unsigned int i = 0; i < width; i += data ? 2 : 1)
		if (data)
			model_ide_data_write(model, channel, (uint16_t)(value >> 8 * i));
		else
			byte_write(model, bar, offset + i, (uint8_t)(value >> 8 * i));
}

static const struct model_identity identity = {
	.vendor = 0x8086,
	.device = 0x7010,
	.subvendor = 0x1af4,
	.subdevice = 0x1100,
	.class_code = 0x010180,
	.isa = CHANNELS,
	.bars = {{.size = 8, .ports = true, .fixed = 0x1f0},
		 {.size = 1, .ports = true, .fixed = 0x3f6},
		 {.size = 8, .ports = true, .fixed = 0x170},
		 {.size = 1, .ports = true, .fixed = 0x376},
		 {.size = CHANNELS * MASTER_REGISTERS, .ports = true}},
};

static const char *const options[] = {"file",  "size",	"serial", "file2", "size2",
				      "file3", "size3", "file4",  "size4", NULL};

const struct model_ops model_ide = {
	.name = "ide",
	.options = options,
	.identity = &identity,
	.create = ide_create,
	.destroy = ide_destroy,
	.read = ide_read,
	.write = ide_write,
	.reset = ide_reset,
	.work = ide_work,
};
