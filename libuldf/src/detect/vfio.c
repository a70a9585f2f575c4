// SPDX-License-Identifier: MIT
/*
 * Devices bound to vfio-pci or another driver of VFIO. The node of a group opens once; it stays open while
 * one of the group's devices is, whoever closed the group's own descriptor. Unbinding such a device waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include "detect/detect.h"

static void vfio_report(struct detect *detect, const char *path, int err)
{
	const char *name = path + strlen(detect->host->root);

	if (err == -EBUSY)
		detect_next(
			detect_used(detect, "a guest or a program drives it (%s is open)", name),
			"shut the guest down, or end the program");
	else
		detect_next(
			detect_unknown(detect, "%s cannot be opened: %s", name, ctx_strerror(err)),
			"be root");
}

void detect_vfio(struct detect *detect)
{
	static const char *const forms[] = {"", "noiommu-"};
	char path[PATH_MAX];
	int err = -ENOENT;

	if (strncmp(detect->driver, "vfio", 4) && !nodes_next(&detect->nodes, "vfio-dev", NULL))
		return;
	for (size_t i = 0; i < 2 && err == -ENOENT; i++) {
		if (!host_path(detect->host, path, "/dev/vfio/%s%d", forms[i], detect->group))
			continue;
		err = detect_hold(detect, path, O_RDWR | O_CLOEXEC);
		/* Who has it open is found in the processes' files by the node's number. */
		if (!detect->err)
			detect->err = nodes_add(detect->host, &detect->nodes,
						"/sys/class/vfio/%s%d", forms[i], detect->group);
	}
	if (err)
		vfio_report(detect, path, err);
}
