// SPDX-License-Identifier: GPL-2.0-or-later
/* uldfctl poke: writes a register of a device that it opens as a driver does, and reads back where that is harmless. */
#include <inttypes.h>
#include <stdio.h>
#include "output.h"
#include "target.h"
#include "verbs.h"

/*
 * What became of a write.
 * @offset: where it went, from the region's start
 * @back: what the register holds then; of configuration space only, as reading other registers may change them
 */
struct written {
	uint64_t offset;
	uint64_t back;
};

/* Writes, reads configuration space back, and tells which bits did not take. */
static int poke_write(struct uldf_ctx *ctx, struct uldf_device *device, const struct access *access,
		      struct written *out)
{
	int err, status = target_find(ctx, device, access, &out->offset);

	if (status)
		return status;
	err = uldf_region_write(device, access->region, out->offset, access->width, access->value);
	if (!err && access->region == ULDF_CONFIG)
		err = uldf_region_read(device, access->region, out->offset, access->width,
				       &out->back);
	return err ? target_fail(ctx, access, err) : OUTPUT_DONE;
}

/* Read-only bits, the host's, and those that a written one clears. */
static int poke_refused(const struct access *access, const struct written *written)
{
	uint64_t bits = written->back ^ access->value;

	if (access->region != ULDF_CONFIG || !bits)
		return OUTPUT_DONE;
	output_error("device %s: config 0x%" PRIx64 " reads 0x%0*" PRIx64 ": bits 0x%" PRIx64
		     " did not take: they are read-only, cleared by ones, or the host's (man 4 "
		     "uldf)",
		     access->device, written->offset, 2 * (int)access->width, written->back, bits);
	return OUTPUT_PERMISSION;
}

static int poke_tell(const struct arguments *arguments, const struct written *written)
{
	const struct access *access = &arguments->access;
	bool back = access->region == ULDF_CONFIG && !arguments->dry_run;
	int digits = 2 * (int)access->width;

	if (!arguments->json) {
		printf("%s: %s+0x%" PRIx64 " %s 0x%0*" PRIx64 "\n", access->device,
		       place_region_name(access->region), written->offset,
		       arguments->dry_run ? "would be set to" : "set to", digits,
		       back ? written->back : access->value);
		return OUTPUT_DONE;
	}
	return output_json(json_pack("{ss, ss, sI, si, so, so, sb}", "device", access->device,
				     "region", place_region_name(access->region), "offset",
				     (json_int_t)written->offset, "width", (int)access->width,
				     "value", output_hex(access->value, digits), "read_back",
				     back ? output_hex(written->back, digits) : json_null(),
				     "dry_run", arguments->dry_run));
}

int verb_poke(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	const struct access *access = &arguments->access;
	struct uldf_device *device = NULL;
	struct written written = {.offset = 0};
	int one, status = target_open(ctx, access->device, &device);

	if (status)
		return status;
	status = arguments->dry_run ? target_find(ctx, device, access, &written.offset)
				    : poke_write(ctx, device, access, &written);
	uldf_device_close(device);
	if (status)
		return status;
	if (!arguments->dry_run)
		status = poke_refused(access, &written);
	one = poke_tell(arguments, &written);
	return status ? status : one;
}
