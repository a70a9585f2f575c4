// SPDX-License-Identifier: MIT
/* What the bus does for the functions that stand on it. */
#include <linux/pci_regs.h>
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

bool vpci_function_masters(const struct vpci_function *function)
{
	return vpci_config_read(&function->config, PCI_COMMAND, 2) & PCI_COMMAND_MASTER;
}

void vpci_function_vanish(struct vpci_function *function)
{
	struct vpci_bus *bus = function->bus;

	pthread_mutex_lock(&bus->lock);
	function->gone = true;
	vpci_decode_hide(bus, function);
	pthread_mutex_unlock(&bus->lock);
}

int vpci_function_reset(struct vpci_function *function)
{
	struct vpci_bus *bus = function->bus;
	struct vpci_slot *slot = &bus->slots[function->devfn];
	int err = 0;

	pthread_mutex_lock(&bus->lock);
	slot->away = true;
	vpci_decode_hide(bus, function);
	vpci_config_reset(&function->config);
	function->line = false;
	vpci_line_update(function);
	pthread_mutex_unlock(&bus->lock);
	if (function->ops->reset)
		err = function->ops->reset(function);
	pthread_mutex_lock(&bus->lock);
	slot->away = false;
	vpci_decode_update(bus);
	pthread_mutex_unlock(&bus->lock);
	return err;
}
