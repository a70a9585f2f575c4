// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>

const char *argp_program_version = "uldf-blk " ULDF_VERSION;

static const char doc[] =
	"Serve a disk, driven by this process, to the host.\v"
	"Drives the IDE or NVMe disk of a claimed controller ('uldfctl claim ADDRESS') and hands "
	"it "
	"to the host's nbd module ('modprobe nbd'), where it is a block device like any other:\n\n"
	"  uldfctl claim 0000:00:08.0\n"
	"  uldf-blk --device 0000:00:08.0 --nbd-device /dev/nbd0\n\n"
	"A line is printed when the disk can be used, from another terminal:\n\n"
	"  mkfs.ext4 /dev/nbd0 && mount /dev/nbd0 /mnt\n\n"
	"SIGTERM, SIGINT or SIGHUP ends it: what the host still holds back is written and "
	"flushed; unmount before, as it does not wait for that. A second signal ends it at "
	"once.\n\n"
	"If it is killed, the host's requests fail. The device is stopped, and stays claimed: "
	"start "
	"uldf-blk again once nothing is mounted from the nbd device any more.\n\n"
	"Exit status: 0 ended by a signal or 'nbd-client -d', 1 failed, 64 the command line is "
	"wrong";

enum {
	DEVICE = 'd',
	NBD_DEVICE = 'n',
	READ_ONLY = 'r',
	UNIT = 'u',
	DEPTH = 256,
	POLLED,
	PIO,
	UNMAPPED,
};

static const struct argp_option table[] = {
	{"device", DEVICE, "ADDRESS", 0, "Controller of the disk; required", 0},
	{"nbd-device", NBD_DEVICE, "FILE", 0, "Block device it becomes (default: /dev/nbd0)", 0},
	{"unit", UNIT, "N", 0,
	 "Disk of the controller, from 0 (default). IDE: primary master, primary slave, secondary "
	 "master, secondary slave; NVMe: namespace N + 1",
	 0},
	{"read-only", READ_ONLY, NULL, 0, "Let nothing be written", 0},
	{"depth", DEPTH, "N", 0,
	 "Requests that an NVMe disk gets at once, at most 32 (default: 32)", 0},
	{"polled", POLLED, NULL, 0, "Ask the disk all the time instead of using interrupts", 0},
	{"pio", PIO, NULL, 0, "Move data by the processor (IDE)", 0},
	{"unmapped", UNMAPPED, NULL, 0, "Reach registers by system calls, to trace them", 0},
	{0},
};

static unsigned int number(struct argp_state *state, const char *text)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || value > 0xffff)
		argp_error(state, "'%s' is no number from 0 to 65535", text);
	return (unsigned int)value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case DEVICE:
		options->device = arg;
		return 0;
	case NBD_DEVICE:
		options->nbd_device = arg;
		return 0;
	case READ_ONLY:
		options->read_only = true;
		return 0;
	case UNIT:
		options->disk.unit = number(state, arg);
		return 0;
	case DEPTH:
		options->disk.depth = number(state, arg);
		return 0;
	case POLLED:
		options->disk.polled = true;
		return 0;
	case PIO:
		options->disk.pio = true;
		return 0;
	case UNMAPPED:
		options->disk.unmapped = true;
		return 0;
	case ARGP_KEY_END:
		if (!options->device)
			argp_error(state, "which disk? --device ADDRESS");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void options_read(struct options *options, int argc, char **argv)
{
	static const struct argp argp = {table, parse, NULL, doc, NULL, NULL, NULL};

	*options = (struct options){.nbd_device = "/dev/nbd0"};
	argp_err_exit_status = 64;
	argp_parse(&argp, argc, argv, 0, NULL, options);
}
