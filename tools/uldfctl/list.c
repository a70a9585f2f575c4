// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
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

/* Steals what it packs, as json_pack's "o" does; NULL for want of memory. */
static json_t *row_json(const struct row *row)
{
	const struct uldf_host_device *device = row->device;

	return json_pack(
		"{so, s{so, ss}, s{so, ss}, s{so, ss}, so, so, so, so, so, ss, sb, so, so}",
		"address", output_address(&device->address), "class", "code",
		output_hex(device->class_code, 6), "name", row->names.class_name, "vendor", "id",
		output_hex(device->vendor, 4), "name", row->names.vendor, "device", "id",
		output_hex(device->device, 4), "name", row->names.device, "subvendor",
		output_hex(device->subvendor, 4), "subdevice", output_hex(device->subdevice, 4),
		"revision", output_hex(device->revision, 2), "driver", output_text(device->driver),
		"iommu_group", device->group < 0 ? json_null() : json_integer(device->group),
		"standing", standing_word(row->standing), "claimable",
		row->standing == STANDING_FREE, "usage", output_text(row->usage), "group_holder",
		row->mate ? output_address(&row->mate->address) : json_null());
}

/* All but bridges, or those that are named. */
static bool row_wanted(const struct uldf_host_device *device, const struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->count; i++)
		if (address_equal(&device->address, &arguments->addresses[i]))
			return true;
	return !arguments->count && (arguments->all || !device->bridge);
}

static int list_rows(struct uldf_ctx *ctx, const struct arguments *arguments,
		     const struct uldf_host_device *list, size_t count)
{
	struct pci_access *access = names_open();
	json_t *rows = arguments->json ? json_array() : NULL;
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		struct row row = {.device = &list[i]};

		if (!row_wanted(row.device, arguments))
			continue;
		row.standing = standing_of(row.device, list, count, &row.mate);
		names_find(access, row.device, &row.names);
		if (row.standing == STANDING_HELD)
			err = uldf_discover_usage(ctx, &row.device->address, row.usage,
						  sizeof(row.usage));
		if (arguments->json && json_array_append_new(rows, row_json(&row))) {
			json_decref(rows);
			rows = NULL;
			break;
		}
		if (!arguments->json)
			row_print(&row);
	}
	names_close(access);
	if (err) {
		json_decref(rows);
		return output_reason(ctx, err);
	}
	return arguments->json ? output_json(json_pack("{so}", "devices", rows)) : OUTPUT_DONE;
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
