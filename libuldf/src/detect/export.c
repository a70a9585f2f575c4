// SPDX-License-Identifier: MIT
/* Disks that the kernel serves to others by itself, as configfs tells: no process has these open. */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "detect/block.h"
#include "detect/detect.h"

static const struct {
	const char *pattern; /* of files that hold the path of a block device */
	const char *kind;
	const char *stop;
} exports[] = {
	{"/sys/kernel/config/nvmet/subsystems/*/namespaces/*/device_path", "an NVMe target",
	 "write 0 to its file enable"},
	{"/sys/kernel/config/target/core/*/*/udev_path", "a SCSI target", "targetcli clearconfig"},
	{"/sys/kernel/config/usb_gadget/*/functions/mass_storage.*/lun.*/file", "a USB gadget",
	 "write nothing to it"},
};

/* @root: bytes of the host's root, which the message leaves out. */
static void export_look(struct detect *detect, const char *path, size_t kind, size_t root)
{
	static const struct detect_host plain = {.root = ""};
	char device[PATH_MAX], whole[PATH_MAX];
	struct detect_number number;

	if (!host_line(&plain, device, sizeof(device), "%s", path) ||
	    !host_path(detect->host, whole, "%s", device) || detect->host->number(whole, &number) ||
	    number.type != S_IFBLK)
		return;
	for (size_t i = 0; i < detect->blocks->count; i++) {
		const struct block *block = &detect->blocks->list[i];

		if (block->number.type == S_IFBLK && block->number.major == number.major &&
		    block->number.minor == number.minor)
			detect_next(detect_used(detect, "/dev/%s served by %s (%s)", block->dev,
						exports[kind].kind, path + root),
				    "%s", exports[kind].stop);
	}
}

void detect_export(struct detect *detect)
{
	char pattern[PATH_MAX];

	for (size_t i = 0; detect->blocks->count && i < sizeof(exports) / sizeof(exports[0]); i++) {
		glob_t found;

		if (!host_path(detect->host, pattern, "%s", exports[i].pattern) ||
		    glob(pattern, GLOB_NOSORT, NULL, &found))
			continue;
		for (size_t j = 0; j < found.gl_pathc; j++)
			export_look(detect, found.gl_pathv[j], i, strlen(detect->host->root));
		globfree(&found);
	}
}
