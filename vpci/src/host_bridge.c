// SPDX-License-Identifier: MIT
/*
 * The host bridge at 00.0. It has registers only to be recognised by; its ids are the generic host
 * bridge's, for which no kernel has quirks.
 */
#include <errno.h>
#include <stdlib.h>
#include "bus_state.h"

static void host_bridge_destroy(struct vpci_function *function)
{
	free(function);
}

int vpci_host_bridge_create(struct vpci_function **out)
{
	static const struct vpci_function_ops ops = {.destroy = host_bridge_destroy};
	static const struct vpci_identity identity = {
		.vendor = 0x1b36,
		.device = 0x0008,
		.subvendor = 0x1af4,
		.subdevice = 0x1100,
		.class_code = 0x060000,
	};
	struct vpci_function *function = calloc(1, sizeof(*function));

	if (!function)
		return -ENOMEM;
	function->ops = &ops;
	vpci_config_init(&function->config, 256, &identity);
	*out = function;
	return 0;
}
