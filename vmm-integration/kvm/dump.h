/* SPDX-License-Identifier: MIT */
/* Writes the guest's ACPI tables to files. */
#ifndef VMM_DUMP_H
#define VMM_DUMP_H

#include <acpi/platform.h>

#include "reason.h"

/**
 * vmm_dump_acpi() - write each table to a file of its own, as 'iasl -d' and acpiexec read it
 * @tables: tables
 * @directory: where to, made if it is not there; files are rsdp.dat and each signature in lower case with .dat, none of
 *	which may be there
 * @reason: set on failure, when some of the files may have been written
 *
 * Return: 0, -EEXIST or another negative errno.
 */
int vmm_dump_acpi(const struct acpi_tables *tables, const char *directory,
		  struct vmm_reason *reason);

#endif
