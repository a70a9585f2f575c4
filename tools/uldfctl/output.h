/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What leaves the program: errors on stderr, exit status, and for who asked for JSON one document on stdout, an
 * object with "version" and with the "errors" there were: uldfctl.schema.json.
 */
#ifndef TOOLS_ULDFCTL_OUTPUT_H
#define TOOLS_ULDFCTL_OUTPUT_H

#include <jansson.h>
#include <uldf.h>

enum output_status {
	OUTPUT_DONE = 0,
	OUTPUT_FAILED = 1,
	OUTPUT_NO_DEVICE = 3,
	OUTPUT_BUSY = 4,
	OUTPUT_PERMISSION = 5,
	OUTPUT_NO_MODULE = 6,
	OUTPUT_USAGE = 64, /* EX_USAGE of sysexits.h, as of all programs here */
};

/* The exit status that tells an error of the library. */
int output_status(int err);

/* One line on stderr, after the program's name. */
__attribute__((format(printf, 1, 2))) void output_error(const char *fmt, ...);

/* Says why the library's last call failed with @err, and the exit status. */
int output_reason(struct uldf_ctx *ctx, int err);

/* JSON is asked for: errors are kept for the document. */
void output_json_begin(void);

/*
 * Prints the document: @members, an object that may be NULL for want of memory, and is dropped; the version, and
 * the errors so far. The exit status.
 */
int output_json(json_t *members);

/* A verb that prints its document as it goes begins and ends it so; what is between has the name @member. */
void output_json_open(const char *member);
int output_json_close(void);

/* JSON was asked for, and the verb is over: a document of errors where it printed none. The exit status. */
int output_json_end(int status);

/* An object with the members of both, which are dropped; NULL where one of them is. */
json_t *output_join(json_t *first, json_t *second);

/* An identifier of so many hexadecimal digits, as lspci prints it. */
json_t *output_hex(uint64_t value, int digits);

/* A string, or null for an empty one; '?' for what is not ASCII in text that is not UTF-8. */
json_t *output_text(const char *text);

/* An address as text. */
json_t *output_address(const struct uldf_address *address);

#endif
