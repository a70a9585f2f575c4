// SPDX-License-Identifier: MIT
/* lab-ioctl SUITE ADDRESS: runs one suite on one device that nobody holds. */
#include <stdio.h>
#include <string.h>

#include "ioctl.h"

static const struct {
	const char *name;
	void (*run)(const struct address *device);
} suites[] = {
	{"arguments", suite_arguments}, {"claim", suite_claim},	  {"region", suite_region},
	{"config", suite_config},	{"vector", suite_vector}, {"receive", suite_receive},
	{"space", suite_space},		{"memory", suite_memory}, {"edu", suite_edu},
	{"kill", suite_kill},		{"hammer", suite_hammer}, {"unplug", suite_unplug},
};

int main(int argc, char **argv)
{
	struct address address = {};
	unsigned int bus, slot, function;

	if (argc != 3 ||
	    sscanf(argv[2], "%x:%x:%x.%x", &address.segment, &bus, &slot, &function) != 4) {
		fprintf(stderr, "usage: lab-ioctl SUITE dddd:bb:dd.f\n");
		return 2;
	}
	snprintf(address.text, sizeof(address.text), "%s", argv[2]);
	address.bus = bus;
	address.devfn = slot << 3 | function;
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
