// SPDX-License-Identifier: MIT
#include <errno.h>
#include "kmod/abi.h"

int uldf_claim(struct uldf_ctx *ctx, const struct uldf_address *address)
{
	char reason[CTX_REASON], usage[CTX_REASON] = "";
	int err = kmod_control_claim(ctx, address);

	if (err != -EBUSY)
		return err;
	/* The kernel names the driver; what depends on it is for user space to find. */
	uldf_reason(ctx, reason, sizeof(reason));
	uldf_discover_usage(ctx, address, usage, sizeof(usage));
	if (!usage[0])
		return ctx_fail(ctx, err, "%s", reason);
	return ctx_fail(ctx, err, "%s, %s", reason, usage);
}

int uldf_release(struct uldf_ctx *ctx, const struct uldf_address *address, bool reprobe,
		 enum uldf_reset *reset)
{
	enum uldf_reset how;
	int err = kmod_control_release(ctx, address, reprobe, &how);

	if (!err && reset)
		*reset = how;
	return err;
}
