/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What trace says of a record, in words and in JSON. */
#ifndef TOOLS_ULDFCTL_TRACE_H
#define TOOLS_ULDFCTL_TRACE_H

#include <jansson.h>
#include <stdio.h>
#include <uldf.h>

/* One line for a record. @number: which it is, from 1: a replay names it so. */
void trace_print(FILE *out, uint64_t number, const struct uldf_record *record);

/* The record as an object, with its number; NULL for want of memory. */
json_t *trace_json(uint64_t number, const struct uldf_record *record);

/*
 * The record as an event of Chrome's trace format (the JSON that chrome://tracing and Perfetto
 * read): calls are slices of the thread that made them, what the device did are instants of thread
 * 0. The number stands in the arguments. NULL for want of memory.
 */
json_t *trace_chrome(uint64_t number, const struct uldf_record *record);

/* The event that names the process and its thread 0; NULL for want of memory. */
json_t *trace_chrome_name(const char *event, const char *name);

/* "BAR0", or NULL for a number that no region has. */
const char *trace_region(uint64_t index);

/* "MSI", "flr", "poll": the word for a number of a record; NULL where it has none. @name: of the number. */
const char *trace_word(const char *name, uint64_t value);

#endif
