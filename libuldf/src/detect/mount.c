// SPDX-License-Identifier: MIT
/* File systems and swap on a device's disks, and on what the host built on these. */
#include <stdlib.h>
#include "detect/block.h"
#include "detect/detect.h"
#include "mounts.h"

static char *host_table(struct detect *detect, const char *name)
{
	char path[PATH_MAX];

	return host_path(detect->host, path, "%s", name) ? host_text(path) : NULL;
}

void detect_mount(struct detect *detect)
{
	/* As seen by this process; and by init, whose namespace a service may not share. */
	char *own = host_table(detect, "/proc/self/mountinfo");
	char *init = host_table(detect, "/proc/1/mountinfo"), point[PATH_MAX];

	for (size_t i = detect->blocks->count; i--;) {
		const struct block *on = &detect->blocks->list[i];
		struct mounts_block block = {on->dev, on->number.major, on->number.minor};

		if (on->number.type && ((own && mounts_find(own, &block, point, sizeof(point))) ||
					(init && mounts_find(init, &block, point, sizeof(point)))))
			detect_next(detect_used(detect, "/dev/%s mounted on %s", on->dev, point),
				    "umount %s", point);
	}
	free(own);
	free(init);
}

void detect_swap(struct detect *detect)
{
	char *swaps = host_table(detect, "/proc/swaps");

	for (size_t i = detect->blocks->count; swaps && i--;)
		if (mounts_find_swap(swaps, detect->blocks->list[i].dev))
			detect_next(detect_used(detect, "/dev/%s used as swap",
						detect->blocks->list[i].dev),
				    "swapoff /dev/%s", detect->blocks->list[i].dev);
	free(swaps);
}
