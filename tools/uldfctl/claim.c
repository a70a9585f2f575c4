// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "binding.h"
#include "mates.h"
#include "output.h"
#include "standing.h"
#include "verbs.h"

/* One device on its way into uldf's hands. */
struct candidate {
	struct uldf_address address;
	char text[ULDF_ADDRESS_TEXT];
	char driver[32]; /* that holds, or held it; empty for none */
	char usage[256];
	int group; /* IOMMU group, or -1 */
	bool unbound;
	bool claimed;
};

/* Says that a driver holds the device, and what to do about it. */
static int candidate_held(const struct candidate *candidate)
{
	char advice[256];

	standing_advice(candidate->usage, advice, sizeof(advice));
	output_error("device %s: held by %s%s%s: %s", candidate->text, candidate->driver,
		     candidate->usage[0] ? ", " : "", candidate->usage, advice);
	return OUTPUT_BUSY;
}

/*
 * Finds what the device is used for. Before it is taken from its driver this is worth to be tried,
 * which the host may notice.
 */
static int candidate_look(struct uldf_ctx *ctx, struct candidate *candidate, bool unbind)
{
	int (*look)(struct uldf_ctx *, const struct uldf_address *, char *, size_t) =
		unbind ? uldf_discover_probe : uldf_discover_usage;
	int err = look(ctx, &candidate->address, candidate->usage, sizeof(candidate->usage));

	if (err)
		return output_reason(ctx, err);
	return !unbind || candidate->usage[0] ? candidate_held(candidate) : OUTPUT_DONE;
}

/* Looks the device up and refuses what can be seen to fail, before anything is changed. */
static int candidate_check(struct uldf_ctx *ctx, struct candidate *candidate, bool unbind)
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
		output_error("device %s: claimed already: uldfctl release it first",
			     candidate->text);
		return OUTPUT_BUSY;
	case STANDING_HELD:
		strcpy(candidate->driver, device.driver);
		return candidate_look(ctx, candidate, unbind);
	default:
		return OUTPUT_DONE;
	}
}

/* Takes the device from the driver that was seen to hold it, unless it came into use since. */
static int candidate_unbind(struct uldf_ctx *ctx, struct candidate *candidate)
{
	int err = candidate_look(ctx, candidate, true);

	if (err)
		return err;
	err = binding_remove(&candidate->address, candidate->driver);
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
 * Claims the device. A driver is unbound only once the claim was refused because of it: by then
 * the module is known to be there and to be ours to use.
 */
static int candidate_claim(struct uldf_ctx *ctx, struct candidate *candidate, bool unbind)
{
	int err = uldf_claim(ctx, &candidate->address), status;

	if (err == -EBUSY && unbind && candidate->driver[0]) {
		status = candidate_unbind(ctx, candidate);
		if (status)
			return status;
		err = uldf_claim(ctx, &candidate->address);
	}
	if (err)
		return output_reason(ctx, err);
	candidate->claimed = true;
	return OUTPUT_DONE;
}

static bool candidate_mates(const struct candidate *a, const struct candidate *b)
{
	return a == b || (a->group >= 0 && a->group == b->group);
}

/* The same for all of its IOMMU group, which the list holds whole. */
static int candidate_claim_group(struct uldf_ctx *ctx, struct candidate *list, size_t count,
				 struct candidate *candidate, bool unbind)
{
	int err = uldf_claim_group(ctx, &candidate->address), status;
	struct candidate *mate;

	if (err == -EBUSY && unbind) {
		for (mate = list; mate < list + count; mate++) {
			if (!mate->driver[0] || !candidate_mates(candidate, mate))
				continue;
			status = candidate_unbind(ctx, mate);
			if (status)
				return status;
		}
		err = uldf_claim_group(ctx, &candidate->address);
	}
	if (err)
		return output_reason(ctx, err);
	for (mate = list; mate < list + count; mate++)
		mate->claimed = mate->claimed || candidate_mates(candidate, mate);
	return OUTPUT_DONE;
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
	else if (uldf_release_group(ctx, &candidate->address, false, NULL))
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
		err = uldf_release(ctx, &candidate->address, candidate->unbound, NULL);
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

		if (json_array_append_new(rows,
					  json_pack("{so, so, sb}", "address",
						    output_address(&list[i].address), "unbound",
						    output_text(driver), "dry_run", dry_run))) {
			json_decref(rows);
			return NULL;
		}
	}
	return rows;
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
	bool unbind = arguments->unbind;
	sigset_t signals, before;
	int status = OUTPUT_DONE;
	size_t i;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &before);
	for (i = 0; i < count && !status; i++)
		if (!arguments->group)
			status = candidate_claim(ctx, &list[i], unbind);
		else if (!list[i].claimed)
			status = candidate_claim_group(ctx, list, count, &list[i], unbind);
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
	int status = OUTPUT_DONE;

	if (!list) {
		output_error("out of memory");
		return OUTPUT_FAILED;
	}
	for (size_t i = 0; i < count && !status; i++) {
		list[i].address = addresses[i];
		status = candidate_check(ctx, &list[i], arguments->unbind);
	}
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
