// SPDX-License-Identifier: MIT
/* I2C and SMBus controllers: chips on the bus that drivers of the host hold. */
#include "detect/detect.h"

void detect_i2c(struct detect *detect)
{
	const struct node *node = NULL;
	char chip[64];

	while ((node = nodes_next(&detect->nodes, "i2c", node))) {
		if (!node->driver[0])
			continue;
		host_line(detect->host, chip, sizeof(chip), "/sys/bus/i2c/devices/%s/name",
			  node->name);
		detect_next(detect_used(detect, "its chip %s (%s) is held by %s", node->name, chip,
					node->driver),
			    "echo %s >/sys/bus/i2c/drivers/%s/unbind", node->name, node->driver);
	}
}
