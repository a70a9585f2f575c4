/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_ULDF_NET_OPTIONS_H
#define TOOLS_ULDF_NET_OPTIONS_H

#include <uldf/drivers/e1000e.h>

/* The exit statuses, those of uldfctl. */
enum {
	EXIT_STATUS_FAILED = 1,
	EXIT_STATUS_GONE = 3,
	EXIT_STATUS_BUSY = 4,
	EXIT_STATUS_DENIED = 5,
	EXIT_STATUS_USAGE = 64,
};

struct options {
	const char *device;
	const char *tap;
	bool offload;
	struct uldf_e1000e_options nic;
};

/* Ends the program when the command line makes no sense, or asks for help. */
void options_parse(struct options *options, int argc, char **argv);

/* What the program ends with when @err, a negative errno, is why. */
int exit_status(int err);

#endif
