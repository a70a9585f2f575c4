// SPDX-License-Identifier: MIT
/*
 * QEMU's device to learn on (https://www.qemu.org/docs/master/specs/edu.html): factorials, interrupts
 * and a DMA engine. Factorials and transfers are the work of the model's thread.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/model.h"

/* Registers in BAR 0: 4 bytes wide below DMA_FROM, 4 or 8 from there on. */
enum {
	ID = 0x00,
	LIVENESS = 0x04,
	FACTORIAL = 0x08,
	STATUS = 0x20,
	CAUSE = 0x24,
	RAISE = 0x60,
	ACK = 0x64,
	DMA_FROM = 0x80,
	DMA_TO = 0x88,
	DMA_COUNT = 0x90,
	DMA_COMMAND = 0x98,
};

#define ID_VALUE 0x010000ed /* version 1.0 */

#define STATUS_COMPUTING 0x01
#define STATUS_INTERRUPT 0x80 /* when the factorial is there */

#define COMMAND_START	  0x1
#define COMMAND_TO_MEMORY 0x2
#define COMMAND_INTERRUPT 0x4

#define CAUSE_FACTORIAL 0x001
#define CAUSE_DMA	0x100

#define BUFFER	    0x40000 /* where the engine knows its own memory */
#define BUFFER_SIZE 4096
#define DMA_MASK    0xfffffff

struct edu {
	uint32_t liveness;
	uint32_t factorial;
	uint32_t status;
	uint32_t cause;
	uint64_t from;
	uint64_t to;
	uint64_t count;
	uint64_t command;
	uint8_t buffer[BUFFER_SIZE];
};

static int edu_create(struct model *model, const struct model_options *options)
{
	model->priv = calloc(1, sizeof(struct edu));
	return model->priv ? 0 : uldf_device_fail(model->device, -ENOMEM, "out of memory");
}

static void edu_destroy(struct model *model)
{
	free(model->priv);
}

static void edu_reset(struct model *model)
{
	memset(model->priv, 0, sizeof(struct edu));
	model_line(model, false);
}

static void edu_raise(struct model *model, uint32_t cause)
{
	struct edu *edu = model->priv;

	edu->cause |= cause;
	if (!edu->cause)
		return;
	model_message(model, 0);
	model_line(model, true);
}

static void edu_acknowledge(struct model *model, uint32_t cause)
{
	struct edu *edu = model->priv;

	edu->cause &= ~cause;
	model_line(model, edu->cause);
}

/* ---- work */

/* Modulo 2^32, as the register is; from 34 on a factorial has 32 factors of 2. */
static uint32_t factorial_of(uint32_t number)
{
	uint32_t product = 1;

	if (number > 33)
		return 0;
	while (number)
		product *= number--;
	return product;
}

static void edu_compute(struct model *model)
{
	struct edu *edu = model->priv;

	edu->factorial = factorial_of(edu->factorial);
	edu->status &= ~(uint32_t)STATUS_COMPUTING;
	if (edu->status & STATUS_INTERRUPT)
		edu_raise(model, CAUSE_FACTORIAL);
}

/* Where a transfer is in the engine's own memory; NULL for one that is not all in it. */
static uint8_t *buffer_at(struct edu *edu, uint64_t address)
{
	if (address < BUFFER || edu->count > BUFFER_SIZE ||
	    address - BUFFER > BUFFER_SIZE - edu->count)
		return NULL;
	return edu->buffer + (address - BUFFER);
}

static void edu_transfer(struct model *model)
{
	struct edu *edu = model->priv;
	bool to_memory = edu->command & COMMAND_TO_MEMORY;
	uint8_t *own = buffer_at(edu, to_memory ? edu->from : edu->to);

	if (own && to_memory)
		model_dma_write(model, edu->to & DMA_MASK, own, edu->count);
	else if (own)
		model_dma_read(model, edu->from & DMA_MASK, own, edu->count);
	edu->command &= ~(uint64_t)COMMAND_START;
	if (edu->command & COMMAND_INTERRUPT)
		edu_raise(model, CAUSE_DMA);
}

static bool edu_work(struct model *model)
{
	const struct edu *edu = model->priv;

	if (edu->status & STATUS_COMPUTING)
		edu_compute(model);
	else if (edu->command & COMMAND_START)
		edu_transfer(model);
	return edu->status & STATUS_COMPUTING || edu->command & COMMAND_START;
}

/* ---- registers */

static uint64_t edu_read(struct model *model, unsigned int bar, uint64_t offset, unsigned int width)
{
	const struct edu *edu = model->priv;

	if (width < 4 || (offset < DMA_FROM && width != 4))
		return UINT64_MAX;
	switch (offset) {
	case ID:
		return ID_VALUE;
	case LIVENESS:
		return edu->liveness;
	case FACTORIAL:
		return edu->factorial;
	case STATUS:
		return edu->status;
	case CAUSE:
		return edu->cause;
	case DMA_FROM:
		return edu->from;
	case DMA_TO:
		return edu->to;
	case DMA_COUNT:
		return edu->count;
	case DMA_COMMAND:
		return edu->command;
	default:
		return UINT64_MAX;
	}
}

/* While the engine runs its registers take nothing. */
static void write_engine(struct model *model, uint64_t offset, uint64_t value)
{
	struct edu *edu = model->priv;

	if (edu->command & COMMAND_START)
		return;
	switch (offset) {
	case DMA_FROM:
		edu->from = value;
		break;
	case DMA_TO:
		edu->to = value;
		break;
	case DMA_COUNT:
		edu->count = value;
		break;
	case DMA_COMMAND:
		if (!(value & COMMAND_START))
			break;
		edu->command = value;
		model_wake(model);
		break;
	}
}

static void edu_write(struct model *model, unsigned int bar, uint64_t offset, unsigned int width,
		      uint64_t value)
{
	struct edu *edu = model->priv;

	if (width < 4 || (offset < DMA_FROM && width != 4))
		return;
	switch (offset) {
	case LIVENESS:
		edu->liveness = ~(uint32_t)value;
		break;
	case FACTORIAL:
		if (edu->status & STATUS_COMPUTING)
			break;
		edu->factorial = (uint32_t)value;
		edu->status |= STATUS_COMPUTING;
		model_wake(model);
		break;
	case STATUS:
		edu->status = (edu->status & ~(uint32_t)STATUS_INTERRUPT) |
			      ((uint32_t)value & STATUS_INTERRUPT);
		break;
	case RAISE:
		edu_raise(model, (uint32_t)value);
		break;
	case ACK:
		edu_acknowledge(model, (uint32_t)value);
		break;
	default:
		write_engine(model, offset, value);
		break;
	}
}

static const struct model_identity identity = {
	.vendor = 0x1234,
	.device = 0x11e8,
	.subvendor = 0x1af4,
	.subdevice = 0x1100,
	.class_code = 0x00ff00,
	.revision = 0x10,
	.intx = true,
	.msi = 1,
	.bars = {{.size = 1 << 20}},
};

static const char *const options[] = {NULL};

const struct model_ops model_edu = {
	.name = "edu",
	.options = options,
	.identity = &identity,
	.create = edu_create,
	.destroy = edu_destroy,
	.read = edu_read,
	.write = edu_write,
	.reset = edu_reset,
	.work = edu_work,
};
