/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_ACPI_PURPOSE_H
#define TOOLS_ACPI_PURPOSE_H

/* What a table with this signature is for, in a few words. Never NULL. */
const char *purpose_of(const char *signature);

#endif
