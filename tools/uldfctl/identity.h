/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device is, in JSON: the members that all verbs give that tell it. */
#ifndef TOOLS_ULDFCTL_IDENTITY_H
#define TOOLS_ULDFCTL_IDENTITY_H

#include <jansson.h>
#include "names.h"

/* An object with the device's address, identifiers, names, driver and IOMMU group; NULL for want of memory. */
json_t *identity_json(const struct uldf_host_device *device, const struct names *names);

#endif
