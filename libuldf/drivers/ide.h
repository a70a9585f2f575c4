/* SPDX-License-Identifier: MIT */
/* The IDE driver from the inside: registers, the channel's state, and who does what with it. */
#ifndef ULDF_DRIVERS_IDE_H_
#define ULDF_DRIVERS_IDE_H_

#include <uldf/device.h>
#include <uldf/drivers/ide.h>
#include <uldf/io.h>
#include "ata-identify.h"
#include "disk-ops.h"

/* Command block registers (ATA/ATAPI-6 section 7): offsets in the channel's first region. */
enum {
	ATA_DATA = 0,
	ATA_ERROR = 1,
	ATA_FEATURES = 1,
	ATA_COUNT = 2,
	ATA_LBA_LOW = 3,
	ATA_LBA_MID = 4,
	ATA_LBA_HIGH = 5,
	ATA_DEVICE = 6,
	ATA_STATUS = 7,
	ATA_COMMAND = 7,
};

#define ATA_STATUS_ERR	 0x01
#define ATA_STATUS_DRQ	 0x08
#define ATA_STATUS_DF	 0x20
#define ATA_STATUS_BSY	 0x80
#define ATA_CACHE_OFF	 0x82 /* a feature to set (ATA/ATAPI-6 section 8.46.2) */
#define ATA_CONTROL_NIEN 0x02
#define ATA_CONTROL_SRST 0x04
#define ATA_DEVICE_LBA	 0x40
#define ATA_DEVICE_ONE	 0x10 /* the slave */

enum {
	ATA_READ_SECTORS = 0x20,
	ATA_READ_SECTORS_EXT = 0x24,
	ATA_READ_DMA_EXT = 0x25,
	ATA_WRITE_SECTORS = 0x30,
	ATA_WRITE_SECTORS_EXT = 0x34,
	ATA_WRITE_DMA_EXT = 0x35,
	ATA_WRITE_DMA_FUA_EXT = 0x3d, /* ATA/ATAPI-7 section 6.69 */
	ATA_READ_DMA = 0xc8,
	ATA_WRITE_DMA = 0xca,
	ATA_FLUSH_CACHE = 0xe7,
	ATA_FLUSH_CACHE_EXT = 0xea,
	ATA_IDENTIFY_DEVICE = 0xec,
	ATA_SET_FEATURES = 0xef,
};

/* Bus master registers (BMIDE 1.0 section 2): offsets in region 4, 8 further for the secondary channel. */
#define BM_REGION  4
#define BM_CHANNEL 8
enum {
	BM_COMMAND = 0,
	BM_STATUS = 2,
	BM_TABLE = 4,
};

#define BM_COMMAND_START 0x01
#define BM_COMMAND_READ	 0x08 /* from the disk, into memory */
#define BM_STATUS_ACTIVE 0x01
#define BM_STATUS_ERROR	 0x02
#define BM_STATUS_IRQ	 0x04
#define BM_STATUS_DRIVES 0x60 /* "can do DMA", kept for whoever comes next */

#define DISK_SECONDS 30 /* that a disk may take to spin up and find a block */

/* Where the reset is that ended a request: its steps, in order. */
enum ide_recovery {
	IDE_WORKS,
	IDE_RESETTING,
	IDE_UNCACHING, /* only if the disk's write cache was switched off */
	IDE_RECOVERIES,
};

struct ide {
	struct uldf_disk disk;
	struct ata_identity identity;
	struct uldf_buffer *table; /* of PRDs, a page; NULL without DMA */
	unsigned int unit;
	unsigned int channel;
	uint8_t select;		/* device register without address bits */
	uint8_t command_region; /* where the command block is */
	uint8_t control_region; /* where device control and alternate status are, */
	uint8_t control_offset; /* and where in it */
	uint8_t bm_drives;	/* BM_STATUS_DRIVES as found */
	bool interrupts;
	bool level;    /* INTx, masked when delivered */
	bool master;   /* bus mastering was switched on */
	bool uncached; /* the disk's write cache was switched off, as it knows no flush */

	bool busy;    /* something was submitted and not collected, */
	bool done;    /* and it is done, */
	bool dma;     /* and the bus master works at it */
	int status;   /* of what is done */
	uint64_t tag; /* of what was submitted */
	unsigned int age;
	int dead; /* why it did not come back from a reset; 0 while it works */
	enum ide_recovery recovery;
	unsigned int waited; /* calls, for the step of the recovery */
	int why;	     /* it was reset: what was submitted ends with this */
};

/* Register accesses in the making; ide_batch_run() does them. */
struct ide_batch {
	struct uldf_io list[ULDF_IO_BATCH_MAX];
	uint8_t wanted[ULDF_IO_BATCH_MAX]; /* by polls */
	size_t count;
};

/* ---- ide-batch.c: register accesses, in one system call where the backend has it */
void ide_out(struct ide_batch *batch, const struct ide *ide, unsigned int reg, uint8_t value);
struct uldf_io *ide_in(struct ide_batch *batch, const struct ide *ide, unsigned int reg);
void ide_control(struct ide_batch *batch, const struct ide *ide, uint8_t value);
struct uldf_io *ide_alternate(struct ide_batch *batch, const struct ide *ide);
/* Until the bits of @mask in the alternate status are as in @value: long for 0, else only a moment. */
struct uldf_io *ide_until(struct ide_batch *batch, const struct ide *ide, uint8_t mask,
			  uint8_t value);
/* @count words of data between the disk and memory. */
void ide_string(struct ide_batch *batch, const struct ide *ide, enum uldf_io_kind kind, void *data,
		uint32_t count);
void ide_bm_out(struct ide_batch *batch, const struct ide *ide, unsigned int reg, uint8_t width,
		uint32_t value);
/* Takes back what the status says of an interrupt and an error, by writing it (BMIDE 1.0 section 2.2). */
void ide_bm_clear(struct ide_batch *batch, const struct ide *ide);
struct uldf_io *ide_bm_in(struct ide_batch *batch, const struct ide *ide, unsigned int reg);
/* Does them all; polls for bits to clear go on for @seconds in all. */
int ide_batch_run(struct ide_batch *batch, const struct ide *ide, unsigned int seconds);

/* ---- ide-command.c */
/* Device, count and address registers of a command, then the command. */
void ide_taskfile(struct ide_batch *batch, const struct ide *ide, uint8_t command, uint64_t block,
		  uint32_t count, bool ext);
/* Starts what the bus master is to do, or a flush. */
int ide_issue(struct ide *ide, const struct uldf_disk_request *request);
/* Looks whether it is done; @asked: interrupts are not waited for. */
int ide_check(struct ide *ide, bool asked);

/* ---- ide-pio.c */
int ide_pio(struct ide *ide, const struct uldf_disk_request *request);
int ide_identify(struct ide *ide);
/* Begins to switch the disk's write cache off. */
int ide_cache_off_begin(struct ide *ide);
/* Waits up to @seconds, 0: a moment. Return: 0, -EIO it cannot, -ETIMEDOUT: can be called again. */
int ide_cache_off_end(struct ide *ide, unsigned int seconds);

/* ---- ide-reset.c: soft reset of the channel (ATA/ATAPI-6 section 9.2) */
/* Stops the bus master, and resets the disks. */
int ide_reset_begin(struct ide *ide);
/* Waits for the disk, as ide_cache_off_end() does. */
int ide_reset_end(struct ide *ide, unsigned int seconds);

/* ---- ide-recover.c */
/* Stops what is going on, whatever its state; what was submitted ends with @why once the disk works again. */
void ide_recover(struct ide *ide, int why);
/* Goes on as far as the disk has got. Return: 0, or why it does not come back. */
int ide_recover_more(struct ide *ide);

/* ---- ide.c */
/* What was submitted ends with this. */
void ide_end(struct ide *ide, int status);

#endif
