// SPDX-License-Identifier: MIT
/* Virtual functions of a physical function: they end when its driver lets go of it. */
#include <stdlib.h>
#include "detect/detect.h"

/* More are counted only. */
#define FUNCTIONS_TOLD 4

void detect_sriov(struct detect *detect)
{
	const struct detect_host *host = detect->host;
	char line[32], function[ULDF_ADDRESS_TEXT], driver[32];
	unsigned long count;

	host_line(host, line, sizeof(line), "/sys/bus/pci/devices/%s/sriov_numvfs",
		  detect->address);
	count = strtoul(line, NULL, 10);
	for (unsigned long i = 0; i < count && i < FUNCTIONS_TOLD; i++) {
		if (!host_link(host, function, sizeof(function),
			       "/sys/bus/pci/devices/%s/virtfn%lu", detect->address, i) ||
		    !host_link(host, driver, sizeof(driver), "/sys/bus/pci/devices/%s/driver",
			       function))
			continue;
		detect_next(detect_used(detect, "its virtual function %s is held by %s", function,
					driver),
			    "stop what uses %s", function);
	}
	if (count)
		detect_next(detect_used(detect, "it has %lu virtual functions", count),
			    "echo 0 >/sys/bus/pci/devices/%s/sriov_numvfs", detect->address);
}
