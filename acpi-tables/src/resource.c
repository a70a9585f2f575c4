// SPDX-License-Identifier: MIT
#include <errno.h>

#include "resource.h"

/* Tags: small items carry their length in the low three bits, large ones in the next two bytes. */
enum {
	TAG_IRQ_NO_FLAGS = 0x22,
	TAG_IO = 0x47,
	TAG_MEMORY32_FIXED = 0x86,
	TAG_DWORD_ADDRESS = 0x87,
	TAG_WORD_ADDRESS = 0x88,
	TAG_QWORD_ADDRESS = 0x8a,
};

enum address_type {
	ADDRESS_MEMORY = 0,
	ADDRESS_IO = 1,
	ADDRESS_BUS = 2,
};

/* General flags of an address space descriptor, ACPI 6.3 §6.4.3.5 */
#define CONSUMER  0x01
#define MIN_FIXED 0x04
#define MAX_FIXED 0x08

#define IO_DECODE_16	0x01
#define IO_ENTIRE_RANGE 0x03 /* ISA and non-ISA ports alike */
#define READ_WRITE	0x01 /* and not cacheable, not prefetchable: fits any BAR */

void aml_resource_io(struct aml *a, uint16_t port, uint8_t n_ports)
{
	if (!n_ports)
		acpi_buffer_fail(a->out, -EINVAL);
	acpi_buffer_u8(a->out, TAG_IO);
	acpi_buffer_u8(a->out, IO_DECODE_16);
	acpi_buffer_u16(a->out, port);
	acpi_buffer_u16(a->out, port);
	acpi_buffer_u8(a->out, 1); /* alignment */
	acpi_buffer_u8(a->out, n_ports);
}

void aml_resource_irq(struct aml *a, unsigned int irq)
{
	if (irq > 15)
		acpi_buffer_fail(a->out, -EINVAL);
	acpi_buffer_u8(a->out, TAG_IRQ_NO_FLAGS);
	acpi_buffer_u16(a->out, (uint16_t)(1u << (irq & 15)));
}

void aml_resource_memory32_fixed(struct aml *a, uint32_t base, uint32_t size)
{
	acpi_buffer_u8(a->out, TAG_MEMORY32_FIXED);
	acpi_buffer_u16(a->out, 9);
	acpi_buffer_u8(a->out, READ_WRITE);
	acpi_buffer_u32(a->out, base);
	acpi_buffer_u32(a->out, size);
}

/*
 * The word, double word and quad word descriptors differ in the width of five numbers only:
 * granularity, minimum, maximum, translation offset, length.
 */
static void address_space(struct aml *a, uint8_t tag, enum address_type type, uint8_t flags,
			  uint8_t type_flags, uint64_t base, uint64_t size)
{
	size_t width = tag == TAG_WORD_ADDRESS ? 2 : tag == TAG_DWORD_ADDRESS ? 4 : 8;
	uint64_t largest = UINT64_MAX >> (64 - 8 * width);
	uint64_t numbers[5] = {0, base, 0, 0, size};

	if (!size || size > largest || __builtin_add_overflow(base, size - 1, &numbers[2]) ||
	    numbers[2] > largest) {
		acpi_buffer_fail(a->out, -EINVAL);
		return;
	}
	acpi_buffer_u8(a->out, tag);
	acpi_buffer_u16(a->out, (uint16_t)(3 + 5 * width));
	acpi_buffer_u8(a->out, (uint8_t)type);
	acpi_buffer_u8(a->out, flags | MIN_FIXED | MAX_FIXED);
	acpi_buffer_u8(a->out, type_flags);
	for (size_t i = 0; i < 5; i++) {
		if (width == 2)
			acpi_buffer_u16(a->out, (uint16_t)numbers[i]);
		else if (width == 4)
			acpi_buffer_u32(a->out, (uint32_t)numbers[i]);
		else
			acpi_buffer_u64(a->out, numbers[i]);
	}
}

void aml_resource_memory64(struct aml *a, uint64_t base, uint64_t size)
{
	address_space(a, TAG_QWORD_ADDRESS, ADDRESS_MEMORY, CONSUMER, READ_WRITE, base, size);
}

void aml_resource_bus_window(struct aml *a, uint8_t first, uint8_t last)
{
	if (first > last) {
		acpi_buffer_fail(a->out, -EINVAL);
		return;
	}
	address_space(a, TAG_WORD_ADDRESS, ADDRESS_BUS, 0, 0, first, (uint64_t)last - first + 1);
}

void aml_resource_io_window(struct aml *a, uint64_t base, uint64_t size)
{
	address_space(a, TAG_WORD_ADDRESS, ADDRESS_IO, 0, IO_ENTIRE_RANGE, base, size);
}

void aml_resource_memory32_window(struct aml *a, uint64_t base, uint64_t size)
{
	address_space(a, TAG_DWORD_ADDRESS, ADDRESS_MEMORY, 0, READ_WRITE, base, size);
}

void aml_resource_memory64_window(struct aml *a, uint64_t base, uint64_t size)
{
	address_space(a, TAG_QWORD_ADDRESS, ADDRESS_MEMORY, 0, READ_WRITE, base, size);
}
