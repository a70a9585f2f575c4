// SPDX-License-Identifier: MIT
/* DMA engines: channels that drivers of the host have taken. */
#include <stdlib.h>
#include "detect/detect.h"

void detect_dma(struct detect *detect)
{
	const struct node *node = NULL;
	char users[32];

	while ((node = nodes_next(&detect->nodes, "dma", node))) {
		host_line(detect->host, users, sizeof(users), "/sys/class/dma/%s/in_use",
			  node->name);
		if (strtoul(users, NULL, 10))
			detect_next(detect_used(detect, "its channel %s is in use", node->name),
				    "unload the driver that took it");
	}
}
