/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves the program: errors on stderr, exit status, JSON on stdout. */
#ifndef TOOLS_ULDFCTL_OUTPUT_H
#define TOOLS_ULDFCTL_OUTPUT_H

#include <jansson.h>
#include <uldf.h>

enum output_status {
	OUTPUT_DONE = 0,
	OUTPUT_FAILED = 1,
	OUTPUT_USAGE = 2,
	OUTPUT_NO_DEVICE = 3,
	OUTPUT_BUSY = 4,
	OUTPUT_PERMISSION = 5,
	OUTPUT_NO_MODULE = 6,
};

/* The exit status that tells an error of the library. */
int output_status(int err);

/* One line on stderr, after the program's name. */
__attribute__((format(printf, 1, 2))) void output_error(const char *fmt, ...);

/* Says why the library's last call failed with @err, and the exit status. */
int output_reason(struct uldf_ctx *ctx, int err);

/* Prints @value, which may be NULL for want of memory, and drops it. The exit status. */
int output_json(json_t *value);

/* A string, or null for an empty one; '?' for what is not ASCII in text that is not UTF-8. */
json_t *output_text(const char *text);

/* An address as text. */
json_t *output_address(const struct uldf_address *address);

#endif
