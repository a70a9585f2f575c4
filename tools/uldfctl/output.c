// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "output.h"

/* Fields are added, and never moved: it stays 1. */
#define OUTPUT_VERSION 1

static json_t *errors; /* NULL: no JSON */
static bool printed;   /* the document */

int output_status(int err)
{
	switch (err) {
	case 0:
		return OUTPUT_DONE;
	case -ENODEV:
		return OUTPUT_NO_DEVICE;
	case -EBUSY:
		return OUTPUT_BUSY;
	case -EPERM:
	case -EACCES:
		return OUTPUT_PERMISSION;
	case -ENOENT:
		return OUTPUT_NO_MODULE;
	default:
		return OUTPUT_FAILED;
	}
}

void output_error(const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	fprintf(stderr, "uldfctl: %s\n", text ? text : "out of memory");
	if (errors)
		json_array_append_new(errors,
				      json_pack("{so}", "message", output_text(text ? text : "")));
	free(text);
}

int output_reason(struct uldf_ctx *ctx, int err)
{
	char reason[256];

	uldf_reason(ctx, reason, sizeof(reason));
	output_error("%s", reason);
	return output_status(err);
}

void output_json_begin(void)
{
	errors = json_array();
}

static int json_written(bool written)
{
	if (written && !fflush(stdout) && !ferror(stdout))
		return OUTPUT_DONE;
	output_error("cannot write the answer");
	return OUTPUT_FAILED;
}

int output_json(json_t *members)
{
	json_t *value = json_pack("{si}", "version", OUTPUT_VERSION);
	bool written = members && !json_object_update(value, members);

	if (json_array_size(errors))
		json_object_set(value, "errors", errors);
	written = written && !json_dumpf(value, stdout, JSON_INDENT(2)) && putchar('\n') != EOF;
	json_decref(value);
	json_decref(members);
	printed = true;
	return json_written(written);
}

void output_json_open(const char *member)
{
	printed = true;
	printf("{\"version\": %d, \"%s\": [\n", OUTPUT_VERSION, member);
}

int output_json_close(void)
{
	bool written = fputs("\n]", stdout) != EOF;

	if (json_array_size(errors))
		written = written && fputs(", \"errors\": ", stdout) != EOF &&
			  !json_dumpf(errors, stdout, JSON_COMPACT);
	return json_written(written && fputs("}\n", stdout) != EOF);
}

int output_json_end(int status)
{
	if (errors && !printed && output_json(json_object()) && !status)
		status = OUTPUT_FAILED;
	json_decref(errors);
	errors = NULL;
	return status;
}

json_t *output_join(json_t *first, json_t *second)
{
	if (first && second && !json_object_update(first, second)) {
		json_decref(second);
		return first;
	}
	json_decref(first);
	json_decref(second);
	return NULL;
}

json_t *output_hex(uint64_t value, int digits)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*" PRIx64, digits, value);
	return json_string(text);
}

/* JSON is UTF-8; a mount point's name need not be, and may have been cut within a character. */
static json_t *text_as_ascii(const char *text)
{
	char ascii[1024];
	size_t length = 0;

	for (; text[length] && length < sizeof(ascii) - 1; length++)
		ascii[length] = (signed char)text[length] < 0 ? '?' : text[length];
	ascii[length] = '\0';
	return json_string(ascii);
}

json_t *output_text(const char *text)
{
	json_t *value;

	if (!text[0])
		return json_null();
	value = json_string(text);
	return value ? value : text_as_ascii(text);
}

json_t *output_address(const struct uldf_address *address)
{
	char text[ULDF_ADDRESS_TEXT];

	uldf_address_format(address, text);
	return json_string(text);
}
