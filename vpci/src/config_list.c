// SPDX-License-Identifier: MIT
/* The two lists of capabilities, standard and extended, of a configuration space. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>
#include <vpci/config.h>

static void config_blank(struct vpci_config *config, unsigned int offset, unsigned int size)
{
	memset(config->value + offset, 0, size);
	memset(config->writable + offset, 0, size);
	memset(config->live + offset, 0, size);
}

int vpci_config_add_capability(struct vpci_config *config, uint8_t id, unsigned int offset,
			       unsigned int size)
{
	if (offset < PCI_STD_HEADER_SIZEOF || offset >= PCI_CFG_SPACE_SIZE || (offset & 3) ||
	    size < 2 || size > PCI_CFG_SPACE_SIZE - offset)
		return -EINVAL;
	config_blank(config, offset, size);
	config->value[offset + PCI_CAP_LIST_ID] = id;
	config->value[config->last ? config->last + PCI_CAP_LIST_NEXT : PCI_CAPABILITY_LIST] =
		(uint8_t)offset;
	config->value[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	config->last = (uint8_t)offset;
	return 0;
}

static void config_link_extended(struct vpci_config *config, unsigned int at, unsigned int next)
{
	config->value[at + 2] = (uint8_t)((config->value[at + 2] & 0x0f) | (next << 4 & 0xf0));
	config->value[at + 3] = (uint8_t)(next >> 4);
}

int vpci_config_add_extended(struct vpci_config *config, uint16_t id, unsigned int version,
			     unsigned int offset, unsigned int size)
{
	if (config->size != VPCI_CONFIG_SIZE || offset < PCI_CFG_SPACE_SIZE ||
	    offset >= VPCI_CONFIG_SIZE || (offset & 3) || size < 4 ||
	    size > VPCI_CONFIG_SIZE - offset || version > 15)
		return -EINVAL;
	config_blank(config, offset, size);
	vpci_config_define(config, offset, 4, id | version << 16, 0);
	if (config->last_extended) {
		config_link_extended(config, config->last_extended, offset);
	} else if (offset != PCI_CFG_SPACE_SIZE) {
		/* Id 0 is the null capability: software skips it (PCI Code and ID, section 3). */
		vpci_config_define(config, PCI_CFG_SPACE_SIZE, 4, 1 << 16, 0);
		config_link_extended(config, PCI_CFG_SPACE_SIZE, offset);
	}
	config->last_extended = (uint16_t)offset;
	return 0;
}
