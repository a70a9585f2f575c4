// SPDX-License-Identifier: MIT
/* Watchdogs: one that runs resets the machine when nobody feeds it. */
#include <string.h>
#include "detect/detect.h"

void detect_watchdog(struct detect *detect)
{
	const struct node *node = NULL;
	char state[32];

	while ((node = nodes_next(&detect->nodes, "watchdog", node))) {
		host_line(detect->host, state, sizeof(state), "/sys/class/watchdog/%s/state",
			  node->name);
		if (!strcmp(state, "active"))
			detect_next(detect_used(detect, "watchdog %s runs", node->name),
				    "stop what feeds it: wdctl");
	}
}
