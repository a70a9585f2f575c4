/* SPDX-License-Identifier: MIT */
/*
 * A growable run of little-endian bytes with a latched error: once something failed, everything
 * else does nothing, so that code which writes a table needs one check, at its end.
 */
#ifndef ACPI_TABLES_BUFFER_H
#define ACPI_TABLES_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct acpi_buffer {
	uint8_t *bytes;
	size_t length;
	size_t capacity;
	size_t limit; /* length never passes it */
	int error;    /* 0, or the first error: -ENOMEM, -E2BIG (limit), -EINVAL */
};

void acpi_buffer_init(struct acpi_buffer *b, size_t limit);
void acpi_buffer_fini(struct acpi_buffer *b);

/* Latches @error unless one is latched already. */
void acpi_buffer_fail(struct acpi_buffer *b, int error);

void acpi_buffer_u8(struct acpi_buffer *b, uint8_t value);
void acpi_buffer_u16(struct acpi_buffer *b, uint16_t value);
void acpi_buffer_u32(struct acpi_buffer *b, uint32_t value);
void acpi_buffer_u64(struct acpi_buffer *b, uint64_t value);
void acpi_buffer_bytes(struct acpi_buffer *b, const void *bytes, size_t n);
void acpi_buffer_zeros(struct acpi_buffer *b, size_t n);

/* Zeros up to the next multiple of @alignment, a power of two. */
void acpi_buffer_align(struct acpi_buffer *b, size_t alignment);

/* Moves what is at @at and after it to make room for @bytes there. */
void acpi_buffer_insert(struct acpi_buffer *b, size_t at, const void *bytes, size_t n);

/* Writes over 1 or 4 bytes at @at, which exist unless an error is latched. */
void acpi_buffer_set_u8(struct acpi_buffer *b, size_t at, uint8_t value);
void acpi_buffer_set_u32(struct acpi_buffer *b, size_t at, uint32_t value);

#endif
