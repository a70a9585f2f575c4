/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device, its space and the disk, as one thing. */
#ifndef ULDF_BLK_DRIVE_H
#define ULDF_BLK_DRIVE_H

#include <uldf.h>
#include <uldf/drivers/disk.h>
#include "options.h"

struct drive {
	struct uldf_ctx *ctx;
	struct uldf_device *device;
	struct uldf_space *space;
	bool attached;
	struct uldf_disk *disk;
};

/* Return: 0, or a negative errno after it was told on stderr; then nothing is left open. */
int drive_open(struct drive *drive, const struct options *options);
void drive_close(struct drive *drive);

#endif
