/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device that a verb drives itself, for as long as it runs. */
#ifndef TOOLS_ULDFCTL_TARGET_H
#define TOOLS_ULDFCTL_TARGET_H

#include "access.h"
#include <uldf.h>

/*
 * Opens a device by any address of libuldf. OUTPUT_DONE with @out, to be closed; or a status after saying what is in
 * the way, and which process has it open.
 */
int target_open(struct uldf_ctx *ctx, const char *device, struct uldf_device **out);

/*
 * Finds where a place of an open device's region is. OUTPUT_DONE with @out; or a status after saying what the device
 * lacks: the region, or the capability.
 */
int target_find(struct uldf_ctx *ctx, struct uldf_device *device, const struct access *access,
		uint64_t *out);

/*
 * Says why an access failed with @err, and what ends that. The status.
 */
int target_fail(struct uldf_ctx *ctx, const struct access *access, int err);

#endif
