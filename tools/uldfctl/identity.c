// SPDX-License-Identifier: GPL-2.0-or-later
#include "identity.h"
#include "output.h"

json_t *identity_json(const struct uldf_host_device *device, const struct names *names)
{
	return json_pack(
		"{so, s{so, ss}, s{so, ss}, s{so, ss}, so, so, so, so, so}", "address",
		output_address(&device->address), "class", "code",
		output_hex(device->class_code, 6), "name", names->class_name, "vendor", "id",
		output_hex(device->vendor, 4), "name", names->vendor, "device", "id",
		output_hex(device->device, 4), "name", names->device, "subvendor",
		output_hex(device->subvendor, 4), "subdevice", output_hex(device->subdevice, 4),
		"revision", output_hex(device->revision, 2), "driver", output_text(device->driver),
		"iommu_group", device->group < 0 ? json_null() : json_integer(device->group));
}
