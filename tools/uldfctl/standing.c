// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include "standing.h"

/* PCI-to-PCI: the one kind of device whose host driver leaves the group's DMA to others. */
#define CLASS_PCI_BRIDGE 0x0604

/* A device of the same IOMMU group in the hands of a host driver that has the group's DMA. */
static const struct uldf_host_device *group_mate(const struct uldf_host_device *device,
						 const struct uldf_host_device *list, size_t count)
{
	if (device->group < 0)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (list[i].group == device->group && list[i].driver[0] && !list[i].claimed &&
		    list[i].class_code >> 8 != CLASS_PCI_BRIDGE)
			return &list[i];
	return NULL;
}

enum standing standing_of(const struct uldf_host_device *device,
			  const struct uldf_host_device *list, size_t count,
			  const struct uldf_host_device **mate)
{
	const struct uldf_host_device *held;

	if (device->bridge)
		return STANDING_BRIDGE;
	if (device->claimed)
		return STANDING_CLAIMED;
	if (device->driver[0])
		return STANDING_HELD;
	held = group_mate(device, list, count);
	if (!held)
		return STANDING_FREE;
	if (mate)
		*mate = held;
	return STANDING_GROUP;
}

const char *standing_word(enum standing standing)
{
	static const char *const words[] = {
		[STANDING_FREE] = "free",	[STANDING_GROUP] = "group",
		[STANDING_HELD] = "held",	[STANDING_BRIDGE] = "bridge",
		[STANDING_CLAIMED] = "claimed",
	};

	return words[standing];
}

void standing_text(enum standing standing, const struct uldf_host_device *device,
		   const struct uldf_host_device *mate, const char *usage, char *buf, size_t size)
{
	char text[ULDF_ADDRESS_TEXT];

	switch (standing) {
	case STANDING_FREE:
		snprintf(buf, size, "free: claimable");
		break;
	case STANDING_GROUP:
		uldf_address_format(&mate->address, text);
		snprintf(buf, size, "free, but %s of its IOMMU group is held by %s", text,
			 mate->driver);
		break;
	case STANDING_HELD:
		snprintf(buf, size, usage[0] ? "held by %s (%s)" : "held by %s", device->driver,
			 usage);
		break;
	case STANDING_BRIDGE:
		snprintf(buf, size, "bridge: never");
		break;
	case STANDING_CLAIMED:
		snprintf(buf, size, "claimed");
		break;
	}
}
