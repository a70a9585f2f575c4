// SPDX-License-Identifier: MIT
/* Keyboards and pointers, most of them behind a USB controller. */
#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include "detect/detect.h"

/* A switch alone tells that a plug is in a jack of a sound card. */
#define INPUT_OF_PEOPLE (1UL << EV_KEY | 1UL << EV_REL | 1UL << EV_ABS)

void detect_input(struct detect *detect)
{
	const struct node *node = NULL;
	char name[128], events[32];

	while ((node = nodes_next(&detect->nodes, "input", node))) {
		if (strncmp(node->name, "input", 5))
			continue;
		host_line(detect->host, events, sizeof(events),
			  "/sys/class/input/%s/capabilities/ev", node->name);
		if (!(strtoul(events, NULL, 16) & INPUT_OF_PEOPLE))
			continue;
		host_line(detect->host, name, sizeof(name), "/sys/class/input/%s/name", node->name);
		detect_next(detect_used(detect, "input device %s (%s) is on it", name, node->name),
			    "unplug it, or plug it into another controller");
	}
}
