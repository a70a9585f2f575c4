// SPDX-License-Identifier: GPL-2.0-or-later
#include <pci/pci.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "names.h"
#include "output.h"

/* A list of names that cannot be read is no reason to complain: numbers do. */
static void names_quiet(char *fmt, ...)
{
}

/* libpci cannot be told to go on. */
static _Noreturn void names_die(char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	output_error("%s", text);
	exit(OUTPUT_FAILED);
}

struct pci_access *names_open(void)
{
	/* pci_init(), which would set these, looks for the devices too; libuldf has done that. */
	struct pci_access *access = pci_alloc();

	access->error = names_die;
	access->warning = names_quiet;
	access->debug = names_quiet;
	return access;
}

void names_close(struct pci_access *access)
{
	pci_cleanup(access);
}

/* pci.ids alone: libpci 3.9 leaks where udev's own list of names is missing. */
#define NAMES_WHERE PCI_LOOKUP_NO_HWDB

void names_find(struct pci_access *access, const struct uldf_host_device *device, struct names *out)
{
	pci_lookup_name(access, out->class_name, sizeof(out->class_name),
			PCI_LOOKUP_CLASS | NAMES_WHERE, device->class_code >> 8);
	pci_lookup_name(access, out->vendor, sizeof(out->vendor), PCI_LOOKUP_VENDOR | NAMES_WHERE,
			device->vendor);
	pci_lookup_name(access, out->device, sizeof(out->device), PCI_LOOKUP_DEVICE | NAMES_WHERE,
			device->vendor, device->device);
}
