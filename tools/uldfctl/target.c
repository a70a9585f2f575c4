// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include "holder.h"
#include "output.h"
#include "target.h"

int target_open(struct uldf_ctx *ctx, const char *device, struct uldf_device **out)
{
	struct uldf_address address;
	int status, err = uldf_device_open(ctx, device, out);

	if (!err)
		return OUTPUT_DONE;
	/* Its own reason is lost to the look at the processes. */
	if (err == -EBUSY && !uldf_address_parse(device, &address)) {
		status = holder_refuse(ctx, &address, NULL);
		if (status)
			return status;
		output_error("device %s: it, or another device of its IOMMU group, is open: end "
			     "the program that has it; root sees which",
			     device);
		return OUTPUT_BUSY;
	}
	return output_reason(ctx, err);
}

int target_find(struct uldf_ctx *ctx, struct uldf_device *device, const struct access *access,
		uint64_t *out)
{
	const struct place *place = &access->place;
	unsigned int at = 0;
	int err = 0;

	if (!uldf_region_get(device, access->region)->size) {
		output_error("device %s: it has no %s: see uldfctl show", access->device,
			     place_region_name(access->region));
		return OUTPUT_FAILED;
	}
	if (place->base == PLACE_STANDARD)
		err = uldf_config_find(device, (uint8_t)place->id, &at);
	else if (place->base == PLACE_EXTENDED)
		err = uldf_config_find_extended(device, place->id, &at);
	/* For the library -ENOENT is a module that is not loaded as well. */
	if (err)
		return output_reason(ctx, err == -ENOENT ? -EINVAL : err);
	*out = at + place->offset;
	return OUTPUT_DONE;
}

int target_fail(struct uldf_ctx *ctx, const struct access *access, int err)
{
	if (err == -EIO && access->region != ULDF_CONFIG) {
		output_error("device %s: %s is not decoded: memory or I/O space is off in its "
			     "command register, or it is not in D0: uldfctl reset ends both",
			     access->device, place_region_name(access->region));
		return OUTPUT_FAILED;
	}
	if (err == -ENXIO) {
		output_error("device %s: bus mastering (bit 2 of command) takes a driver that "
			     "gives the device a space: leave the bit out",
			     access->device);
		return OUTPUT_PERMISSION;
	}
	return output_reason(ctx, err);
}
