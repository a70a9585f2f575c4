// SPDX-License-Identifier: MIT
/* lab-ioctl SUITE ADDRESS: runs one suite on one device that nobody holds. */
#include <stdio.h>
#include <string.h>

#include "ioctl.h"

static const struct {
	const char *name;
	void (*run)(const struct address *device);
} suites[] = {
	{"arguments", suite_arguments},
	{"claim", suite_claim},
	{"first", suite_first},
	{"leave", suite_leave},
	{"line", suite_line},
	{"opening", suite_opening},
	{"opening-bare", suite_opening_bare},
	{"opening-locked", suite_opening_locked},
	{"answer", suite_answer},
	{"opening-unsafe", suite_opening_unsafe},
	{"charge", suite_charge},
	{"charge-bare", suite_charge_bare},
	{"group", suite_group},
	{"region", suite_region},
	{"areas", suite_areas},
	{"bigbar", suite_bigbar},
	{"vpd", suite_vpd},
	{"requests", suite_requests},
	{"config", suite_config},
	{"vendor-area", suite_vendor_area},
	{"vector", suite_vector},
	{"receive", suite_receive},
	{"space", suite_space},
	{"rows", suite_rows},
	{"memory", suite_memory},
	{"bounds", suite_bounds},
	{"range", suite_range},
	{"share", suite_share},
	{"move", suite_move},
	{"peer", suite_peer},
	{"edu", suite_edu},
	{"fault", suite_fault},
	{"kill", suite_kill},
	{"unplug", suite_unplug},
	{"bare", suite_bare},
	{"bare-heir", suite_bare_heir},
	{"bare-refused", suite_bare_refused},
	{"shared-space", suite_shared_space},
	{"stats", suite_stats},
	{"hand", suite_hand},
	{"functions", suite_functions},
	{"going", suite_going},
	{"io", suite_io},
	{"guest", suite_guest},
	{"messages", suite_messages},
	{"shared", suite_shared},
	{"power", suite_power},
	{"events", suite_events},
	{"error", suite_error},
	{"error-mild", suite_error_mild},
	{"error-functions", suite_error_functions},
	{"error-anew", suite_error_anew},
	{"error-lost", suite_error_lost},
	{"error-none", suite_error_none},
};

int main(int argc, char **argv)
{
	struct address address = {};

	if (argc != 3) {
		fprintf(stderr, "usage: lab-ioctl SUITE dddd:bb:dd.f\n");
		return 2;
	}
	address_parse(argv[2], &address);
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		if (strcmp(suites[i].name, argv[1]))
			continue;
		printf("# %s on %s\n", argv[1], argv[2]);
		suites[i].run(&address);
		return check_failures() ? 1 : 0;
	}
	fprintf(stderr, "lab-ioctl: no suite %s\n", argv[1]);
	return 2;
}
