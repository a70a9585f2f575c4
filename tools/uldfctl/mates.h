/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who shares an IOMMU group with a device. */
#ifndef TOOLS_ULDFCTL_MATES_H
#define TOOLS_ULDFCTL_MATES_H

#include <stddef.h>
#include <uldf/discover.h>

/*
 * Lists the devices, each followed by what else its IOMMU group has that is neither a bridge nor
 * claimed. 0 with @out to be freed; -ENODEV one of them is not there; -ENOMEM; the reason is kept.
 */
int mates_add(struct uldf_ctx *ctx, const struct uldf_address *addresses, size_t count,
	      struct uldf_address **out, size_t *out_count);

#endif
