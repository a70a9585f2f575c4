// SPDX-License-Identifier: GPL-2.0-or-later
/* uldfctl reset: resets claimed devices that nobody has open. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "holder.h"
#include "output.h"
#include "reset-how.h"
#include "target.h"
#include "verbs.h"

/* A device that was reset, or would be. */
struct outcome {
	struct uldf_address address;
	char text[ULDF_ADDRESS_TEXT];
	enum uldf_reset how;
};

/* Refuses what is not claimed, and what is open. */
static int reset_check(struct uldf_ctx *ctx, const struct outcome *outcome)
{
	struct uldf_host_device device;
	int err = uldf_discover_one(ctx, &outcome->address, &device);

	if (err)
		return output_reason(ctx, err);
	if (device.claimed)
		return holder_refuse(ctx, &outcome->address, NULL);
	output_error("device %s: not claimed: uldfctl claim %s", outcome->text, outcome->text);
	return OUTPUT_NO_DEVICE;
}

static int reset_open(struct uldf_ctx *ctx, struct outcome *outcome)
{
	struct uldf_device *device;
	int err, status = target_open(ctx, outcome->text, &device);

	if (status)
		return status;
	err = uldf_device_reset(device, &outcome->how);
	uldf_device_close(device);
	if (err != -ENOTSUP)
		return err ? output_reason(ctx, err) : OUTPUT_DONE;
	output_error(
		"device %s: nothing resets it: its driver has to bring it back; or claim all that "
		"is on its bus, which then resets them together",
		outcome->text);
	return OUTPUT_FAILED;
}

static int reset_one(struct uldf_ctx *ctx, struct outcome *outcome, bool dry_run)
{
	int status;

	uldf_address_format(&outcome->address, outcome->text);
	status = reset_check(ctx, outcome);
	return status || dry_run ? status : reset_open(ctx, outcome);
}

static int reset_json(const struct outcome *list, size_t count, bool dry_run)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(
			    rows, json_pack("{ss, so}", "address", list[i].text, "reset",
					    dry_run ? json_null()
						    : json_string(reset_how_word(list[i].how))))) {
			json_decref(rows);
			rows = NULL;
			break;
		}
	return output_json(json_pack("{so, sb}", "devices", rows, "dry_run", dry_run));
}

static int reset_tell(const struct outcome *list, size_t count, const struct arguments *arguments)
{
	if (arguments->json)
		return reset_json(list, count, arguments->dry_run);
	for (size_t i = 0; i < count; i++)
		printf("%s: %s\n", list[i].text,
		       arguments->dry_run ? "would be reset" : reset_how_text(list[i].how));
	return OUTPUT_DONE;
}

/* Devices are independent of each other: one that cannot be reset holds up none. */
int verb_reset(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	struct outcome *list = calloc(arguments->count, sizeof(*list));
	int status = OUTPUT_DONE, one;
	size_t filled = 0;

	if (!list) {
		output_error("out of memory");
		return OUTPUT_FAILED;
	}
	for (size_t i = 0; i < arguments->count; i++) {
		list[filled].address = arguments->addresses[i];
		one = reset_one(ctx, &list[filled], arguments->dry_run);
		filled += !one;
		status = status ? status : one;
	}
	one = reset_tell(list, filled, arguments);
	free(list);
	return status ? status : one;
}
