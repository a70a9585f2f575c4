/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysfs tells of a device beside who holds it: how it can be reset, how large its regions are. */
#ifndef TOOLS_ULDFCTL_FACTS_H
#define TOOLS_ULDFCTL_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <uldf/discover.h>

#define FACTS_BARS 6

/* A base address register that the device has: @size in bytes, 0 for none. */
struct facts_bar {
	uint64_t size;
	bool ports;
};

/*
 * @resets: names of the methods that the kernel has for it, in the order in which it tries them: "flr pm bus"; empty
 *          for none
 * @bars: its regions
 */
struct facts {
	char resets[128];
	struct facts_bar bars[FACTS_BARS];
};

/* Reads the facts of a device below @sysfs, as "/sys". What cannot be read is left out. */
void facts_read(const char *sysfs, const struct uldf_address *address, struct facts *out);

#endif
