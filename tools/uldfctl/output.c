// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include "output.h"

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
	va_list args;

	fputs("uldfctl: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

int output_reason(struct uldf_ctx *ctx, int err)
{
	char reason[256];

	uldf_reason(ctx, reason, sizeof(reason));
	output_error("%s", reason);
	return output_status(err);
}

int output_json(json_t *value)
{
	int failed = !value || json_dumpf(value, stdout, JSON_INDENT(2)) || putchar('\n') == EOF ||
		     fflush(stdout);

	json_decref(value);
	if (!failed)
		return OUTPUT_DONE;
	output_error("cannot write the answer");
	return OUTPUT_FAILED;
}

/* JSON is UTF-8; a mount point's name need not be, and may have been cut within a character. */
static json_t *text_as_ascii(const char *text)
{
	char ascii[256];
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
