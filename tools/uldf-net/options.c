// SPDX-License-Identifier: GPL-2.0-or-later
#include <argp.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include "options.h"

const char *argp_program_version = "uldf-net " ULDF_VERSION;

enum {
	KEY_DEVICE = 'd',
	KEY_TAP = 't',
	KEY_POLL = 'p',
	KEY_PROMISCUOUS = 'P',
	KEY_INTX = 0x100,
	KEY_NO_OFFLOAD,
};

static const struct argp_option list[] = {
	{"device", KEY_DEVICE, "ADDRESS", 0, "The claimed network card", 0},
	{"tap", KEY_TAP, "NAME", 0, "Name of the interface to make (default: uldf0 or the next)",
	 0},
	{"poll", KEY_POLL, NULL, 0, "Use no interrupt, but one processor whole", 0},
	{"intx", KEY_INTX, NULL, 0, "Use INTx although the card has MSI", 0},
	{"no-offload", KEY_NO_OFFLOAD, NULL, 0,
	 "Let the host compute all checksums and cut TCP into segments", 0},
	{"promiscuous", KEY_PROMISCUOUS, NULL, 0,
	 "Receive what is addressed to others too, as a member of a bridge needs", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case KEY_DEVICE:
		options->device = arg;
		return 0;
	case KEY_TAP:
		if (!*arg || strlen(arg) >= IFNAMSIZ || strchr(arg, '/'))
			argp_error(state, "%s: not a name for an interface, of 1 to %d letters",
				   arg, IFNAMSIZ - 1);
		options->tap = arg;
		return 0;
	case KEY_POLL:
		options->nic.polled = true;
		return 0;
	case KEY_INTX:
		options->nic.intx = true;
		return 0;
	case KEY_NO_OFFLOAD:
		options->offload = false;
		return 0;
	case KEY_PROMISCUOUS:
		options->nic.promiscuous = true;
		return 0;
	case ARGP_KEY_END:
		if (!options->device)
			argp_error(state, "say which card: --device 0000:00:07.0");
		if (options->nic.polled && options->nic.intx)
			argp_error(state, "--poll uses no interrupt: leave --intx out");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = list,
	.parser = parse,
	.args_doc = "",
	.doc = "Make a claimed network card of the Intel 82574 family an interface of this host, "
	       "by a driver that lives in this process.\v"
	       "The interface is a TAP with the card's address and carrier; give it addresses with "
	       "ip(8). It lives as long as the program: SIGTERM or SIGINT ends both, and the card "
	       "is quiet afterwards whatever ended them.\n\n"
	       "The card follows the interface's address, its MTU up to 9212 (a larger one is put "
	       "back) and its promiscuity, in the network namespace that the interface is in. It "
	       "receives the frames of all multicast groups.\n\n"
	       "The host leaves checksums of TCP and UDP, and the cutting of TCP into segments, "
	       "to the card: 'ethtool -k' shows it, 'ethtool -K' or --no-offload end it.\n\n"
	       "SIGUSR1 prints a line with the frames that were carried and lost; the end of the "
	       "program does, too.\n\n"
	       "Exit status:\n"
	       "  0  ended by a signal\n"
	       "  1  failed otherwise\n"
	       "  3  no such device, not claimed, or removed\n"
	       "  4  open already\n"
	       "  5  no permission, or policy\n"
	       "  64 the command line is wrong",
};

void options_parse(struct options *options, int argc, char **argv)
{
	*options = (struct options){.tap = "uldf%d", .offload = true};
	argp_err_exit_status = EXIT_STATUS_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, options);
}

int exit_status(int err)
{
	switch (err) {
	case 0:
		return 0;
	case -ENODEV:
		return EXIT_STATUS_GONE;
	case -EBUSY:
		return EXIT_STATUS_BUSY;
	case -EPERM:
	case -EACCES:
		return EXIT_STATUS_DENIED;
	}
	return EXIT_STATUS_FAILED;
}
