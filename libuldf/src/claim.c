// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include "kmod/abi.h"

static int claim(struct uldf_ctx *ctx, const struct uldf_address *address, bool group)
{
	char reason[CTX_REASON], usage[CTX_REASON] = "";
	int err = kmod_control_claim(ctx, address, group);

	if (err != -EBUSY)
		return err;
	/* The kernel names the driver; what depends on it is for user space to find. */
	uldf_reason(ctx, reason, sizeof(reason));
	if (strstr(reason, ": held by uldf"))
		return ctx_fail(ctx, err, "%.*s: claimed already: uldfctl release it first",
				(int)(strstr(reason, ": held by uldf") - reason), reason);
	uldf_discover_usage(ctx, address, usage, sizeof(usage));
	if (!usage[0])
		return ctx_fail(ctx, err, "%s", reason);
	return ctx_fail(ctx, err, "%s, %s", reason, usage);
}

int uldf_claim_check(struct uldf_ctx *ctx)
{
	return kmod_control_check(ctx);
}

int uldf_claim(struct uldf_ctx *ctx, const struct uldf_address *address)
{
	return claim(ctx, address, false);
}

int uldf_claim_group(struct uldf_ctx *ctx, const struct uldf_address *address)
{
	return claim(ctx, address, true);
}

static int release(struct uldf_ctx *ctx, const struct uldf_address *address, bool group,
		   bool reprobe, enum uldf_reset *reset)
{
	enum uldf_reset how;
	int err = kmod_control_release(ctx, address, group, reprobe, &how);

	if (!err && reset)
		*reset = how;
	return err;
}

int uldf_release(struct uldf_ctx *ctx, const struct uldf_address *address, bool reprobe,
		 enum uldf_reset *reset)
{
	return release(ctx, address, false, reprobe, reset);
}

int uldf_release_group(struct uldf_ctx *ctx, const struct uldf_address *address, bool reprobe,
		       enum uldf_reset *reset)
{
	return release(ctx, address, true, reprobe, reset);
}
