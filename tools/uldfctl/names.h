/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pci.ids calls a device. */
#ifndef TOOLS_ULDFCTL_NAMES_H
#define TOOLS_ULDFCTL_NAMES_H

#include <uldf/discover.h>

#define NAMES_TEXT 160

struct names {
	char class_name[NAMES_TEXT];
	char vendor[NAMES_TEXT];
	char device[NAMES_TEXT];
};

struct pci_access;

/* Opens the list of names. Never NULL: libpci ends the program when there is no memory. */
struct pci_access *names_open(void);
void names_close(struct pci_access *access);

/* Fills @out; numbers stand in for names that nobody knows. */
void names_find(struct pci_access *access, const struct uldf_host_device *device,
		struct names *out);

#endif
