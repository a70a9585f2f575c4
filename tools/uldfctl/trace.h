/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What trace says of a record, in words and in JSON. */
#ifndef TOOLS_ULDFCTL_TRACE_H
#define TOOLS_ULDFCTL_TRACE_H

#include <jansson.h>
#include <stdio.h>
#include <uldf.h>

/* One line for a record. */
void trace_print(FILE *out, const struct uldf_record *record);

/* The record as an object; NULL for want of memory. */
json_t *trace_json(const struct uldf_record *record);

/*
 * The record as an event of Chrome's trace format (the JSON that chrome://tracing and Perfetto
 * read): calls are slices of the thread that made them, what the device did are instants of thread
 * 0. NULL for want of memory.
 */
json_t *trace_chrome(const struct uldf_record *record);

/* The event that names the process and its thread 0; NULL for want of memory. */
json_t *trace_chrome_name(const char *event, const char *name);

/* "BAR 0", or NULL for a number that no region has. */
const char *trace_region(uint64_t index);

#endif
