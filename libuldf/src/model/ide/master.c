// SPDX-License-Identifier: MIT
/*
 * The bus master of a channel (BMIDE 1.0). It follows the table of descriptors in memory while the active disk
 * has data to move. An error stops it without an interrupt, and the disk goes on waiting for its data.
 */
#include <endian.h>
#include <linux/pci_regs.h>
#include "model/ide/ide.h"

enum {
	REG_COMMAND = 0,
	REG_MASTER_STATUS = 2,
	REG_TABLE = 4,
};

#define STATUS_CLEAR  (MASTER_ERROR | MASTER_IRQ) /* by writing ones */
#define STATUS_DRIVES (MASTER_DRIVE_0 | MASTER_DRIVE_1)
#define BOUNDARY      0x10000u /* that neither memory nor the table may cross (section 1.2) */
#define LAST	      0x8000

struct descriptor {
	uint32_t address;
	uint16_t size; /* 0: 64 KiB */
	uint16_t flags;
};

/* ---- registers */

uint8_t model_ide_master_read(const struct ide_channel *channel, unsigned int reg)
{
	const struct ide_master *master = &channel->master;

	switch (reg) {
	case REG_COMMAND:
		return master->command;
	case REG_MASTER_STATUS:
		return master->status;
	default:
		return reg < REG_TABLE ? 0 : (uint8_t)(master->table >> 8 * (reg - REG_TABLE));
	}
}

/* A stop forgets where the transfer was; a start begins at the first descriptor. */
static void command_write(struct model *model, struct ide_channel *channel, uint8_t value)
{
	struct ide_master *master = &channel->master;
	bool started = master->command & MASTER_START;

	if (started && value & MASTER_START)
		return; /* the direction may not be changed meanwhile */
	master->command = value & (MASTER_START | MASTER_TO_MEMORY);
	if (started) {
		master->status &= (uint8_t)~MASTER_ACTIVE;
	} else if (value & MASTER_START) {
		master->status |= MASTER_ACTIVE;
		master->next = master->table;
		master->left = 0;
		master->last = false;
		model_wake(model);
	}
}

void model_ide_master_write(struct model *model, struct ide_channel *channel, unsigned int reg,
			    uint8_t value)
{
	struct ide_master *master = &channel->master;
	unsigned int shift = 8 * (reg - REG_TABLE);

	switch (reg) {
	case REG_COMMAND:
		command_write(model, channel, value);
		break;
	case REG_MASTER_STATUS:
		master->status &= (uint8_t) ~(STATUS_DRIVES | (value & STATUS_CLEAR));
		master->status |= value & STATUS_DRIVES;
		break;
	default:
		if (reg < REG_TABLE)
			break;
		master->table &= ~(UINT32_C(0xff) << shift);
		master->table |= (uint32_t)value << shift;
		master->table &= ~UINT32_C(3);
		break;
	}
}

/* ---- transfers */

static bool stop(struct model *model, struct ide_channel *channel)
{
	channel->master.status &= (uint8_t)~MASTER_ACTIVE;
	channel->master.status |= MASTER_ERROR;
	return false;
}

/* An access that the space refuses ends in a master abort (PCI 3.0 section 6.2.3). */
static bool stop_aborted(struct model *model, struct ide_channel *channel)
{
	uint32_t status = model_config_get(model, PCI_STATUS, 2);

	model_config_set(model, PCI_STATUS, 2, status | PCI_STATUS_REC_MASTER_ABORT);
	return stop(model, channel);
}

static bool crosses(uint32_t address, uint32_t size)
{
	return address % BOUNDARY + size > BOUNDARY;
}

static bool descriptor_fetch(struct model *model, struct ide_channel *channel)
{
	struct ide_master *master = &channel->master;
	struct descriptor entry;

	if (model_dma_read(model, master->next, &entry, sizeof(entry)))
		return stop_aborted(model, channel);
	/* Address and size have no bit 0. */
	master->address = le32toh(entry.address) & ~UINT32_C(1);
	master->left = le16toh(entry.size) & 0xfffe;
	if (!master->left)
		master->left = BOUNDARY;
	master->last = le16toh(entry.flags) & LAST;
	/* The table may end where the boundary is. */
	if (crosses(master->address, master->left) ||
	    (!master->last && crosses(master->next, 2 * sizeof(entry))))
		return stop(model, channel);
	master->next += sizeof(entry);
	return true;
}

bool model_ide_master_work(struct model *model, struct ide_channel *channel)
{
	struct ide_transfer *transfer = &channel->transfer;
	struct ide_master *master = &channel->master;
	size_t size = transfer->size - transfer->at;
	uint8_t *data = channel->data + transfer->at;
	int err;

	if (channel->state != STATE_DMA || !(master->status & MASTER_ACTIVE))
		return false;
	if (transfer->write == !!(master->command & MASTER_TO_MEMORY))
		return stop(model, channel);
	if (!master->left && !descriptor_fetch(model, channel))
		return false;
	if (size > master->left)
		size = master->left;
	err = transfer->write ? model_dma_read(model, master->address, data, size)
			      : model_dma_write(model, master->address, data, size);
	if (err)
		return stop_aborted(model, channel);
	master->address += (uint32_t)size;
	master->left -= (uint32_t)size;
	transfer->at += size;
	/* A table that is longer than the transfer leaves the bus master active. */
	if (!master->left && master->last)
		master->status &= (uint8_t)~MASTER_ACTIVE;
	if (transfer->at == transfer->size)
		model_ide_next(model, channel, STATE_DMA);
	return channel->state == STATE_DMA && master->status & MASTER_ACTIVE;
}
