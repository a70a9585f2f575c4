// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include "output.h"
#include "verbs.h"

/* What became of a released device. */
struct outcome {
	char address[ULDF_ADDRESS_TEXT];
	enum uldf_reset reset;
	char driver[32];
};

static int release_one(struct uldf_ctx *ctx, const struct uldf_address *address,
		       const struct arguments *arguments, struct outcome *out)
{
	int (*release)(struct uldf_ctx *, const struct uldf_address *, bool, enum uldf_reset *) =
		arguments->group ? uldf_release_group : uldf_release;
	struct uldf_host_device device;
	int err;

	uldf_address_format(address, out->address);
	if (!arguments->dry_run) {
		err = release(ctx, address, arguments->reprobe, &out->reset);
		if (err)
			return output_reason(ctx, err);
	}
	err = uldf_discover_one(ctx, address, &device);
	if (err)
		return output_reason(ctx, err);
	if (arguments->dry_run && !device.claimed) {
		output_error("device %s: not claimed: see uldfctl list", out->address);
		return output_status(-ENODEV);
	}
	snprintf(out->driver, sizeof(out->driver), "%s", arguments->dry_run ? "" : device.driver);
	return OUTPUT_DONE;
}

static void outcome_print(const struct outcome *outcome, bool dry_run)
{
	static const char *const resets[] = {
		[ULDF_RESET_BY_NOTHING] = "not reset",
		[ULDF_RESET_BY_QUIESCE] = "stopped, not reset",
		[ULDF_RESET_BY_FUNCTION] = "reset",
		[ULDF_RESET_BY_FLR] = "reset (FLR)",
		[ULDF_RESET_BY_AF] = "reset (AF FLR)",
		[ULDF_RESET_BY_PM] = "reset (PM)",
		[ULDF_RESET_BY_BUS] = "reset (bus)",
	};

	if (dry_run)
		printf("%s: would be released\n", outcome->address);
	else
		printf("%s: released, %s, %s%s\n", outcome->address, resets[outcome->reset],
		       outcome->driver[0] ? "taken by " : "no driver holds it", outcome->driver);
}

static json_t *outcome_json(const struct outcome *outcome, bool dry_run)
{
	static const char *const resets[] = {
		[ULDF_RESET_BY_NOTHING] = "none",
		[ULDF_RESET_BY_QUIESCE] = "quiesced",
		[ULDF_RESET_BY_FUNCTION] = "function",
		[ULDF_RESET_BY_FLR] = "flr",
		[ULDF_RESET_BY_AF] = "af",
		[ULDF_RESET_BY_PM] = "pm",
		[ULDF_RESET_BY_BUS] = "bus",
	};

	return json_pack("{ss, so, so, sb}", "address", outcome->address, "reset",
			 dry_run ? json_null() : json_string(resets[outcome->reset]), "driver",
			 output_text(outcome->driver), "dry_run", dry_run);
}

/* Devices are independent of each other: one that cannot be released holds up none. */
int verb_release(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	json_t *rows = json_array();
	int status = OUTPUT_DONE;

	for (size_t i = 0; i < arguments->count; i++) {
		struct outcome outcome;
		int one = release_one(ctx, &arguments->addresses[i], arguments, &outcome);

		if (one)
			status = status ? status : one;
		else if (!arguments->json)
			outcome_print(&outcome, arguments->dry_run);
		else if (json_array_append_new(rows, outcome_json(&outcome, arguments->dry_run)))
			status = status ? status : OUTPUT_FAILED;
	}
	if (arguments->json && output_json(json_incref(rows)))
		status = status ? status : OUTPUT_FAILED;
	json_decref(rows);
	return status;
}
