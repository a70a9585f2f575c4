// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uldfctl peek: reads registers. Those of a device that uldf drives by libuldf; configuration space of any other by
 * sysfs, which changes nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "config-file.h"
#include "output.h"
#include "target.h"
#include "verbs.h"

/* What was read. */
struct dump {
	uint64_t offset;
	uint64_t *values;
	uint64_t count;
	bool sysfs;
};

static int dump_read(struct uldf_ctx *ctx, struct uldf_device *device, const struct access *access,
		     struct dump *out)
{
	int status = target_find(ctx, device, access, &out->offset);

	for (out->count = 0; !status && out->count < access->count; out->count++) {
		int err = uldf_region_read(device, access->region,
					   out->offset + out->count * access->width, access->width,
					   &out->values[out->count]);

		if (err)
			return target_fail(ctx, access, err);
	}
	return status;
}

/* Is it configuration space of a device that no driver of libuldf reaches? */
static bool sysfs_serves(struct uldf_ctx *ctx, const struct access *access,
			 struct uldf_address *address)
{
	struct uldf_host_device device;

	return access->region == ULDF_CONFIG && !uldf_address_parse(access->device, address) &&
	       !uldf_discover_one(ctx, address, &device) && !device.claimed;
}

/* Prints one value alone, and more in lines of 16 bytes behind their offset. */
static void dump_print(const struct dump *dump, unsigned int width)
{
	unsigned int row = 16 / width;

	if (dump->count == 1) {
		printf("0x%0*" PRIx64 "\n", 2 * (int)width, dump->values[0]);
		return;
	}
	for (uint64_t i = 0; i < dump->count; i++) {
		if (i % row == 0)
			printf("%s%04" PRIx64 ":", i ? "\n" : "", dump->offset + i * width);
		printf(" %0*" PRIx64, 2 * (int)width, dump->values[i]);
	}
	putchar('\n');
}

static json_t *dump_json(const struct dump *dump, const struct access *access)
{
	json_t *values = json_array();

	for (uint64_t i = 0; i < dump->count; i++)
		if (json_array_append_new(values,
					  output_hex(dump->values[i], 2 * (int)access->width))) {
			json_decref(values);
			return NULL;
		}
	return json_pack("{ss, ss, so, sI, si, so}", "device", access->device, "region",
			 place_region_name(access->region), "by",
			 json_string(dump->sysfs ? "sysfs" : "libuldf"), "offset",
			 (json_int_t)dump->offset, "width", (int)access->width, "values", values);
}

int verb_peek(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	const struct access *access = &arguments->access;
	struct dump dump = {.values = calloc(access->count, sizeof(*dump.values))};
	struct uldf_device *device = NULL;
	struct uldf_address address;
	int status;

	if (!dump.values) {
		output_error("out of memory");
		return OUTPUT_FAILED;
	}
	if (sysfs_serves(ctx, access, &address)) {
		dump.sysfs = true;
		dump.count = access->count;
		status = config_file_read("/sys", &address, access, &dump.offset, dump.values);
	} else {
		status = target_open(ctx, access->device, &device);
		if (!status)
			status = dump_read(ctx, device, access, &dump);
		uldf_device_close(device);
	}
	if (!status && arguments->json)
		status = output_json(dump_json(&dump, access));
	else if (!status)
		dump_print(&dump, access->width);
	free(dump.values);
	return status;
}
