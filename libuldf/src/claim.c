// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <uldf/usage.h>
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

/* Which device is open, as the kernel's reason has it: the one to be released, or another of its group. */
static struct uldf_address release_open(const struct uldf_address *address, const char *reason)
{
	const char *end = strstr(reason, " of its IOMMU group is open");
	char text[ULDF_ADDRESS_TEXT] = "";
	struct uldf_address mate = *address;
	const char *begin = end;

	while (begin && begin > reason && begin[-1] != ' ')
		begin--;
	if (end && end - begin < (ptrdiff_t)sizeof(text)) {
		memcpy(text, begin, (size_t)(end - begin));
		uldf_address_parse(text, &mate);
	}
	return mate;
}

/* Says who has the device open, as far as this process may see that, and what to do. */
static int release_refused(struct uldf_ctx *ctx, const struct uldf_address *address)
{
	static const char force[] = "or take it from there: uldfctl release --force";
	const struct uldf_finding *findings;
	struct uldf_usage *usage = NULL;
	char reason[CTX_REASON];
	struct uldf_address open;
	size_t count = 0, i = 0;

	uldf_reason(ctx, reason, sizeof(reason));
	if (!strstr(reason, " is open"))
		return ctx_fail(ctx, -EBUSY, "%s: release them together (uldfctl release --group)",
				reason);
	open = release_open(address, reason);
	if (!uldf_usage_create(ctx, &open, 1, false, &usage))
		count = uldf_usage_findings(usage, 0, &findings);
	while (i < count && strcmp(findings[i].detector, "process"))
		i++;
	if (i < count)
		ctx_fail(ctx, -EBUSY, "%s: %s: %s, %s", reason, findings[i].what, findings[i].next,
			 force);
	else
		ctx_fail(ctx, -EBUSY, "%s: end the program, %s", reason, force);
	uldf_usage_destroy(usage);
	return -EBUSY;
}

int uldf_release(struct uldf_ctx *ctx, const struct uldf_address *address, unsigned int giving,
		 enum uldf_reset *reset)
{
	enum uldf_reset how;
	int err = kmod_control_release(ctx, address, giving, &how);

	if (!err && reset)
		*reset = how;
	return err == -EBUSY ? release_refused(ctx, address) : err;
}
