/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space as sysfs shows it of any device, whoever holds it. Reading it changes nothing. */
#ifndef TOOLS_ULDFCTL_CONFIG_FILE_H
#define TOOLS_ULDFCTL_CONFIG_FILE_H

#include "access.h"
#include <uldf/discover.h>

/*
 * Reads registers of a device below @sysfs, as "/sys". @offset: out: where the first is. @values: out: access->count of
 * them. OUTPUT_DONE, or a status after saying what is wrong.
 */
int config_file_read(const char *sysfs, const struct uldf_address *address,
		     const struct access *access, uint64_t *offset, uint64_t *values);

#endif
