// SPDX-License-Identifier: MIT
/*
 * From a channel in whatever state to one that takes commands: step by step, in the calls of uldf_disk_expire(), after
 * a request that failed in a way that leaves the disk's state unknown, or that takes too long.
 */
#include "ide.h"

/* An end that answers -ETIMEDOUT can be called again; it is, about once a second. */
static const struct {
	int (*begin)(struct ide *ide);
	int (*end)(struct ide *ide, unsigned int seconds);
	unsigned int patience; /* seconds */
} steps[IDE_RECOVERIES] = {
	/* ATA/ATAPI-6 section 9.2: 31 s */
	[IDE_RESETTING] = {ide_reset_begin, ide_reset_end, 31},
	[IDE_UNCACHING] = {ide_cache_off_begin, ide_cache_off_end, DISK_SECONDS},
};

static int begin(struct ide *ide, enum ide_recovery step)
{
	ide->recovery = step;
	ide->waited = 0;
	return steps[step].begin(ide);
}

static int go_on(struct ide *ide)
{
	int err = steps[ide->recovery].end(ide, 0);

	/* The disk may have gone back to what it does after power-on. */
	if (!err && ide->recovery == IDE_RESETTING && ide->uncached) {
		err = begin(ide, IDE_UNCACHING);
		if (!err)
			err = ide_cache_off_end(ide, 0);
	}
	if (err == -ETIMEDOUT && ide->waited++ < steps[ide->recovery].patience)
		return 0;
	if (!err)
		ide->recovery = IDE_WORKS;
	return err;
}

static int stepped(struct ide *ide, int err)
{
	if (err) {
		ide->dead = err == -ENODEV ? err : -EIO;
		ide->recovery = IDE_WORKS;
		if (ide->master)
			disk_master(ide->disk.device, false);
		if (err == -ENODEV)
			ide->why = err;
	}
	if (!ide->recovery && ide->busy && !ide->done)
		ide_end(ide, ide->why);
	return ide->dead;
}

void ide_recover(struct ide *ide, int why)
{
	int err = begin(ide, IDE_RESETTING);

	ide->why = why;
	stepped(ide, err ? err : go_on(ide));
}

int ide_recover_more(struct ide *ide)
{
	return stepped(ide, go_on(ide));
}
