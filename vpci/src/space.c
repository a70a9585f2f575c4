// SPDX-License-Identifier: MIT
/* Configuration accesses, once it is known to which slot they go. */
#include <linux/pci_regs.h>
#include "bus_state.h"

static bool space_multifunction(struct vpci_bus *bus, uint8_t devfn)
{
	bool more = false;

	pthread_mutex_lock(&bus->lock);
	for (unsigned int i = 1; i < 8; i++)
		more |= bus->slots[(devfn & ~7u) + i].function != NULL;
	pthread_mutex_unlock(&bus->lock);
	return more;
}

uint32_t vpci_space_read(struct vpci_function *function, unsigned int offset, unsigned int width)
{
	uint32_t all = UINT32_MAX >> (32 - 8 * width), value;

	if (offset >= function->config.size)
		return all;
	value = vpci_config_read(&function->config, offset, width);
	/* Whether a device has several functions is the slot's to say, not the function's. */
	if (vpci_config_touches(offset, width, PCI_HEADER_TYPE, 1) &&
	    space_multifunction(function->bus, function->devfn))
		value |= 0x80u << (8 * (PCI_HEADER_TYPE - offset));
	if (function->ops->config_read)
		function->ops->config_read(function, offset, width, &value);
	return value & all;
}

void vpci_space_write(struct vpci_function *function, unsigned int offset, unsigned int width,
		      uint32_t value)
{
	bool command = vpci_config_touches(offset, width, PCI_COMMAND, 2);
	struct vpci_bus *bus = function->bus;

	if (offset >= function->config.size)
		return;
	value &= UINT32_MAX >> (32 - 8 * width);
	pthread_mutex_lock(&bus->lock);
	vpci_config_write(&function->config, offset, width, value);
	if (command || vpci_config_touches(offset, width, PCI_BASE_ADDRESS_0, 24))
		vpci_decode_update(bus);
	if (command)
		vpci_line_update(function);
	pthread_mutex_unlock(&bus->lock);
	if (function->ops->config_write)
		function->ops->config_write(function, offset, width, value);
}
