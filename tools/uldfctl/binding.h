/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device and the host driver bound to it, through sysfs. */
#ifndef TOOLS_ULDFCTL_BINDING_H
#define TOOLS_ULDFCTL_BINDING_H

#include <uldf/discover.h>

/* Takes a device from @driver. 0; -ENODEV another driver holds it, or none; or as sysfs answers. */
int binding_remove(const struct uldf_address *address, const char *driver);

/* Lets the host's drivers look at a device again. 0, or as sysfs answers. */
int binding_probe(const struct uldf_address *address);

#endif
