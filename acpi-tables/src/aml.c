// SPDX-License-Identifier: MIT
#include <errno.h>

#include "aml.h"

/* Opcodes, ACPI 6.3 §20.3 */
enum {
	OP_NAME = 0x08,
	OP_SCOPE = 0x10,
	OP_BUFFER = 0x11,
	OP_PACKAGE = 0x12,
	OP_METHOD = 0x14,
	OP_EXTENDED = 0x5b,
	OP_STORE = 0x70,
	OP_AND = 0x7b,
	OP_OR = 0x7d,
	OP_DEVICE = 0x82, /* after OP_EXTENDED */
	OP_SIZE_OF = 0x87,
	OP_CREATE_DWORD_FIELD = 0x8a,
	OP_NOT = 0x92,
	OP_EQUAL = 0x93,
	OP_LESS = 0x95,
	OP_IF = 0xa0,
	OP_RETURN = 0xa4,
};

#define MAX_PACKAGE_ELEMENTS 255 /* beyond, it would be a VarPackage */
#define MAX_METHOD_ARGS	     7
#define END_TAG		     0x79

void aml_init(struct aml *a, struct acpi_buffer *out)
{
	*a = (struct aml){.out = out};
}

int aml_finish(struct aml *a)
{
	if (a->depth)
		acpi_buffer_fail(a->out, -EINVAL);
	return a->out->error;
}

static void op(struct aml *a, uint8_t opcode)
{
	acpi_buffer_u8(a->out, opcode);
}

static void open_term(struct aml *a, enum aml_open kind)
{
	if (a->depth == AML_MAX_DEPTH) {
		acpi_buffer_fail(a->out, -E2BIG);
		return;
	}
	a->open[a->depth].start = a->out->length;
	a->open[a->depth].kind = kind;
	a->depth++;
}

/*
 * ACPI 6.3 §20.2.4. The length counts its own bytes: one byte holds 6 bits; else the top two bits of
 * the first byte count the bytes that follow, and its low four are the least significant.
 */
static void insert_length(struct aml *a, size_t start)
{
	size_t content = a->out->length - start;
	size_t more = 0, total;
	uint8_t bytes[4];

	if (content + 1 > 0x3f) {
		for (more = 1; more < 3; more++) {
			if (content + 1 + more < (size_t)1 << (4 + 8 * more))
				break;
		}
	}
	total = content + 1 + more;
	if (total >= (size_t)1 << 28) {
		acpi_buffer_fail(a->out, -E2BIG);
		return;
	}
	bytes[0] = more ? (uint8_t)(more << 6 | (total & 0xf)) : (uint8_t)total;
	for (size_t i = 0; i < more; i++)
		bytes[1 + i] = (uint8_t)(total >> (4 + 8 * i));
	acpi_buffer_insert(a->out, start, bytes, 1 + more);
}

/* The end tag's checksum byte is 0, which means "not checked" (ACPI 6.3 §6.4.2.9). */
static void close_template(struct aml *a, size_t start)
{
	struct acpi_buffer size;
	struct aml term;

	acpi_buffer_u8(a->out, END_TAG);
	acpi_buffer_u8(a->out, 0);

	acpi_buffer_init(&size, 16);
	aml_init(&term, &size);
	aml_integer(&term, a->out->length - start);
	if (size.error)
		acpi_buffer_fail(a->out, size.error);
	else
		acpi_buffer_insert(a->out, start, size.bytes, size.length);
	acpi_buffer_fini(&size);
}

void aml_end(struct aml *a)
{
	size_t start;

	if (a->out->error)
		return;
	if (!a->depth) {
		acpi_buffer_fail(a->out, -EINVAL);
		return;
	}
	a->depth--;
	start = a->open[a->depth].start;
	if (a->open[a->depth].kind == AML_OPEN_TEMPLATE)
		close_template(a, start);
	insert_length(a, start);
}

void aml_scope(struct aml *a, const char *path)
{
	op(a, OP_SCOPE);
	open_term(a, AML_OPEN_BLOCK);
	aml_name(a, path);
}

void aml_device(struct aml *a, const char *name)
{
	op(a, OP_EXTENDED);
	op(a, OP_DEVICE);
	open_term(a, AML_OPEN_BLOCK);
	aml_name(a, name);
}

void aml_method(struct aml *a, const char *name, unsigned int n_args, enum aml_serialize serialize)
{
	if (n_args > MAX_METHOD_ARGS)
		acpi_buffer_fail(a->out, -EINVAL);
	op(a, OP_METHOD);
	open_term(a, AML_OPEN_BLOCK);
	aml_name(a, name);
	op(a, (uint8_t)(n_args | (unsigned int)serialize << 3));
}

void aml_package(struct aml *a, unsigned int n_elements)
{
	if (n_elements > MAX_PACKAGE_ELEMENTS)
		acpi_buffer_fail(a->out, -E2BIG);
	op(a, OP_PACKAGE);
	open_term(a, AML_OPEN_BLOCK);
	op(a, (uint8_t)n_elements);
}

void aml_resource_template(struct aml *a)
{
	op(a, OP_BUFFER);
	open_term(a, AML_OPEN_TEMPLATE);
}

void aml_if(struct aml *a)
{
	op(a, OP_IF);
	open_term(a, AML_OPEN_BLOCK);
}

void aml_name_decl(struct aml *a, const char *name)
{
	op(a, OP_NAME);
	aml_name(a, name);
}

void aml_name_integer(struct aml *a, const char *name, uint64_t value)
{
	aml_name_decl(a, name);
	aml_integer(a, value);
}

void aml_name_string(struct aml *a, const char *name, const char *text)
{
	aml_name_decl(a, name);
	aml_string(a, text);
}

void aml_name_eisaid(struct aml *a, const char *name, const char *id)
{
	aml_name_decl(a, name);
	aml_eisaid(a, id);
}

void aml_store(struct aml *a)
{
	op(a, OP_STORE);
}

void aml_and(struct aml *a)
{
	op(a, OP_AND);
}

void aml_or(struct aml *a)
{
	op(a, OP_OR);
}

void aml_not_equal(struct aml *a)
{
	op(a, OP_NOT);
	op(a, OP_EQUAL);
}

void aml_less(struct aml *a)
{
	op(a, OP_LESS);
}

void aml_size_of(struct aml *a)
{
	op(a, OP_SIZE_OF);
}

void aml_create_dword_field(struct aml *a)
{
	op(a, OP_CREATE_DWORD_FIELD);
}

void aml_return(struct aml *a)
{
	op(a, OP_RETURN);
}
