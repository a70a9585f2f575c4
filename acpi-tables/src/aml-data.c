// SPDX-License-Identifier: MIT
/* Integers, strings, names and identifiers (ACPI 6.3 §20.2.2, §20.2.3, §19.3.4, §19.6.142). */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "aml.h"

enum {
	OP_ZERO = 0x00,
	OP_ONE = 0x01,
	PREFIX_BYTE = 0x0a,
	PREFIX_WORD = 0x0b,
	PREFIX_DWORD = 0x0c,
	PREFIX_STRING = 0x0d,
	PREFIX_QWORD = 0x0e,
	OP_BUFFER = 0x11,
	PREFIX_DUAL_NAME = 0x2e,
	PREFIX_MULTI_NAME = 0x2f,
	OP_LOCAL0 = 0x60,
	OP_ARG0 = 0x68,
};

#define SEGMENT_LENGTH 4
#define MAX_SEGMENTS   255
#define LAST_LOCAL     7
#define LAST_ARG       6

void aml_integer(struct aml *a, uint64_t value)
{
	if (value <= 1) {
		acpi_buffer_u8(a->out, value ? OP_ONE : OP_ZERO);
	} else if (value <= UINT8_MAX) {
		acpi_buffer_u8(a->out, PREFIX_BYTE);
		acpi_buffer_u8(a->out, (uint8_t)value);
	} else if (value <= UINT16_MAX) {
		acpi_buffer_u8(a->out, PREFIX_WORD);
		acpi_buffer_u16(a->out, (uint16_t)value);
	} else if (value <= UINT32_MAX) {
		acpi_buffer_u8(a->out, PREFIX_DWORD);
		acpi_buffer_u32(a->out, (uint32_t)value);
	} else {
		acpi_buffer_u8(a->out, PREFIX_QWORD);
		acpi_buffer_u64(a->out, value);
	}
}

void aml_string(struct aml *a, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (*c & 0x80)
			acpi_buffer_fail(a->out, -EINVAL);
	}
	acpi_buffer_u8(a->out, PREFIX_STRING);
	acpi_buffer_bytes(a->out, text, strlen(text) + 1);
}

static bool is_lead_char(char c)
{
	return (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_char(char c)
{
	return is_lead_char(c) || (c >= '0' && c <= '9');
}

/* Length of the name segment at @text, 1..4; 0 if it is none. */
static size_t segment_length(const char *text)
{
	size_t n = 0;

	if (!is_lead_char(*text))
		return 0;
	while (is_name_char(text[n]))
		n++;
	return n <= SEGMENT_LENGTH ? n : 0;
}

/* Number of segments of a path without its prefix, or -1 if it is malformed. */
static int count_segments(const char *path)
{
	int n = 0;

	while (*path) {
		size_t length = segment_length(path);

		if (!length)
			return -1;
		n++;
		path += length;
		if (*path == '.' && path[1])
			path++;
		else if (*path)
			return -1;
	}
	return n <= MAX_SEGMENTS ? n : -1;
}

void aml_name(struct aml *a, const char *path)
{
	size_t prefix = *path == '\\' ? 1 : strspn(path, "^");
	int n = count_segments(path + prefix);

	if (n < 0 || (!n && !prefix)) {
		acpi_buffer_fail(a->out, -EINVAL);
		return;
	}
	acpi_buffer_bytes(a->out, path, prefix);
	path += prefix;
	if (n == 0) {
		acpi_buffer_u8(a->out, OP_ZERO); /* NullName: the root or parent itself */
	} else if (n == 2) {
		acpi_buffer_u8(a->out, PREFIX_DUAL_NAME);
	} else if (n > 2) {
		acpi_buffer_u8(a->out, PREFIX_MULTI_NAME);
		acpi_buffer_u8(a->out, (uint8_t)n);
	}
	while (*path) {
		size_t length = segment_length(path);

		acpi_buffer_bytes(a->out, path, length);
		acpi_buffer_bytes(a->out, "____", SEGMENT_LENGTH - length);
		path += length;
		if (*path == '.')
			path++;
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Two hexadecimal digits, or -1; the second is not looked at if the first is bad. */
static int hex_byte(const char *text)
{
	int high = hex_digit(text[0]);
	int low = high < 0 ? -1 : hex_digit(text[1]);

	return low < 0 ? -1 : high << 4 | low;
}

void aml_eisaid(struct aml *a, const char *id)
{
	unsigned int letters = 0;
	bool good = strlen(id) == 7;

	for (int i = 0; good && i < 3; i++) {
		good = id[i] >= 'A' && id[i] <= 'Z';
		letters = letters << 5 | (unsigned int)(id[i] - '@');
	}
	if (!good || hex_byte(id + 3) < 0 || hex_byte(id + 5) < 0) {
		acpi_buffer_fail(a->out, -EINVAL);
		return;
	}
	acpi_buffer_u8(a->out, PREFIX_DWORD);
	acpi_buffer_u8(a->out, (uint8_t)(letters >> 8));
	acpi_buffer_u8(a->out, (uint8_t)letters);
	acpi_buffer_u8(a->out, (uint8_t)hex_byte(id + 3));
	acpi_buffer_u8(a->out, (uint8_t)hex_byte(id + 5));
}

/* The first three groups are little-endian numbers, the rest is bytes: aabbccdd-eeff-gghh-iijj-... */
void aml_uuid(struct aml *a, const char *uuid)
{
	static const uint8_t digits[16] = {6,  4,  2,  0,  11, 9,  16, 14,
					   19, 21, 24, 26, 28, 30, 32, 34};
	static const uint8_t dashes[4] = {8, 13, 18, 23};
	uint8_t bytes[sizeof(digits)];
	bool good = strlen(uuid) == 36;

	for (size_t i = 0; good && i < sizeof(dashes); i++)
		good = uuid[dashes[i]] == '-';
	for (size_t i = 0; good && i < sizeof(digits); i++) {
		int byte = hex_byte(uuid + digits[i]);

		good = byte >= 0;
		bytes[i] = (uint8_t)byte;
	}
	if (!good) {
		acpi_buffer_fail(a->out, -EINVAL);
		return;
	}
	acpi_buffer_u8(a->out, OP_BUFFER);
	acpi_buffer_u8(a->out, 1 + 2 + sizeof(bytes)); /* PkgLength */
	aml_integer(a, sizeof(bytes));
	acpi_buffer_bytes(a->out, bytes, sizeof(bytes));
}

void aml_arg(struct aml *a, unsigned int n)
{
	if (n > LAST_ARG)
		acpi_buffer_fail(a->out, -EINVAL);
	acpi_buffer_u8(a->out, (uint8_t)(OP_ARG0 + n));
}

void aml_local(struct aml *a, unsigned int n)
{
	if (n > LAST_LOCAL)
		acpi_buffer_fail(a->out, -EINVAL);
	acpi_buffer_u8(a->out, (uint8_t)(OP_LOCAL0 + n));
}
