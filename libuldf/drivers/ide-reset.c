// SPDX-License-Identifier: MIT
#include <errno.h>
#include <time.h>
#include "ide.h"

static void wait_microseconds(long microseconds)
{
	nanosleep(&(struct timespec){.tv_nsec = microseconds * 1000}, NULL);
}

int ide_reset_begin(struct ide *ide)
{
	uint8_t control = ide->interrupts ? 0 : ATA_CONTROL_NIEN;
	struct ide_batch batch = {.count = 0};
	int err;

	ide->dma = false;
	if (ide->table)
		ide_bm_out(&batch, ide, BM_COMMAND, 1, 0);
	ide_control(&batch, ide, ATA_CONTROL_SRST | ATA_CONTROL_NIEN);
	err = ide_batch_run(&batch, ide, 0);
	if (err)
		return err;
	wait_microseconds(5);
	batch.count = 0;
	ide_control(&batch, ide, control);
	err = ide_batch_run(&batch, ide, 0);
	if (err)
		return err;
	/* Only then is BSY sure to be set by a disk that is not ready (ATA/ATAPI-6 section 9.2). */
	wait_microseconds(2000);
	return 0;
}

int ide_reset_end(struct ide *ide, unsigned int seconds)
{
	struct ide_batch batch = {.count = 0};

	ide_until(&batch, ide, ATA_STATUS_BSY, 0);
	ide_out(&batch, ide, ATA_DEVICE, ide->select);
	ide_alternate(&batch, ide);
	ide_until(&batch, ide, ATA_STATUS_BSY | ATA_STATUS_DRQ, 0);
	if (ide->table)
		ide_bm_clear(&batch, ide);
	return ide_batch_run(&batch, ide, seconds);
}
