/* SPDX-License-Identifier: GPL-2.0-only */
/* Errors that the bus reports, and resets by others. */
#ifndef ULDF_ERROR_H
#define ULDF_ERROR_H

#include <linux/pci.h>

extern const struct pci_error_handlers uldf_error_handlers;

#endif
