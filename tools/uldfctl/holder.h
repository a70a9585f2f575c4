/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes have a device open, and since when: they are the detector "process" of libuldf. */
#ifndef TOOLS_ULDFCTL_HOLDER_H
#define TOOLS_ULDFCTL_HOLDER_H

#include <jansson.h>
#include <uldf.h>

/* Is it the finding of a process that has the device open, or of several? */
bool holder_is(const struct uldf_finding *finding);

/* The first such finding of the device at @index of @usage; NULL for none. */
const struct uldf_finding *holder_first(const struct uldf_usage *usage, size_t index);

/* Do the findings say that processes cannot be looked at, and name none? */
bool holder_unknown(const struct uldf_finding *list, size_t count);

/* An array of the processes; JSON's null where they are unknown; NULL for want of memory. */
json_t *holder_json(const struct uldf_finding *list, size_t count);

/*
 * Says on stderr that a process has the device open, and what to do: "...; end process 1, or @otherwise", which may
 * be NULL. OUTPUT_DONE where none is seen, OUTPUT_BUSY, or the status of what failed.
 */
int holder_refuse(struct uldf_ctx *ctx, const struct uldf_address *address, const char *otherwise);

#endif
