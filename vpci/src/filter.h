/* SPDX-License-Identifier: MIT */
/* Which of a device's capabilities a guest sees, and how. Pure. */
#ifndef VPCI_SRC_FILTER_H
#define VPCI_SRC_FILTER_H

#include <vpci/config.h>

/**
 * struct vpci_filter - a device whose capabilities are copied into a model
 * @device: its configuration space as it was read
 * @size: bytes of it, 256 or VPCI_CONFIG_SIZE
 * @msi: how many MSI vectors the guest may have, 0 to hide the capability
 * @msix: where an MSI-X capability is that is sound and may be shown, 0 for none
 * @flr: the device can be reset, so function level reset may be shown
 */
struct vpci_filter {
	const uint8_t *device;
	unsigned int size;
	unsigned int msi;
	unsigned int msix;
	bool flr;
};

/**
 * struct vpci_shown - where the capabilities lie that have behaviour; 0 for hidden
 * @msi: MSI
 * @msix: MSI-X
 * @express: PCI Express
 */
struct vpci_shown {
	uint8_t msi;
	uint8_t msix;
	uint8_t express;
};

/**
 * vpci_filter_apply() - copy the capabilities that a guest may have
 * @filter: the device; its lists may loop, overlap and point anywhere
 * @config: model with its header defined; capabilities keep their offsets
 * @shown: out: where those with behaviour are
 *
 * Bytes 0x40..0xff outside of capabilities are the vendor's and pass to the device.
 */
void vpci_filter_apply(const struct vpci_filter *filter, struct vpci_config *config,
		       struct vpci_shown *shown);

/**
 * vpci_filter_find() - find a standard capability in a device's configuration space
 * @device: its first 256 bytes
 * @id: capability id
 *
 * Return: its offset, 0 for none.
 */
unsigned int vpci_filter_find(const uint8_t *device, uint8_t id);

/**
 * struct vpci_rule - what happens to a capability
 * @id: capability id
 * @size: bytes it takes at @offset of the device; 0 to hide it after all
 * @define: define its registers, header excepted, in the model
 */
struct vpci_rule {
	uint8_t id;
	unsigned int (*size)(const struct vpci_filter *filter, unsigned int offset);
	void (*define)(const struct vpci_filter *filter, struct vpci_config *config,
		       unsigned int offset);
};

/**
 * vpci_rule_find() - what happens to a standard capability
 * @id: its id
 *
 * Return: the rule, NULL to hide it.
 */
const struct vpci_rule *vpci_rule_find(uint8_t id);

/**
 * vpci_filter_load() - read a register of the device
 * @filter: device
 * @offset: first byte
 * @width: 1, 2 or 4
 *
 * Return: its value, zero past the end.
 */
uint32_t vpci_filter_load(const struct vpci_filter *filter, unsigned int offset,
			  unsigned int width);

#endif
