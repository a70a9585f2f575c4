// SPDX-License-Identifier: MIT
/* RDMA: programs have nodes open; NFS, iSER and NVMe over Fabrics use an active port without one. */
#include <dirent.h>
#include <string.h>
#include "detect/detect.h"

static void rdma_look_ports(struct detect *detect, const struct node *node)
{
	char path[PATH_MAX], state[32];
	struct dirent *entry;
	DIR *dir = NULL;

	if (host_path(detect->host, path, "/sys/class/infiniband/%s/ports", node->name))
		dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		host_line(detect->host, state, sizeof(state),
			  "/sys/class/infiniband/%s/ports/%s/state", node->name, entry->d_name);
		if (strstr(state, "ACTIVE"))
			detect_next(detect_unknown(detect,
						   "port %s of RDMA device %s is active, and the "
						   "kernel may use it",
						   entry->d_name, node->name),
				    "unmount what lies on NFS over RDMA, log out of iSER and NVMe "
				    "over Fabrics, take the link down");
	}
	if (dir)
		closedir(dir);
}

void detect_rdma(struct detect *detect)
{
	const struct node *node = NULL;

	while ((node = nodes_next(&detect->nodes, "infiniband", node)))
		rdma_look_ports(detect, node);
}
