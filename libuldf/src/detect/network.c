// SPDX-License-Identifier: MIT
/* Network interfaces of this process' namespace: up, part of a bridge or bond, below a VLAN. */
#include <dirent.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "detect/detect.h"
#include "mounts.h"

static void network_report_up(struct detect *detect, const char *name, const char *routes,
			      const char *routes6)
{
	bool routed = (routes && mounts_find_route(routes, name)) ||
		      (routes6 && mounts_find_route6(routes6, name));

	detect_next(detect_used(detect, routed ? "%s is up and has the default route" : "%s is up",
				name),
		    routed ? "give the default route to another interface, ip link set %s down"
			   : "ip link set %s down",
		    name);
}

/* Links named upper_NAME lead to the interfaces that stand on this one: bridges, bonds, teams, VLANs. */
static void network_report_uppers(struct detect *detect, const struct node *node)
{
	char master[64];
	struct dirent *entry;
	DIR *dir = opendir(node->path);

	if (host_link(&(struct detect_host){.root = ""}, master, sizeof(master), "%s/master",
		      node->path))
		detect_next(detect_used(detect, "%s is part of %s", node->name, master),
			    "ip link set %s nomaster", node->name);
	while (dir && (entry = readdir(dir))) {
		const char *upper = entry->d_name + 6;

		if (!strncmp(entry->d_name, "upper_", 6) && strcmp(upper, master))
			detect_next(detect_used(detect, "%s carries %s", node->name, upper),
				    "ip link del %s", upper);
	}
	if (dir)
		closedir(dir);
}

void detect_network(struct detect *detect)
{
	char path[PATH_MAX], *routes = NULL, *routes6 = NULL, flags[32];
	const struct node *node = NULL;

	if (host_path(detect->host, path, "/proc/net/route"))
		routes = host_text(path);
	if (host_path(detect->host, path, "/proc/net/ipv6_route"))
		routes6 = host_text(path);
	while ((node = nodes_next(&detect->nodes, "net", node))) {
		if (!host_line(detect->host, flags, sizeof(flags), "/sys/class/net/%s/flags",
			       node->name))
			detect_next(detect_unknown(detect, "whether %s is up cannot be read",
						   node->name),
				    "mount /sys");
		network_report_uppers(detect, node);
		if (strtoul(flags, NULL, 16) & IFF_UP)
			network_report_up(detect, node->name, routes, routes6);
	}
	free(routes);
	free(routes6);
}
