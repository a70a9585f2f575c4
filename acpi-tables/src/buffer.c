// SPDX-License-Identifier: MIT
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

#define FIRST_CAPACITY 256

void acpi_buffer_init(struct acpi_buffer *b, size_t limit)
{
	*b = (struct acpi_buffer){.limit = limit};
}

void acpi_buffer_fini(struct acpi_buffer *b)
{
	free(b->bytes);
	*b = (struct acpi_buffer){0};
}

void acpi_buffer_fail(struct acpi_buffer *b, int error)
{
	if (!b->error)
		b->error = error;
}

/* Makes room for @n more bytes, the new ones at the end; NULL if there is none. */
static uint8_t *extend(struct acpi_buffer *b, size_t n)
{
	size_t length, capacity = b->capacity ? b->capacity : FIRST_CAPACITY;
	uint8_t *bytes, *added;

	if (b->error)
		return NULL;
	if (__builtin_add_overflow(b->length, n, &length) || length > b->limit) {
		b->error = -E2BIG;
		return NULL;
	}
	while (capacity < length) {
		if (__builtin_mul_overflow(capacity, (size_t)2, &capacity))
			capacity = length;
	}
	if (capacity != b->capacity) {
		bytes = realloc(b->bytes, capacity);
		if (!bytes) {
			b->error = -ENOMEM;
			return NULL;
		}
		b->bytes = bytes;
		b->capacity = capacity;
	}
	added = b->bytes + b->length;
	b->length = length;
	return added;
}

static void put_le(struct acpi_buffer *b, uint64_t value, size_t n)
{
	uint8_t *to = extend(b, n);

	if (!to)
		return;
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

void acpi_buffer_u8(struct acpi_buffer *b, uint8_t value)
{
	put_le(b, value, 1);
}

void acpi_buffer_u16(struct acpi_buffer *b, uint16_t value)
{
	put_le(b, value, 2);
}

void acpi_buffer_u32(struct acpi_buffer *b, uint32_t value)
{
	put_le(b, value, 4);
}

void acpi_buffer_u64(struct acpi_buffer *b, uint64_t value)
{
	put_le(b, value, 8);
}

void acpi_buffer_bytes(struct acpi_buffer *b, const void *bytes, size_t n)
{
	uint8_t *to = extend(b, n);

	if (to && n)
		memcpy(to, bytes, n);
}

void acpi_buffer_zeros(struct acpi_buffer *b, size_t n)
{
	uint8_t *to = extend(b, n);

	if (to && n)
		memset(to, 0, n);
}

void acpi_buffer_align(struct acpi_buffer *b, size_t alignment)
{
	acpi_buffer_zeros(b, -b->length & (alignment - 1));
}

void acpi_buffer_insert(struct acpi_buffer *b, size_t at, const void *bytes, size_t n)
{
	size_t behind = b->length - at;

	if (!extend(b, n))
		return;
	memmove(b->bytes + at + n, b->bytes + at, behind);
	memcpy(b->bytes + at, bytes, n);
}

void acpi_buffer_set_u8(struct acpi_buffer *b, size_t at, uint8_t value)
{
	if (b->error)
		return;
	assert(at < b->length);
	b->bytes[at] = value;
}

void acpi_buffer_set_u32(struct acpi_buffer *b, size_t at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		acpi_buffer_set_u8(b, at + i, (uint8_t)(value >> (8 * i)));
}
