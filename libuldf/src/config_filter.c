// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include <string.h>
#include "config_filter.h"

/*
 * INTx disable is not here: masking is the backend's. Nor is No Snoop in the device control, nor what has
 * errors reported: that is the kernel's.
 */
#define COMMAND_OPEN (PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_INVALIDATE)
#define STATUS_CLEAR                                                                     \
	(PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT | PCI_STATUS_REC_TARGET_ABORT | \
	 PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_SIG_SYSTEM_ERROR | PCI_STATUS_DETECTED_PARITY)
#define DEVCTL_OPEN PCI_EXP_DEVCTL_RELAX_EN
#define DEVSTA_CLEAR \
	(PCI_EXP_DEVSTA_CED | PCI_EXP_DEVSTA_NFED | PCI_EXP_DEVSTA_FED | PCI_EXP_DEVSTA_URD)

static unsigned int word_at(const uint8_t *config, unsigned int at)
{
	return config[at] | (unsigned int)config[at + 1] << 8;
}

static void word_set(uint8_t *map, unsigned int at, unsigned int bits)
{
	if (at + 1 >= CONFIG_FILTERED)
		return;
	map[at] = bits & 0xff;
	map[at + 1] = (uint8_t)(bits >> 8);
}

/* Bytes of the capability at @at; up to the end of the space where that is not known. */
static unsigned int capability_size(const uint8_t *config, unsigned int at)
{
	unsigned int flags = word_at(config, at + 2), size = 0;

	switch (config[at]) {
	case PCI_CAP_ID_PM:
	case PCI_CAP_ID_VPD:
	case PCI_CAP_ID_SSVID:
	case PCI_CAP_ID_SATA:
		size = 8;
		break;
	case PCI_CAP_ID_MSI:
		size = 10 + (flags & PCI_MSI_FLAGS_64BIT ? 4 : 0) +
		       (flags & PCI_MSI_FLAGS_MASKBIT ? 10 : 0);
		break;
	case PCI_CAP_ID_MSIX:
		size = PCI_CAP_MSIX_SIZEOF;
		break;
	case PCI_CAP_ID_AF:
		size = 6; /* Advanced Features ECN: the status byte is the last */
		break;
	case PCI_CAP_ID_EXP:
		/* All of the structure of version 2 (PCIe 6.0 section 7.5.3), link control 2 included. */
		size = (flags & PCI_EXP_FLAGS_VERS) < 2 ? PCI_CAP_EXP_ENDPOINT_SIZEOF_V1 : 0x3c;
		break;
	case PCI_CAP_ID_VNDR:
		size = flags & 0xff;
		break;
	}
	if (size < 3 || size > CONFIG_FILTERED - at)
		size = CONFIG_FILTERED - at;
	return size;
}

static void capability_close(struct config_filter *filter, const uint8_t *config, unsigned int at)
{
	unsigned int size = capability_size(config, at);

	memset(filter->open + at, 0, size);
	memset(filter->clear + at, 0, size);
	switch (config[at]) {
	case PCI_CAP_ID_VNDR:
		if ((word_at(config, at + 2) & 0xff) == size && size > 3)
			memset(filter->open + at + 3, 0xff, size - 3);
		break;
	case PCI_CAP_ID_EXP:
		word_set(filter->open, at + PCI_EXP_DEVCTL, DEVCTL_OPEN);
		word_set(filter->clear, at + PCI_EXP_DEVSTA, DEVSTA_CLEAR);
		break;
	}
}

void config_filter_init(struct config_filter *filter, const uint8_t config[CONFIG_FILTERED])
{
	bool here[CONFIG_FILTERED] = {};
	unsigned int at;

	memset(filter, 0, sizeof(*filter));
	word_set(filter->open, PCI_COMMAND, COMMAND_OPEN);
	word_set(filter->clear, PCI_STATUS, STATUS_CLEAR);
	filter->open[PCI_CACHE_LINE_SIZE] = 0xff;
	filter->open[PCI_LATENCY_TIMER] = 0xff;
	/* What is no capability is the vendor's area (PCI 3.0 section 6.1). */
	memset(filter->open + PCI_STD_HEADER_SIZEOF, 0xff, CONFIG_FILTERED - PCI_STD_HEADER_SIZEOF);
	if (!(word_at(config, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return;
	for (at = config[PCI_CAPABILITY_LIST] & ~3u; at >= PCI_STD_HEADER_SIZEOF && !here[at];
	     at = config[at + 1] & ~3u)
		here[at] = true;
	/* In the order of addresses: one that claims to reach into the next opens nothing of it. */
	for (at = PCI_STD_HEADER_SIZEOF; at < CONFIG_FILTERED; at++)
		if (here[at])
			capability_close(filter, config, at);
}

void config_filter_master(struct config_filter *filter, bool open)
{
	if (open)
		filter->open[PCI_COMMAND] |= PCI_COMMAND_MASTER;
	else
		filter->open[PCI_COMMAND] &= (uint8_t)~PCI_COMMAND_MASTER;
}

bool config_filter_byte(const struct config_filter *filter, unsigned int offset, uint8_t old,
			uint8_t wanted, uint8_t *out)
{
	uint8_t open, clear;

	if (offset >= CONFIG_FILTERED)
		return false;
	open = filter->open[offset];
	clear = filter->clear[offset];
	if (!open && !(clear & wanted))
		return false;
	wanted = (uint8_t)((old & ~open & ~clear) | (wanted & (open | clear)));
	/* INTx disable, which is in this byte, may have been changed by an interrupt since. */
	if (offset == PCI_COMMAND + 1 && wanted == old)
		return false;
	*out = wanted;
	return true;
}
