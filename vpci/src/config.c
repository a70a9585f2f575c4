// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include <string.h>
#include <vpci/config.h>
#include "little_endian.h"

#define CONFIG_COMMAND                                                                       \
	(PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INVALIDATE | \
	 PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE)

static bool config_inside(const struct vpci_config *config, unsigned int offset, unsigned int width)
{
	return offset < config->size && width <= config->size - offset;
}

void vpci_config_init(struct vpci_config *config, unsigned int size,
		      const struct vpci_identity *identity)
{
	memset(config, 0, sizeof(*config));
	config->size = size;
	vpci_config_define(config, PCI_VENDOR_ID, 2, identity->vendor, 0);
	vpci_config_define(config, PCI_DEVICE_ID, 2, identity->device, 0);
	vpci_config_define(config, PCI_COMMAND, 2, 0, CONFIG_COMMAND);
	vpci_config_define(config, PCI_CLASS_REVISION, 4,
			   identity->class_code << 8 | identity->revision, 0);
	vpci_config_define(config, PCI_CACHE_LINE_SIZE, 1, 0, 0xff);
	vpci_config_define(config, PCI_LATENCY_TIMER, 1, 0, 0xff);
	vpci_config_define(config, PCI_SUBSYSTEM_VENDOR_ID, 2, identity->subvendor, 0);
	vpci_config_define(config, PCI_SUBSYSTEM_ID, 2, identity->subdevice, 0);
	vpci_config_define(config, PCI_INTERRUPT_LINE, 1, 0, 0xff);
	vpci_config_define(config, PCI_INTERRUPT_PIN, 1, identity->pin, 0);
}

void vpci_config_define(struct vpci_config *config, unsigned int offset, unsigned int width,
			uint32_t value, uint32_t writable)
{
	vpci_le_store(config->value + offset, width, value);
	vpci_le_store(config->writable + offset, width, writable);
	vpci_le_store(config->live + offset, width, 0);
}

void vpci_config_pass(struct vpci_config *config, unsigned int offset, unsigned int width,
		      uint32_t live)
{
	vpci_le_store(config->live + offset, width, live);
}

uint32_t vpci_config_live(const struct vpci_config *config, unsigned int offset, unsigned int width)
{
	return config_inside(config, offset, width)
		       ? (uint32_t)vpci_le_load(config->live + offset, width)
		       : 0;
}

uint32_t vpci_config_read(const struct vpci_config *config, unsigned int offset, unsigned int width)
{
	if (!config_inside(config, offset, width))
		return UINT32_MAX >> (32 - 8 * width);
	return (uint32_t)vpci_le_load(config->value + offset, width);
}

void vpci_config_write(struct vpci_config *config, unsigned int offset, unsigned int width,
		       uint32_t value)
{
	if (!config_inside(config, offset, width))
		return;
	for (unsigned int i = offset; i < offset + width; i++, value >>= 8) {
		uint8_t kept = config->value[i] & ~config->writable[i];

		config->value[i] = kept | ((uint8_t)value & config->writable[i]);
	}
}

void vpci_config_remember(struct vpci_config *config)
{
	memcpy(config->reset, config->value, sizeof(config->reset));
}

void vpci_config_reset(struct vpci_config *config)
{
	memcpy(config->value, config->reset, sizeof(config->value));
}
