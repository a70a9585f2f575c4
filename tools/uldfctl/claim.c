// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "binding.h"
#include "mates.h"
#include "output.h"
#include "refusal.h"
#include "standing.h"
#include "verbs.h"

/* One device on its way into uldf's hands. */
struct candidate {
	struct uldf_address address;
	char text[ULDF_ADDRESS_TEXT];
	char driver[32]; /* that holds, or held it; empty for none */
	int group;	 /* IOMMU group, or -1 */
	bool unbound;
	bool claimed;
};

static int candidate_claimed(const struct candidate *candidate)
{
	output_error("device %s: claimed already: uldfctl release it first", candidate->text);
	return OUTPUT_BUSY;
}

/* Looks the device up and refuses what cannot be had whatever it is used for. */
static int candidate_find(struct uldf_ctx *ctx, struct candidate *candidate)
{
	struct uldf_host_device device;
	int err;

	uldf_address_format(&candidate->address, candidate->text);
	err = uldf_discover_one(ctx, &candidate->address, &device);
	if (err)
		return output_reason(ctx, err);
	candidate->group = device.group;
	switch (standing_of(&device, NULL, 0, NULL)) {
	case STANDING_BRIDGE:
		output_error("device %s: a bridge is never claimed", candidate->text);
		return OUTPUT_BUSY;
	case STANDING_CLAIMED:
		return candidate_claimed(candidate);
	default:
		strcpy(candidate->driver, device.driver);
		return OUTPUT_DONE;
	}
}

/* ---- what the host uses -------------------------------------------------------------------------- */

/* Says what the device is used for, and what to do about it. */
static int candidate_used(const struct candidate *candidate, const struct uldf_finding *findings,
			  size_t count, bool unbind)
{
	char *what = refusal_what(findings, count), *next = refusal_next(findings, count);
	bool held = candidate->driver[0];

	output_error("device %s: %s%s%s%s: %s%s%s", candidate->text, held ? "held by " : "in use",
		     candidate->driver, count ? ", " : "", what ? what : "", next ? next : "",
		     held && !unbind ? (count ? "; then uldfctl claim --unbind "
					      : "uldfctl claim --unbind ")
				     : "",
		     held && !unbind ? candidate->text : "");
	free(what);
	free(next);
	return OUTPUT_BUSY;
}

/* Says what is lost when the device is taken all the same. */
static void candidate_force(const struct candidate *candidate, const struct uldf_finding *findings,
			    size_t count)
{
	for (size_t i = 0; i < count; i++)
		output_error("device %s: taken by force: %s: lost is %s", candidate->text,
			     findings[i].what, findings[i].loss);
}

/* Refuses a device that the host uses, or that a driver holds who is not to be asked. */
static int candidate_judge(const struct candidate *candidate, const struct uldf_usage *usage,
			   size_t index, const struct arguments *arguments)
{
	const struct uldf_finding *findings;
	size_t count = uldf_usage_findings(usage, index, &findings);
	bool held = candidate->driver[0];

	if (held && !arguments->unbind)
		return candidate_used(candidate, findings, count, false);
	if (!refusal_due(findings, count, held))
		return OUTPUT_DONE;
	if (!arguments->force)
		return candidate_used(candidate, findings, count, true);
	candidate_force(candidate, findings, count);
	return OUTPUT_DONE;
}

/*
 * Looks at what the host uses of all devices at once. With @hold what can be opened exclusively stays
 * open in *@out, so that nobody begins to use a device that was found free.
 */
static int candidates_look(struct uldf_ctx *ctx, const struct candidate *list, size_t count,
			   bool hold, struct uldf_usage **out)
{
	struct uldf_address *addresses = calloc(count, sizeof(*addresses));
	int err;

	if (!addresses) {
		output_error("out of memory");
		return OUTPUT_FAILED;
	}
	for (size_t i = 0; i < count; i++)
		addresses[i] = list[i].address;
	err = uldf_usage_create(ctx, addresses, count, hold, out);
	free(addresses);
	return err ? output_reason(ctx, err) : OUTPUT_DONE;
}

/* Refuses what can be seen to fail, before anything is changed. */
static int candidates_check(struct uldf_ctx *ctx, struct candidate *list, size_t count,
			    const struct arguments *arguments)
{
	struct uldf_usage *usage = NULL;
	int status = OUTPUT_DONE;

	for (size_t i = 0; i < count && !status; i++)
		status = candidate_find(ctx, &list[i]);
	if (!status) {
		int err = uldf_claim_check(ctx);

		status = err ? output_reason(ctx, err) : OUTPUT_DONE;
	}
	if (!status)
		status = candidates_look(ctx, list, count, false, &usage);
	for (size_t i = 0; i < count && !status; i++)
		status = candidate_judge(&list[i], usage, i, arguments);
	uldf_usage_destroy(usage);
	return status;
}

/* ---- taking -------------------------------------------------------------------------------------- */

/* Takes the device from the driver that was seen to hold it. */
static int candidate_unbind(struct candidate *candidate)
{
	int err = binding_remove(&candidate->address, candidate->driver);

	/* Who holds it now, if anybody, the next claim tells. */
	if (err == -ENODEV)
		return OUTPUT_DONE;
	if (err) {
		output_error("device %s: cannot unbind it from %s: %s", candidate->text,
			     candidate->driver, strerror(-err));
		return output_status(err);
	}
	candidate->unbound = true;
	return OUTPUT_DONE;
}

/*
 * Takes devices from their drivers, unless the host began to use one since it was looked at. *@out is
 * to be destroyed when they have been claimed, or given back.
 */
static int candidates_unbind(struct uldf_ctx *ctx, struct candidate *list, size_t count,
			     const struct arguments *arguments, struct uldf_usage **out)
{
	int status = candidates_look(ctx, list, count, true, out);

	for (size_t i = 0; i < count && !status; i++) {
		struct uldf_host_device device;

		/* Another claim was first. */
		if (!uldf_discover_one(ctx, &list[i].address, &device) && device.claimed)
			status = candidate_claimed(&list[i]);
		else if (!arguments->force)
			status = candidate_judge(&list[i], *out, i, arguments);
	}
	for (size_t i = 0; i < count && !status; i++)
		if (list[i].driver[0])
			status = candidate_unbind(&list[i]);
	return status;
}

/*
 * Claims the device. A driver is unbound only once the claim was refused because of it: by then
 * the module is known to be there and to be ours to use.
 */
static int candidate_claim(struct uldf_ctx *ctx, struct candidate *candidate,
			   const struct arguments *arguments)
{
	struct uldf_usage *usage = NULL;
	int err = uldf_claim(ctx, &candidate->address), status = OUTPUT_DONE;

	if (err == -EBUSY && arguments->unbind && candidate->driver[0]) {
		status = candidates_unbind(ctx, candidate, 1, arguments, &usage);
		err = status ? 0 : uldf_claim(ctx, &candidate->address);
	}
	if (err)
		status = output_reason(ctx, err);
	uldf_usage_destroy(usage);
	candidate->claimed = !status;
	return status;
}

static bool candidate_mates(const struct candidate *a, const struct candidate *b)
{
	return a == b || (a->group >= 0 && a->group == b->group);
}

/* The same for all of its IOMMU group, whose devices stand together in the list, this one first. */
static int candidate_claim_group(struct uldf_ctx *ctx, struct candidate *list, size_t count,
				 const struct arguments *arguments)
{
	struct uldf_usage *usage = NULL;
	int err = uldf_claim_group(ctx, &list->address), status = OUTPUT_DONE;

	if (err == -EBUSY && arguments->unbind) {
		status = candidates_unbind(ctx, list, count, arguments, &usage);
		err = status ? 0 : uldf_claim_group(ctx, &list->address);
	}
	if (err)
		status = output_reason(ctx, err);
	uldf_usage_destroy(usage);
	for (size_t i = 0; i < count && !status; i++)
		list[i].claimed = true;
	return status;
}

/* Claims each group of the list. */
static int candidates_claim_groups(struct uldf_ctx *ctx, struct candidate *list, size_t count,
				   const struct arguments *arguments)
{
	int status = OUTPUT_DONE;

	for (size_t i = 0, end; i < count && !status; i = end) {
		for (end = i + 1; end < count && candidate_mates(&list[i], &list[end]);)
			end++;
		status = candidate_claim_group(ctx, &list[i], end - i, arguments);
	}
	return status;
}

/* Were others of its group claimed before? They would be given back along; so they are where nobody knows. */
static bool candidate_joined(struct uldf_ctx *ctx, const struct candidate *list, size_t count,
			     const struct candidate *candidate)
{
	struct uldf_host_device *all;
	size_t all_count, claimed = 0, ours = 0;

	if (candidate->group < 0)
		return false;
	if (uldf_discover(ctx, &all, &all_count))
		return true;
	for (size_t i = 0; i < all_count; i++)
		claimed += all[i].claimed && all[i].group == candidate->group;
	uldf_discover_free(all);
	for (size_t i = 0; i < count; i++)
		ours += list[i].claimed && list[i].group == candidate->group;
	return claimed > ours;
}

/* Gives a group back; what was unbound is then to be probed. */
static void candidate_release_group(struct uldf_ctx *ctx, struct candidate *list, size_t count,
				    const struct candidate *candidate)
{
	bool joined = candidate_joined(ctx, list, count, candidate);
	struct candidate *mate;

	if (joined)
		output_error(
			"device %s: stays claimed, with those of its IOMMU group that were before",
			candidate->text);
	else if (uldf_release(ctx, &candidate->address, ULDF_GIVING_GROUP | ULDF_GIVING_BY_FORCE,
			      NULL))
		output_error("device %s: its IOMMU group could not be given back", candidate->text);
	for (mate = list; mate < list + count; mate++) {
		if (!mate->claimed || !candidate_mates(candidate, mate))
			continue;
		mate->claimed = false;
		mate->unbound = mate->unbound && !joined;
	}
}

/* Puts things back as they were. */
static void candidate_undo(struct uldf_ctx *ctx, const struct candidate *candidate)
{
	int err = 0;

	if (candidate->claimed)
		err = uldf_release(ctx, &candidate->address,
				   ULDF_GIVING_BY_FORCE |
					   (candidate->unbound ? ULDF_GIVING_TO_DRIVERS : 0),
				   NULL);
	else if (candidate->unbound)
		err = binding_probe(&candidate->address);
	if (err)
		output_error("device %s: could not be given back%s%s", candidate->text,
			     candidate->unbound ? " to " : "",
			     candidate->unbound ? candidate->driver : "");
}

/* The driver that it was taken from, or would be; empty for none. */
static const char *candidate_taken_from(const struct candidate *candidate, bool dry_run)
{
	return dry_run || candidate->unbound ? candidate->driver : "";
}

static json_t *claim_json(const struct candidate *list, size_t count, bool dry_run)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < count; i++) {
		const char *driver = candidate_taken_from(&list[i], dry_run);

		if (json_array_append_new(rows, json_pack("{so, so}", "address",
							  output_address(&list[i].address),
							  "unbound", output_text(driver)))) {
			json_decref(rows);
			return NULL;
		}
	}
	return json_pack("{so, sb}", "devices", rows, "dry_run", dry_run);
}

static int claim_print(const struct candidate *list, size_t count,
		       const struct arguments *arguments)
{
	if (arguments->json)
		return output_json(claim_json(list, count, arguments->dry_run));
	for (size_t i = 0; i < count; i++) {
		const char *driver = candidate_taken_from(&list[i], arguments->dry_run);

		printf("%s: %s%s%s\n", list[i].text,
		       arguments->dry_run ? "would be claimed" : "claimed",
		       driver[0] ? ", unbound from " : "", driver);
	}
	return OUTPUT_DONE;
}

/* All of them, or none: whoever interrupts it waits until either is true. */
static int claim_together(struct uldf_ctx *ctx, struct candidate *list, size_t count,
			  const struct arguments *arguments)
{
	sigset_t signals, before;
	int status = OUTPUT_DONE;
	size_t i;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &before);
	if (arguments->group)
		status = candidates_claim_groups(ctx, list, count, arguments);
	for (i = 0; i < count && !status && !arguments->group; i++)
		status = candidate_claim(ctx, &list[i], arguments);
	for (i = count; status && arguments->group && i--;)
		if (list[i].claimed)
			candidate_release_group(ctx, list, count, &list[i]);
	for (i = count; status && i--;)
		candidate_undo(ctx, &list[i]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}

static int claim_all(struct uldf_ctx *ctx, const struct uldf_address *addresses, size_t count,
		     const struct arguments *arguments)
{
	struct candidate *list = calloc(count, sizeof(*list));
	int status;

	if (!list) {
		output_error("out of memory");
		return OUTPUT_FAILED;
	}
	for (size_t i = 0; i < count; i++)
		list[i].address = addresses[i];
	status = candidates_check(ctx, list, count, arguments);
	if (!status && !arguments->dry_run)
		status = claim_together(ctx, list, count, arguments);
	if (!status)
		status = claim_print(list, count, arguments);
	free(list);
	return status;
}

int verb_claim(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	struct uldf_address *addresses;
	size_t count;
	int status, err;

	if (!arguments->group)
		return claim_all(ctx, arguments->addresses, arguments->count, arguments);
	err = mates_add(ctx, arguments->addresses, arguments->count, &addresses, &count);
	if (err)
		return output_reason(ctx, err);
	status = claim_all(ctx, addresses, count, arguments);
	free(addresses);
	return status;
}
