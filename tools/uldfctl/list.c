// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "holder.h"
#include "identity.h"
#include "names.h"
#include "output.h"
#include "pinned.h"
#include "standing.h"
#include "verbs.h"

/* All that is said of one device. */
struct row {
	const struct uldf_host_device *device;
	const struct uldf_host_device *mate;
	enum standing standing;
	struct names names;
	char usage[256];
};

static void row_print(const struct row *row)
{
	const struct uldf_host_device *device = row->device;
	char address[ULDF_ADDRESS_TEXT], standing[400], group[32] = "no IOMMU";

	uldf_address_format(&device->address, address);
	standing_text(row->standing, device, row->mate, row->usage, standing, sizeof(standing));
	if (device->group >= 0)
		snprintf(group, sizeof(group), "IOMMU group %d", device->group);
	printf("%s  %s: %s %s [%04x:%04x]\n%*s  %s, %s\n", address, row->names.class_name,
	       row->names.vendor, row->names.device, device->vendor, device->device,
	       (int)sizeof("0000:00:00.0") - 1, "", standing, group);
}

/* @holders: is stolen. NULL for want of memory. */
static json_t *row_json(const struct row *row, json_t *holders)
{
	return output_join(identity_json(row->device, &row->names),
			   json_pack("{ss, sb, so, so, so}", "standing",
				     standing_word(row->standing), "claimable",
				     row->standing == STANDING_FREE, "usage",
				     output_text(row->usage), "group_holder",
				     row->mate ? output_address(&row->mate->address) : json_null(),
				     "holders", holders));
}

/* All but bridges, or those that are named. */
static bool row_wanted(const struct uldf_host_device *device, const struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->count; i++)
		if (address_equal(&device->address, &arguments->addresses[i]))
			return true;
	return !arguments->count && (arguments->all || !device->bridge);
}

/* Looks at once who has which of the claimed devices open, in the order of the list. */
static int list_holders(struct uldf_ctx *ctx, const struct arguments *arguments,
			const struct uldf_host_device *list, size_t count, struct uldf_usage **out)
{
	struct uldf_address *addresses = calloc(count + 1, sizeof(*addresses));
	size_t claimed = 0;
	int err;

	if (!addresses)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (list[i].claimed && row_wanted(&list[i], arguments))
			addresses[claimed++] = list[i].address;
	err = claimed ? uldf_usage_create(ctx, addresses, claimed, false, out) : 0;
	free(addresses);
	return err;
}

/* Finds the row of a device. */
static int row_find(struct uldf_ctx *ctx, struct pci_access *access,
		    const struct uldf_host_device *list, size_t count, struct row *row)
{
	row->standing = standing_of(row->device, list, count, &row->mate);
	names_find(access, row->device, &row->names);
	if (row->standing != STANDING_HELD)
		return 0;
	return uldf_discover_usage(ctx, &row->device->address, row->usage, sizeof(row->usage));
}

static int list_text(struct uldf_ctx *ctx, const struct arguments *arguments,
		     const struct uldf_host_device *list, size_t count)
{
	struct pci_access *access = names_open();
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		struct row row = {.device = &list[i]};

		if (!row_wanted(row.device, arguments))
			continue;
		err = row_find(ctx, access, list, count, &row);
		if (!err)
			row_print(&row);
	}
	names_close(access);
	return err ? output_reason(ctx, err) : OUTPUT_DONE;
}

/* The array of rows in *@out; NULL for want of memory. */
static int list_json(struct uldf_ctx *ctx, const struct arguments *arguments,
		     const struct uldf_host_device *list, size_t count, json_t **out)
{
	struct pci_access *access = names_open();
	struct uldf_usage *usage = NULL;
	json_t *rows = json_array();
	size_t claimed = 0;
	int err = list_holders(ctx, arguments, list, count, &usage);

	for (size_t i = 0; i < count && !err && rows; i++) {
		struct row row = {.device = &list[i]};
		const struct uldf_finding *findings = NULL;
		json_t *holders;
		size_t found = 0;

		if (!row_wanted(row.device, arguments))
			continue;
		err = row_find(ctx, access, list, count, &row);
		if (err)
			break;
		if (row.device->claimed)
			found = uldf_usage_findings(usage, claimed++, &findings);
		holders = row.device->claimed ? holder_json(findings, found) : json_null();
		if (json_array_append_new(rows, row_json(&row, holders))) {
			json_decref(rows);
			rows = NULL;
		}
	}
	uldf_usage_destroy(usage);
	names_close(access);
	*out = rows;
	return err;
}

static int list_rows(struct uldf_ctx *ctx, const struct arguments *arguments,
		     const struct uldf_host_device *list, size_t count)
{
	json_t *rows = NULL;
	int err;

	if (!arguments->json)
		return list_text(ctx, arguments, list, count);
	err = list_json(ctx, arguments, list, count, &rows);
	if (err) {
		json_decref(rows);
		return output_reason(ctx, err);
	}
	return output_json(json_pack("{so}", "devices", rows));
}

/* Says who is charged for what is pinned; nothing where uldf.ko is not loaded. */
static void list_pinned(void)
{
	FILE *file = fopen(PINNED_BY_USER, "re");

	if (!file)
		return;
	pinned_print(file, stdout);
	fclose(file);
}

int verb_list(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	struct uldf_host_device *list;
	size_t count;
	int err = 0, status;

	for (size_t i = 0; i < arguments->count && !err; i++) {
		struct uldf_host_device device;

		err = uldf_discover_one(ctx, &arguments->addresses[i], &device);
	}
	err = err ? err : uldf_discover(ctx, &list, &count);
	if (err)
		return output_reason(ctx, err);
	status = list_rows(ctx, arguments, list, count);
	if (status == OUTPUT_DONE && !arguments->json && !arguments->count)
		list_pinned();
	uldf_discover_free(list);
	return status;
}
