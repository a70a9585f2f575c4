/* SPDX-License-Identifier: MIT */
/*
 * AML by one function per term (ACPI 6.3 §20). Terms are written in the order of the byte code,
 * an operator before its operands:
 *
 *	aml_device(a, "COM1");			Device (COM1) {
 *	aml_name_eisaid(a, "_HID", "PNP0501");		Name (_HID, EisaId ("PNP0501"))
 *	aml_method(a, "_STA", 0, AML_NOT_SERIALIZED);	Method (_STA) {
 *	aml_return(a);
 *	aml_integer(a, 0xf);				Return (0x0F)
 *	aml_end(a);					}
 *	aml_end(a);				}
 *
 * Terms with a length of their own stay open until aml_end(), which writes the length; what is
 * written between belongs to them. Errors are latched in the buffer: -EINVAL for a malformed name or
 * identifier and unbalanced terms, besides the buffer's own.
 */
#ifndef ACPI_TABLES_AML_H
#define ACPI_TABLES_AML_H

#include "buffer.h"

#define AML_MAX_DEPTH 16

enum aml_open {
	AML_OPEN_BLOCK,	   /* PkgLength, then what was written */
	AML_OPEN_TEMPLATE, /* an end tag is written, and the buffer's size comes before its bytes */
};

struct aml {
	struct acpi_buffer *out;
	struct {
		size_t start; /* where the PkgLength belongs */
		enum aml_open kind;
	} open[AML_MAX_DEPTH];
	size_t depth;
};

enum aml_serialize {
	AML_NOT_SERIALIZED = 0,
	AML_SERIALIZED = 1, /* a method that creates names */
};

void aml_init(struct aml *a, struct acpi_buffer *out);

/* Latches -EINVAL if a term is still open; returns the buffer's error. */
int aml_finish(struct aml *a);

/* Terms that stay open until aml_end() */
void aml_scope(struct aml *a, const char *path);
void aml_device(struct aml *a, const char *name);
void aml_method(struct aml *a, const char *name, unsigned int n_args, enum aml_serialize serialize);
void aml_package(struct aml *a, unsigned int n_elements);
void aml_resource_template(struct aml *a);
void aml_if(struct aml *a); /* the predicate is written first */
void aml_end(struct aml *a);

/* Data and references (aml-data.c) */
void aml_integer(struct aml *a, uint64_t value);
void aml_string(struct aml *a, const char *text);
void aml_name(struct aml *a, const char *path); /* "\\_SB.PCI0", "^FOO", "CDW1" */
void aml_eisaid(struct aml *a, const char *id); /* "PNP0A08" */
void aml_uuid(struct aml *a, const char *uuid);
void aml_arg(struct aml *a, unsigned int n);
void aml_local(struct aml *a, unsigned int n);

/* Name (name, value): the value is written next, or by the functions that take it */
void aml_name_decl(struct aml *a, const char *name);
void aml_name_integer(struct aml *a, const char *name, uint64_t value);
void aml_name_string(struct aml *a, const char *name, const char *text);
void aml_name_eisaid(struct aml *a, const char *name, const char *id);

/* Operators: the operands are written next, in the order given here */
void aml_store(struct aml *a);		    /* value, target */
void aml_and(struct aml *a);		    /* left, right, target */
void aml_or(struct aml *a);		    /* left, right, target */
void aml_not_equal(struct aml *a);	    /* left, right */
void aml_less(struct aml *a);		    /* left, right */
void aml_size_of(struct aml *a);	    /* object */
void aml_create_dword_field(struct aml *a); /* buffer, byte index, new name */
void aml_return(struct aml *a);		    /* value */

#endif
