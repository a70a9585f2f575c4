/* SPDX-License-Identifier: MIT */
/*
 * The IDE model: the IDE function of Intel's PIIX3 in compatibility mode, with up to four ATA disks
 * (ATA/ATAPI-6, BMIDE 1.0; sections without a name are ATA/ATAPI-6's). A channel does one command at a time,
 * in pieces, in the model's thread. All is protected by the model's lock.
 */
#ifndef ULDF_SRC_MODEL_IDE_IDE_H
#define ULDF_SRC_MODEL_IDE_IDE_H

#include "model/disk.h"
#include "model/model.h"

#define CHANNELS      2
#define DEVICES	      2 /* of a channel */
#define SERIAL	      20
#define CHUNK	      65536 /* bytes that a disk moves at once */
#define MOST_MULTIPLE 16    /* sectors of a READ MULTIPLE's data block */

/* Registers of a command block (section 7). */
enum {
	REG_DATA = 0,
	REG_ERROR = 1, /* read; written: features */
	REG_COUNT = 2,
	REG_LBA_LOW = 3,
	REG_LBA_HIGH = 5,
	REG_DEVICE = 6,
	REG_STATUS = 7, /* read; written: command */
};

#define STATUS_ERR   0x01
#define STATUS_DRQ   0x08
#define STATUS_DF    0x20
#define STATUS_REST  0x50 /* DRDY, and DSC of earlier standards */
#define STATUS_BSY   0x80
#define ERROR_ABRT   0x04
#define ERROR_IDNF   0x10
#define ERROR_UNC    0x40
#define DEVICE_ONE   0x10
#define DEVICE_LBA   0x40
#define CONTROL_NIEN 0x02
#define CONTROL_SRST 0x04
#define CONTROL_HOB  0x80

/* Registers of a bus master (BMIDE 1.0 section 2). */
#define MASTER_START	 0x01
#define MASTER_TO_MEMORY 0x08
#define MASTER_ACTIVE	 0x01
#define MASTER_ERROR	 0x02
#define MASTER_IRQ	 0x04
#define MASTER_DRIVE_0	 0x20
#define MASTER_DRIVE_1	 0x40
#define MASTER_REGISTERS 8 /* bytes of a channel's */

struct ide_device {
	bool present;
	struct model_disk disk;
	char serial[SERIAL + 1];

	/* The value written last, and the one before it (section 6.20). */
	uint8_t features[2];
	uint8_t count[2];
	uint8_t lba[3][2];
	uint8_t status; /* while no command is done */
	uint8_t error;
	bool interrupt; /* pending */

	unsigned int multiple; /* sectors of a data block of READ MULTIPLE; 0: aborted */
	uint8_t dma;	       /* the multiword mode */
	bool cached;	       /* writes last only once they are flushed */
	bool reverts;	       /* a soft reset undoes what SET FEATURES did */
	bool standby;
	bool asleep;
};

/* What a channel waits for. */
enum ide_state {
	STATE_IDLE,   /* a command */
	STATE_HELD,   /* the end of SRST */
	STATE_RESET,  /* the thread, to reset the devices */
	STATE_ISSUED, /* the thread, to do the command */
	STATE_PIO,    /* the host, to move the data */
	STATE_NEXT,   /* the thread, as the host has moved the data */
	STATE_DMA,    /* the bus master, to move the data */
};

/* The data of a command, a piece of which is in ide_channel.data. */
struct ide_transfer {
	bool write;
	bool ext;	/* of a command with 48 bits of address */
	uint64_t block; /* of the piece */
	uint32_t left;	/* sectors, with those of the piece */
	uint32_t step;	/* sectors that a piece has at most */
	size_t size;	/* bytes of the piece, */
	size_t at;	/* and how many of them were moved */
};

struct ide_master {
	uint8_t command;
	uint8_t status;
	uint32_t table;	  /* as the host wrote it */
	uint32_t next;	  /* descriptor to fetch */
	uint32_t address; /* where the next byte goes, */
	uint32_t left;	  /* and how many go there; 0: the next descriptor is to be fetched */
	bool last;	  /* the descriptor has the end-of-table bit */
};

struct ide_channel {
	struct ide_device devices[DEVICES];
	uint8_t device; /* registers that both devices have the same of */
	uint8_t control;
	bool line; /* INTRQ */
	enum ide_state state;
	unsigned int active; /* device that does a command */
	uint8_t command;
	struct ide_transfer transfer;
	struct ide_master master;
	uint8_t data[CHUNK];
};

struct ide_model {
	struct ide_channel channels[CHANNELS];
};

static inline struct ide_model *ide_of(const struct model *model)
{
	return model->priv;
}

static inline struct ide_device *ide_active(struct ide_channel *channel)
{
	return &channel->devices[channel->active];
}

/* ---- taskfile.c: the registers of a channel's devices */
uint8_t model_ide_register_read(struct model *model, struct ide_channel *channel, unsigned int reg);
void model_ide_register_write(struct model *model, struct ide_channel *channel, unsigned int reg,
			      uint8_t value);
uint16_t model_ide_data_read(struct model *model, struct ide_channel *channel);
void model_ide_data_write(struct model *model, struct ide_channel *channel, uint16_t value);
uint8_t model_ide_alternate(const struct ide_channel *channel);
void model_ide_control(struct model *model, struct ide_channel *channel, uint8_t value);
/* Gives all registers the values that they have after power-on, and lowers the interrupt line. */
void model_ide_channel_reset(struct model *model, struct ide_channel *channel);
/* Puts into the devices' registers what is there after a reset or a diagnosis (section 9.12). */
void model_ide_signature(struct ide_channel *channel);
/* Raises or lowers the ISA line, as the selected device says. */
void model_ide_line(struct model *model, struct ide_channel *channel);

/**
 * model_ide_end() - end the command of a channel
 * @model: model, locked
 * @channel: channel
 * @status: STATUS_ERR, STATUS_DF, or 0 for a success
 * @error: the error register
 * @interrupt: the device interrupts
 */
void model_ide_end(struct model *model, struct ide_channel *channel, uint8_t status, uint8_t error,
		   bool interrupt);

/* ---- command.c: does the command that was issued */
void model_ide_command(struct model *model, struct ide_channel *channel);

/* ---- transfer.c: pieces of data between a disk and ide_channel.data */

/**
 * model_ide_begin() - begin the transfer of a command
 * @model: model, locked
 * @channel: channel, whose transfer is filled but for its piece
 * @state: STATE_PIO or STATE_DMA: who moves the data
 */
void model_ide_begin(struct model *model, struct ide_channel *channel, enum ide_state state);
/* Goes on when a whole piece was moved: the next one, or the end of the command. */
void model_ide_next(struct model *model, struct ide_channel *channel, enum ide_state state);
/* Ends a command that fails at a sector. */
void model_ide_fail(struct model *model, struct ide_channel *channel, uint64_t block,
		    uint8_t status, uint8_t error);

/* ---- master.c: the bus master of a channel */
uint8_t model_ide_master_read(const struct ide_channel *channel, unsigned int reg);
void model_ide_master_write(struct model *model, struct ide_channel *channel, unsigned int reg,
			    uint8_t value);
/* Moves data of one descriptor. Returns true when there is more to move. */
bool model_ide_master_work(struct model *model, struct ide_channel *channel);

/* ---- identify.c: the answer to IDENTIFY DEVICE */
/* Sectors that commands reach, with 48 bits of address or with 28. */
uint64_t model_ide_sectors(const struct ide_device *device, bool ext);
void model_ide_identify(const struct ide_channel *channel, unsigned int index, uint8_t *data);

#endif
