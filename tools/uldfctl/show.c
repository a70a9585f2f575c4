// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include "holder.h"
#include "output.h"
#include "pinned.h"
#include "show.h"
#include "verbs.h"

static int shown_find_mates(struct shown *shown, const struct uldf_host_device *all, size_t count)
{
	shown->mates = calloc(count + 1, sizeof(*shown->mates));
	if (!shown->mates)
		return -ENOMEM;
	for (size_t i = 0; i < count && shown->seen.group >= 0; i++)
		if (all[i].group == shown->seen.group &&
		    !address_equal(&all[i].address, &shown->seen.address))
			shown->mates[shown->mate_count++] = all[i];
	return 0;
}

/* The kernel charges users, not processes nor devices. */
static void shown_find_pinned(struct shown *shown, const struct uldf_usage *usage)
{
	const struct uldf_finding *holder = holder_first(usage, 0);
	FILE *file;

	if (!shown->seen.claimed || !holder || holder->opener.user < 0)
		return;
	file = fopen(PINNED_BY_USER, "re");
	if (!file)
		return;
	shown->pinned_known = true;
	pinned_of(file, holder->opener.user, &shown->pinned);
	fclose(file);
}

/* Tells of a device whose facts are found; @rows is NULL where text is wanted. */
static int shown_tell(const struct shown *shown, json_t *rows)
{
	if (!rows) {
		show_print(shown, stdout);
		return 0;
	}
	return json_array_append_new(rows, show_json(shown)) ? -ENOMEM : 0;
}

static int show_one(struct uldf_ctx *ctx, const struct uldf_address *address,
		    const struct uldf_host_device *all, size_t count, json_t *rows)
{
	struct shown shown = {.pinned = 0};
	struct uldf_usage *usage = NULL;
	struct pci_access *access;
	int err = uldf_discover_one(ctx, address, &shown.seen);

	if (!err)
		err = uldf_discover_usage(ctx, address, shown.use, sizeof(shown.use));
	if (!err)
		err = uldf_usage_create(ctx, address, 1, false, &usage);
	if (err)
		return output_reason(ctx, err);
	shown.finding_count = uldf_usage_findings(usage, 0, &shown.findings);
	shown.standing = standing_of(&shown.seen, all, count, &shown.mate);
	facts_read("/sys", address, &shown.facts);
	counters_read("/sys", address, &shown.counters);
	shown_find_pinned(&shown, usage);
	access = names_open();
	names_find(access, &shown.seen, &shown.names);
	names_close(access);
	err = shown_find_mates(&shown, all, count);
	if (!err)
		err = shown_tell(&shown, rows);
	if (err)
		output_error("out of memory");
	free(shown.mates);
	uldf_usage_destroy(usage);
	return err ? OUTPUT_FAILED : OUTPUT_DONE;
}

int verb_show(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	json_t *rows = arguments->json ? json_array() : NULL;
	struct uldf_host_device *all;
	int status = OUTPUT_DONE, one;
	size_t count;

	one = uldf_discover(ctx, &all, &count);
	if (one) {
		json_decref(rows);
		return output_reason(ctx, one);
	}
	for (size_t i = 0; i < arguments->count; i++) {
		one = show_one(ctx, &arguments->addresses[i], all, count, rows);
		status = status ? status : one;
	}
	uldf_discover_free(all);
	one = rows ? output_json(json_pack("{so}", "devices", rows)) : OUTPUT_DONE;
	return status ? status : one;
}
