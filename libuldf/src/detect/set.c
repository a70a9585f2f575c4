// SPDX-License-Identifier: MIT
/* Block devices that the host built on a device's disks: LVM, RAID, dm-crypt, multipath; loop devices. */
#include <stdio.h>
#include <string.h>
#include "detect/block.h"
#include "detect/detect.h"

/* What device-mapper's users write before the uuid of their tables. */
static const struct {
	const char *prefix;
	const char *kind;
	const char *stop; /* with the name of the table */
} mappers[] = {
	{"LVM-", "LVM volume", "lvchange -an /dev/mapper/%s"},
	{"CRYPT-", "dm-crypt volume", "cryptsetup close %s"},
	{"mpath-", "multipath disk", "multipath -f %s"},
	{"DMRAID-", "RAID set", "dmraid -an %s"},
	{"", "device-mapper table", "dmsetup remove %s"},
};

static void set_report_mapper(struct detect *detect, const struct block *set, const char *part)
{
	char name[128], uuid[128], stop[256];
	struct uldf_finding *finding;
	size_t i = 0;

	host_line(detect->host, name, sizeof(name), "/sys/class/block/%s/dm/name", set->name);
	host_line(detect->host, uuid, sizeof(uuid), "/sys/class/block/%s/dm/uuid", set->name);
	while (strncmp(uuid, mappers[i].prefix, strlen(mappers[i].prefix)))
		i++;
	finding = detect_used(detect, "/dev/%s part of %s %s", part, mappers[i].kind, name);
	snprintf(stop, sizeof(stop), "%s", mappers[i].stop);
	*strchr(stop, '%') = '\0';
	detect_next(finding, "%s%s", stop, name);
}

void detect_set(struct detect *detect)
{
	for (size_t i = detect->blocks->count; i--;) {
		const struct block *set = &detect->blocks->list[i];
		const char *part = detect->blocks->list[set->below].dev;

		if (set->below == i || set->loop)
			continue;
		if (!strncmp(set->name, "dm-", 3))
			set_report_mapper(detect, set, part);
		else if (!strncmp(set->name, "md", 2))
			detect_next(detect_used(detect, "/dev/%s part of RAID set /dev/%s", part,
						set->dev),
				    "mdadm --stop /dev/%s", set->dev);
		else
			detect_next(detect_used(detect, "/dev/%s part of /dev/%s", part, set->dev),
				    "stop /dev/%s", set->dev);
	}
}

void detect_loop(struct detect *detect)
{
	for (size_t i = detect->blocks->count; i--;) {
		const struct block *loop = &detect->blocks->list[i];
		const struct block *below = &detect->blocks->list[loop->below];

		/* A loop device's partition goes with it. */
		if (loop->loop && !below->loop)
			detect_next(detect_used(detect, "/dev/%s lies over /dev/%s", loop->dev,
						below->dev),
				    "losetup -d /dev/%s", loop->dev);
	}
}
