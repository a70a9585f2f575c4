// SPDX-License-Identifier: MIT
/* INTx: pins of functions, or-ed to the four lines of the bus, driven onto GSIs. */
#include <linux/pci_regs.h>
#include "bus_state.h"

static unsigned int line_index(unsigned int device, unsigned int pin)
{
	return (device + pin - 1) & 3;
}

unsigned int vpci_bus_gsi(const struct vpci_bus *bus, unsigned int device, unsigned int pin)
{
	return bus->layout.gsis[line_index(device, pin)];
}

unsigned int vpci_function_gsi(const struct vpci_function *function)
{
	return vpci_bus_gsi(function->bus, function->devfn >> 3,
			    function->config.value[PCI_INTERRUPT_PIN]);
}

/* Lines may share a GSI. */
static bool line_level(const struct vpci_bus *bus, unsigned int gsi)
{
	for (unsigned int i = 0; i < 4; i++)
		if (bus->layout.gsis[i] == gsi && bus->lines[i])
			return true;
	return false;
}

void vpci_line_update(struct vpci_function *function)
{
	struct vpci_config *config = &function->config;
	unsigned int pin = config->value[PCI_INTERRUPT_PIN], gsi;
	struct vpci_bus *bus = function->bus;
	bool driven = function->line && pin &&
		      !(config->value[PCI_COMMAND + 1] & (PCI_COMMAND_INTX_DISABLE >> 8));
	bool before;

	/* The status bit tells of the pin even while the command register disables it. */
	config->value[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTERRUPT;
	config->value[PCI_STATUS] |= function->line ? PCI_STATUS_INTERRUPT : 0;
	if (driven == function->driven)
		return;
	function->driven = driven;
	gsi = vpci_function_gsi(function);
	before = line_level(bus, gsi);
	if (driven)
		bus->lines[line_index(function->devfn >> 3, pin)]++;
	else
		bus->lines[line_index(function->devfn >> 3, pin)]--;
	if (line_level(bus, gsi) != before)
		bus->host.ops->gsi_set(bus->host.host, gsi, !before);
}

void vpci_function_set_line(struct vpci_function *function, bool asserted)
{
	pthread_mutex_lock(&function->bus->lock);
	function->line = asserted;
	vpci_line_update(function);
	pthread_mutex_unlock(&function->bus->lock);
}
