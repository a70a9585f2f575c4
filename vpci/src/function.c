// SPDX-License-Identifier: MIT
/* What the bus does for the functions that stand on it. */
#include "bus_state.h"

void vpci_function_destroy(struct vpci_function *function)
{
	if (function)
		function->ops->destroy(function);
}

const struct vpci_host *vpci_function_host(const struct vpci_function *function)
{
	return &function->bus->host;
}

uint16_t vpci_function_requester(const struct vpci_function *function)
{
	return function->devfn;
}

void vpci_function_vanish(struct vpci_function *function)
{
	function->gone = true;
	vpci_decode_hide(function->bus, function);
}

int vpci_function_reset(struct vpci_function *function)
{
	int err = 0;

	vpci_decode_hide(function->bus, function);
	vpci_config_reset(&function->config);
	function->line = false;
	vpci_line_update(function);
	if (function->ops->reset)
		err = function->ops->reset(function);
	vpci_decode_update(function->bus);
	return err;
}
