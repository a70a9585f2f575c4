/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What uldf-acpi can do with a set of tables. */
#ifndef TOOLS_ACPI_VERBS_H
#define TOOLS_ACPI_VERBS_H

#include <acpi/platform.h>

/*
 * Writes DIR/<signature>.dat for each table, and DIR/tables.bin, the whole blob, if @blob.
 * 0 or -errno; says on stderr which file could not be written.
 */
int verb_dump(const struct acpi_tables *tables, const char *directory, bool blob);

/* Prints a line for each table. 0 or -errno. */
int verb_list(const struct acpi_tables *tables);

#endif
