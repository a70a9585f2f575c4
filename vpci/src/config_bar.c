// SPDX-License-Identifier: MIT
/*
 * Base address registers (PCI 3.0 section 6.2.5). Sizing needs no code of its own: the bits below
 * the size are read-only, so that writing all ones reads back as the size's mask.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <vpci/config.h>

static unsigned int bar_register(unsigned int index)
{
	return PCI_BASE_ADDRESS_0 + 4 * index;
}

static uint64_t bar_least(const struct vpci_bar *bar)
{
	return bar->type == VPCI_BAR_PORTS ? 4 : 16;
}

static uint64_t bar_most(const struct vpci_bar *bar)
{
	if (bar->type == VPCI_BAR_PORTS)
		return 0x10000;
	return bar->type == VPCI_BAR_MEM64 ? 1ull << 63 : 1ull << 31;
}

static int bar_check(const struct vpci_config *config, unsigned int index,
		     const struct vpci_bar *bar)
{
	bool wide = bar->type == VPCI_BAR_MEM64;
	uint64_t end;

	if (index >= VPCI_BARS || (wide && index >= VPCI_BAR5) || bar->type == VPCI_BAR_NONE)
		return -EINVAL;
	if (bar->fixed) {
		if (!bar->size || __builtin_add_overflow(bar->base, bar->size, &end) ||
		    (bar->type == VPCI_BAR_PORTS && end > 0x10000))
			return -EINVAL;
	} else if (bar->size < bar_least(bar) || bar->size > bar_most(bar) ||
		   (bar->size & (bar->size - 1))) {
		return -EINVAL;
	}
	if (config->bar[index].type != VPCI_BAR_NONE ||
	    (wide && config->bar[index + 1].type != VPCI_BAR_NONE) ||
	    (index > 0 && config->bar[index - 1].type == VPCI_BAR_MEM64))
		return -EBUSY;
	return 0;
}

int vpci_config_set_bar(struct vpci_config *config, unsigned int index, const struct vpci_bar *bar)
{
	uint64_t mask = ~(bar->size - 1);
	unsigned int at = bar_register(index);
	uint32_t flags = 0;
	int err = bar_check(config, index, bar);

	if (err)
		return err;
	config->bar[index] = *bar;
	if (bar->fixed)
		return 0;
	if (bar->type == VPCI_BAR_PORTS) {
		flags = PCI_BASE_ADDRESS_SPACE_IO;
	} else {
		flags = bar->type == VPCI_BAR_MEM64 ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0;
		flags |= bar->prefetchable ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0;
	}
	vpci_config_define(config, at, 4, flags, (uint32_t)mask);
	if (bar->type == VPCI_BAR_MEM64)
		vpci_config_define(config, at + 4, 4, 0, (uint32_t)(mask >> 32));
	return 0;
}

bool vpci_config_bar_base(const struct vpci_config *config, unsigned int index, uint64_t *base)
{
	const struct vpci_bar *bar = &config->bar[index];
	bool ports = bar->type == VPCI_BAR_PORTS;
	unsigned int at = bar_register(index);
	uint64_t value;

	if (bar->type == VPCI_BAR_NONE ||
	    !(config->value[PCI_COMMAND] & (ports ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY)))
		return false;
	if (bar->fixed) {
		*base = bar->base;
		return true;
	}
	value = vpci_config_read(config, at, 4);
	if (bar->type == VPCI_BAR_MEM64)
		value |= (uint64_t)vpci_config_read(config, at + 4, 4) << 32;
	*base = value & ~(bar->size - 1);
	return true;
}

int vpci_config_move_bar(struct vpci_config *config, unsigned int index, uint64_t base)
{
	const struct vpci_bar *bar;
	unsigned int at;

	if (index >= VPCI_BARS)
		return -EINVAL;
	bar = &config->bar[index];
	at = bar_register(index);
	if (bar->type == VPCI_BAR_NONE || bar->fixed || (base & (bar->size - 1)) ||
	    (bar->type != VPCI_BAR_MEM64 && base > UINT32_MAX))
		return -EINVAL;
	vpci_config_write(config, at, 4, (uint32_t)base);
	if (bar->type == VPCI_BAR_MEM64)
		vpci_config_write(config, at + 4, 4, (uint32_t)(base >> 32));
	return 0;
}
