// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "facts.h"

/* Flag of a resource that consists of ports (IORESOURCE_IO of the kernel). */
#define RESOURCE_PORTS 0x100

static FILE *facts_open(const char *sysfs, const struct uldf_address *address, const char *name)
{
	char text[ULDF_ADDRESS_TEXT], path[512];

	uldf_address_format(address, text);
	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/%s", sysfs, text, name);
	return fopen(path, "re");
}

/* A line for each region: "0xfeb80000 0xfeb9ffff 0x40200", zeros where there is none. */
static void facts_read_bars(FILE *file, struct facts *out)
{
	uint64_t first, last, flags;

	for (unsigned int i = 0; i < FACTS_BARS; i++) {
		if (fscanf(file, "%" SCNx64 " %" SCNx64 " %" SCNx64, &first, &last, &flags) != 3)
			return;
		if (flags && last >= first)
			out->bars[i] = (struct facts_bar){.size = last - first + 1,
							  .ports = flags & RESOURCE_PORTS};
	}
}

void facts_read(const char *sysfs, const struct uldf_address *address, struct facts *out)
{
	FILE *file = facts_open(sysfs, address, "reset_method");

	memset(out, 0, sizeof(*out));
	if (file) {
		if (fgets(out->resets, sizeof(out->resets), file))
			out->resets[strcspn(out->resets, "\n")] = '\0';
		fclose(file);
	}
	file = facts_open(sysfs, address, "resource");
	if (file) {
		facts_read_bars(file, out);
		fclose(file);
	}
}
