// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "holder.h"
#include "output.h"
#include "reset-how.h"
#include "verbs.h"

/* A device that is released, and what became of it. */
struct outcome {
	struct uldf_address address;
	char text[ULDF_ADDRESS_TEXT];
	bool named;	       /* and no mate of one that was */
	enum uldf_reset reset; /* of one that was named */
	char driver[32];
};

struct outcomes {
	struct outcome *list;
	size_t count;
};

static bool outcomes_have(const struct outcomes *outcomes, const struct uldf_address *address)
{
	for (size_t i = 0; i < outcomes->count; i++)
		if (address_equal(&outcomes->list[i].address, address))
			return true;
	return false;
}

static int outcomes_add(struct outcomes *outcomes, const struct uldf_address *address, bool named)
{
	struct outcome *more;

	more = reallocarray(outcomes->list, outcomes->count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	outcomes->list = more;
	more[outcomes->count] = (struct outcome){.address = *address, .named = named};
	uldf_address_format(address, more[outcomes->count++].text);
	return 0;
}

/* Adds a device, and with its group what else is claimed there. */
static int outcomes_begin(struct uldf_ctx *ctx, struct outcomes *outcomes,
			  const struct uldf_address *address, bool group)
{
	struct uldf_host_device device, *all = NULL;
	size_t count = 0;
	int err;

	err = uldf_discover_one(ctx, address, &device);
	if (!err && group && device.group >= 0)
		err = uldf_discover(ctx, &all, &count);
	if (!err)
		err = outcomes_add(outcomes, address, true);
	for (size_t i = 0; i < count && !err; i++)
		if (all[i].claimed && all[i].group == device.group &&
		    !outcomes_have(outcomes, &all[i].address))
			err = outcomes_add(outcomes, &all[i].address, false);
	uldf_discover_free(all);
	return err;
}

/* What holds the device now. That is to be another driver, if any, where drivers were asked. */
static int outcome_look(struct uldf_ctx *ctx, struct outcome *outcome)
{
	struct uldf_host_device device;
	int err = uldf_discover_one(ctx, &outcome->address, &device);

	if (err)
		return output_reason(ctx, err);
	strcpy(outcome->driver, device.driver);
	if (!device.claimed)
		return OUTPUT_DONE;
	output_error("device %s: released, and taken by uldf again, as its driver_override says: "
		     "echo >/sys/bus/pci/devices/%s/driver_override, and release it again",
		     outcome->text, outcome->text);
	return OUTPUT_BUSY;
}

/* What the module says in earnest: a device that is not claimed is none to release. */
static int outcome_check(struct uldf_ctx *ctx, const struct outcome *outcome, bool force)
{
	struct uldf_host_device device;
	int err = uldf_discover_one(ctx, &outcome->address, &device);

	if (err)
		return output_reason(ctx, err);
	if (device.claimed)
		return force ? OUTPUT_DONE
			     : holder_refuse(ctx, &outcome->address,
					     "take it from there by --force");
	output_error("device %s: not claimed: see uldfctl list", outcome->text);
	return OUTPUT_NO_DEVICE;
}

static int release_one(struct uldf_ctx *ctx, const struct uldf_address *address,
		       const struct arguments *arguments, struct outcomes *out)
{
	unsigned int giving = (arguments->reprobe ? ULDF_GIVING_TO_DRIVERS : 0) |
			      (arguments->group ? ULDF_GIVING_GROUP : 0) |
			      (arguments->force ? ULDF_GIVING_BY_FORCE : 0);
	size_t first = out->count;
	int err, status = OUTPUT_DONE;

	err = outcomes_begin(ctx, out, address, arguments->group);
	if (!err && !arguments->dry_run)
		err = uldf_release(ctx, address, giving, &out->list[first].reset);
	if (err)
		status = output_reason(ctx, err);
	for (size_t i = first; arguments->dry_run && !status && i < out->count; i++)
		status = outcome_check(ctx, &out->list[i], arguments->force);
	if (status)
		out->count = first;
	for (size_t i = first; i < out->count && !arguments->dry_run; i++) {
		int one = outcome_look(ctx, &out->list[i]);

		status = status ? status : one;
	}
	return status;
}

static void outcome_print(const struct outcome *outcome, bool dry_run)
{
	if (dry_run)
		printf("%s: would be released\n", outcome->text);
	else
		printf("%s: released%s%s, %s%s\n", outcome->text, outcome->named ? ", " : "",
		       outcome->named ? reset_how_text(outcome->reset) : "",
		       outcome->driver[0] ? "taken by " : "no driver holds it", outcome->driver);
}

static json_t *outcome_json(const struct outcome *outcome, bool dry_run)
{
	return json_pack("{ss, so, so}", "address", outcome->text, "reset",
			 dry_run || !outcome->named ? json_null()
						    : json_string(reset_how_word(outcome->reset)),
			 "driver", output_text(outcome->driver));
}

static int outcomes_print(const struct outcomes *outcomes, const struct arguments *arguments)
{
	json_t *rows;

	if (!arguments->json) {
		for (size_t i = 0; i < outcomes->count; i++)
			outcome_print(&outcomes->list[i], arguments->dry_run);
		return OUTPUT_DONE;
	}
	rows = json_array();
	for (size_t i = 0; i < outcomes->count; i++)
		if (json_array_append_new(rows,
					  outcome_json(&outcomes->list[i], arguments->dry_run))) {
			json_decref(rows);
			rows = NULL;
			break;
		}
	return output_json(json_pack("{so, sb}", "devices", rows, "dry_run", arguments->dry_run));
}

/* Devices are independent of each other: one that cannot be released holds up none. */
int verb_release(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	struct outcomes outcomes = {0};
	int status = OUTPUT_DONE, one;

	for (size_t i = 0; i < arguments->count; i++) {
		/* with its group, already */
		if (outcomes_have(&outcomes, &arguments->addresses[i]))
			continue;
		one = release_one(ctx, &arguments->addresses[i], arguments, &outcomes);
		status = status ? status : one;
	}
	one = outcomes_print(&outcomes, arguments);
	free(outcomes.list);
	return status ? status : one;
}
