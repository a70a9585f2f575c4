// SPDX-License-Identifier: GPL-2.0-or-later
#include "drive.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MASK UINT64_C(0xffffffff) /* what IDE can master, and more than enough for our buffers */

static int reason(const struct drive *drive, int err)
{
	char text[256];

	uldf_reason(drive->ctx, text, sizeof(text));
	fprintf(stderr, "uldf-blk: %s\n", text[0] ? text : strerror(-err));
	return err;
}

/* A host without an IOMMU has bare spaces only, if its admin allows them. */
static int space_create(struct drive *drive)
{
	if (uldf_device_info(drive->device)->translated)
		return uldf_space_create_masked(drive->device, MASK, &drive->space);
	return uldf_space_create_bare(drive->device, MASK, &drive->space);
}

int drive_open(struct drive *drive, const struct options *options)
{
	int err;

	*drive = (struct drive){.ctx = NULL};
	err = uldf_ctx_create(&drive->ctx);
	if (err) {
		fprintf(stderr, "uldf-blk: out of memory\n");
		return err;
	}
	err = uldf_device_open(drive->ctx, options->device, &drive->device);
	if (!err)
		err = space_create(drive);
	if (!err)
		err = uldf_device_attach(drive->device, drive->space);
	if (err) {
		reason(drive, err);
		goto err_close;
	}
	drive->attached = true;
	err = uldf_disk_open(drive->device, drive->space, &options->disk, &drive->disk);
	if (err) {
		reason(drive, err);
		goto err_close;
	}
	return 0;

err_close:
	drive_close(drive);
	return err;
}

void drive_close(struct drive *drive)
{
	uldf_disk_close(drive->disk);
	if (drive->attached)
		uldf_device_detach(drive->device);
	uldf_space_destroy(drive->space);
	uldf_device_close(drive->device);
	uldf_ctx_destroy(drive->ctx);
}
