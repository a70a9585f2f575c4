/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What uldf.ko has counted of a claimed device since the claim. */
#ifndef TOOLS_ULDFCTL_COUNTERS_H
#define TOOLS_ULDFCTL_COUNTERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <uldf/discover.h>

enum counter {
	COUNTER_OPENS,
	COUNTER_RESETS,
	COUNTER_INTERRUPTS,
	COUNTER_MAPPINGS, /* in the space that it is attached to now */
	COUNTER_MAPPED,	  /* in that space so far */
	COUNTER_UNMAPPED,
	COUNTERS,
};

/* @known: the device is claimed, and its counters were read. */
struct counters {
	bool known;
	uint64_t values[COUNTERS];
};

/* Reads the counters of a device below @sysfs, as "/sys". */
void counters_read(const char *sysfs, const struct uldf_address *address, struct counters *out);

/* Prints a line, without indent; nothing where they are not known. */
void counters_print(const struct counters *counters, FILE *to);

/* An object; JSON's null where they are not known; NULL for want of memory. */
json_t *counters_json(const struct counters *counters);

#endif
