// SPDX-License-Identifier: MIT
/*
 * _OSC of a host bridge (ACPI 6.3 §6.2.11, PCI Firmware 3.3 §4.5.1): the guest passes a buffer of
 * status, what it supports and what it wants to control; it gets back the part that it may have.
 * A query (bit 0 of the status) is answered like a request, because nothing changes here by granting.
 */
#include "dsdt.h"

#define PCI_UUID "33DB4D5B-1FF7-401C-9657-7441C03DD766"
#define REVISION 1

#define STATUS_AT   0
#define CONTROL_AT  8
#define PCI_LENGTH  12
#define WORD_LENGTH 4

#define STATUS_FAILURE	    (1u << 1)
#define STATUS_BAD_UUID	    (1u << 2)
#define STATUS_BAD_REVISION (1u << 3)
#define STATUS_MASKED	    (1u << 4)

#define CONTROL_PCIE_CAPABILITY (1u << 4)

enum {
	ARG_UUID,
	ARG_REVISION,
	ARG_COUNT,
	ARG_BUFFER,
	N_ARGS,
};

/* Return (Arg3) */
static void return_buffer(struct aml *a)
{
	aml_return(a);
	aml_arg(a, ARG_BUFFER);
}

/* CreateDWordField (Arg3, at, name) */
static void declare_field(struct aml *a, unsigned int at, const char *name)
{
	aml_create_dword_field(a);
	aml_arg(a, ARG_BUFFER);
	aml_integer(a, at);
	aml_name(a, name);
}

/* CDW1 |= bits */
static void set_status(struct aml *a, uint32_t bits)
{
	aml_or(a);
	aml_name(a, "CDW1");
	aml_integer(a, bits);
	aml_name(a, "CDW1");
}

/* If (SizeOf (Arg3) < n) {, left open */
static void if_shorter(struct aml *a, unsigned int n)
{
	aml_if(a);
	aml_less(a);
	aml_size_of(a);
	aml_arg(a, ARG_BUFFER);
	aml_integer(a, n);
}

/* What cannot be understood is answered with its status bit, and nothing granted. */
static void refuse_bad_arguments(struct aml *a)
{
	if_shorter(a, WORD_LENGTH);
	return_buffer(a);
	aml_end(a);
	declare_field(a, STATUS_AT, "CDW1");

	aml_if(a);
	aml_not_equal(a);
	aml_arg(a, ARG_UUID);
	aml_uuid(a, PCI_UUID);
	set_status(a, STATUS_BAD_UUID);
	return_buffer(a);
	aml_end(a);

	if_shorter(a, PCI_LENGTH);
	set_status(a, STATUS_FAILURE);
	return_buffer(a);
	aml_end(a);
	declare_field(a, CONTROL_AT, "CDW3");

	aml_if(a);
	aml_not_equal(a);
	aml_arg(a, ARG_REVISION);
	aml_integer(a, REVISION);
	set_status(a, STATUS_BAD_REVISION);
	aml_store(a);
	aml_integer(a, 0);
	aml_name(a, "CDW3");
	return_buffer(a);
	aml_end(a);
}

void acpi_dsdt_osc(struct aml *a, uint32_t control)
{
	aml_method(a, "_OSC", N_ARGS, AML_SERIALIZED);
	refuse_bad_arguments(a);

	/* Local0 = CDW3 & control */
	aml_and(a);
	aml_name(a, "CDW3");
	aml_integer(a, control | CONTROL_PCIE_CAPABILITY);
	aml_local(a, 0);

	/* If (Local0 != CDW3) { CDW1 |= masked; CDW3 = Local0 } */
	aml_if(a);
	aml_not_equal(a);
	aml_local(a, 0);
	aml_name(a, "CDW3");
	set_status(a, STATUS_MASKED);
	aml_store(a);
	aml_local(a, 0);
	aml_name(a, "CDW3");
	aml_end(a);

	return_buffer(a);
	aml_end(a);
}
