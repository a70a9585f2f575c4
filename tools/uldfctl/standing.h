/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a device stands with uldf: what could be done with it, and what is in the way. Pure. */
#ifndef TOOLS_ULDFCTL_STANDING_H
#define TOOLS_ULDFCTL_STANDING_H

#include <stddef.h>
#include <uldf/discover.h>

enum standing {
	STANDING_FREE,	/* can be claimed */
	STANDING_GROUP, /* free, but a device of its IOMMU group is held by a host driver */
	STANDING_HELD,	/* a host driver holds it */
	STANDING_BRIDGE,
	STANDING_CLAIMED,
};

/* @mate: out, for STANDING_GROUP: the device in the way; may be NULL. */
enum standing standing_of(const struct uldf_host_device *device,
			  const struct uldf_host_device *list, size_t count,
			  const struct uldf_host_device **mate);

/* One word for programs to read: "free", "group", "held", "bridge", "claimed". */
const char *standing_word(enum standing standing);

/*
 * One phrase for people: "held by ata_piix (/dev/sda mounted on /)". @usage: as from
 * uldf_discover_usage(), or "".
 */
void standing_text(enum standing standing, const struct uldf_host_device *device,
		   const struct uldf_host_device *mate, const char *usage, char *buf, size_t size);

#endif
