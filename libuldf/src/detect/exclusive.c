// SPDX-License-Identifier: MIT
/*
 * Disks opened exclusively. That fails while a mount in whatever namespace, swap, a set, or a kernel's
 * target holds the disk, or one of its partitions; while this process holds it, these fail.
 */
#include <errno.h>
#include <fcntl.h>
#include "detect/block.h"
#include "detect/detect.h"

/* A disk that other detectors found in use needs no second finding. */
static void exclusive_report(struct detect *detect, const struct block *disk, bool explained)
{
	if (!explained)
		detect_next(detect_used(detect, "/dev/%s in use", disk->dev),
			    "end what has it: a mount in another namespace, a program");
}

void detect_exclusive(struct detect *detect)
{
	bool explained = false;
	char path[PATH_MAX];
	int err;

	for (size_t i = 0; i < detect->count; i++)
		explained = explained || detect->findings[i].verdict == ULDF_USED;
	for (size_t i = 0; i < detect->blocks->count; i++) {
		const struct block *disk = &detect->blocks->list[i];

		if (!disk->whole || !disk->number.type ||
		    !host_path(detect->host, path, "/dev/%s", disk->dev))
			continue;
		err = detect_hold(detect, path, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
		/* A drive without a medium has been claimed before the medium was missed. */
		if (!err || err == -ENOMEDIUM)
			continue;
		if (err == -EBUSY)
			exclusive_report(detect, disk, explained);
		else
			detect_next(detect_unknown(detect, "/dev/%s cannot be opened: %s",
						   disk->dev, ctx_strerror(err)),
				    "be root");
	}
}
