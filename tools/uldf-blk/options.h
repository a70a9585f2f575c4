/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ULDF_BLK_OPTIONS_H
#define ULDF_BLK_OPTIONS_H

#include <uldf/drivers/disk.h>

struct options {
	const char *device;
	const char *nbd_device;
	bool read_only;
	struct uldf_disk_options disk;
};

/* Reads the command line; ends the process when it is wrong. */
void options_read(struct options *options, int argc, char **argv);

#endif
