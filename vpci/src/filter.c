// SPDX-License-Identifier: MIT
/* Walks a device's two lists of capabilities and puts what a guest may have into a model. */
#include <linux/pci_regs.h>
#include <string.h>
#include "filter.h"
#include "little_endian.h"

/* A standard capability is at least 4 bytes, as its offset is a multiple of 4. */
#define FILTER_SLOTS (PCI_CFG_SPACE_SIZE / 4)
/* Extended ones likewise. */
#define FILTER_SLOTS_EXTENDED (VPCI_CONFIG_SIZE / 4)

uint32_t vpci_filter_load(const struct vpci_filter *filter, unsigned int offset, unsigned int width)
{
	if (offset >= filter->size || width > filter->size - offset)
		return 0;
	return (uint32_t)vpci_le_load(filter->device + offset, width);
}

/* Where the list goes on after @offset (0 for its head); 0 at its end or when it loops. */
static unsigned int filter_next(const uint8_t *device, unsigned int offset, bool seen[FILTER_SLOTS])
{
	unsigned int next;

	if (!offset && !(device[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return 0;
	/* The low two bits are reserved and to be masked (PCI 3.0 section 6.7). */
	next = device[offset ? offset + PCI_CAP_LIST_NEXT : PCI_CAPABILITY_LIST] & 0xfc;
	if (next < PCI_STD_HEADER_SIZEOF || seen[next / 4])
		return 0;
	seen[next / 4] = true;
	return next;
}

unsigned int vpci_filter_find(const uint8_t *device, uint8_t id)
{
	bool seen[FILTER_SLOTS] = {false};
	unsigned int at = 0;

	while ((at = filter_next(device, at, seen)))
		if (device[at + PCI_CAP_LIST_ID] == id)
			return at;
	return 0;
}

static bool filter_take(bool *taken, unsigned int offset, unsigned int size, unsigned int end)
{
	if (!size || size > end - offset)
		return false;
	for (unsigned int i = offset; i < offset + size; i++)
		if (taken[i])
			return false;
	memset(taken + offset, true, size);
	return true;
}

static void filter_show(const struct vpci_filter *filter, struct vpci_config *config,
			const struct vpci_rule *rule, unsigned int at, unsigned int size,
			struct vpci_shown *shown)
{
	uint8_t *place = NULL;

	switch (rule->id) {
	case PCI_CAP_ID_MSI:
		place = &shown->msi;
		break;
	case PCI_CAP_ID_MSIX:
		place = &shown->msix;
		break;
	case PCI_CAP_ID_EXP:
		place = &shown->express;
		break;
	}
	/* A second one of a kind that may be there once would have nothing behind it. */
	if (place && *place)
		return;
	vpci_config_add_capability(config, rule->id, at, size);
	rule->define(filter, config, at);
	if (place)
		*place = (uint8_t)at;
}

static void filter_standard(const struct vpci_filter *filter, struct vpci_config *config,
			    struct vpci_shown *shown)
{
	bool seen[FILTER_SLOTS] = {false}, taken[PCI_CFG_SPACE_SIZE] = {false};
	const struct vpci_rule *rule;
	unsigned int at = 0, size;

	for (unsigned int i = PCI_STD_HEADER_SIZEOF; i < PCI_CFG_SPACE_SIZE; i++)
		vpci_config_pass(config, i, 1, 0xff);
	while ((at = filter_next(filter->device, at, seen))) {
		rule = vpci_rule_find(filter->device[at + PCI_CAP_LIST_ID]);
		size = rule ? rule->size(filter, at) : 0;
		if (filter_take(taken, at, size, PCI_CFG_SPACE_SIZE))
			filter_show(filter, config, rule, at, size, shown);
		else if (!taken[at] && !taken[at + 1])
			vpci_config_define(config, at, 2, 0, 0);
	}
}

/*
 * Serial number (PCIe 6.0 section 7.9.3) and vendor-specific (section 7.9.5) are facts and pass
 * read-only. What manages the host's side of the link and the IOMMU (SR-IOV, ATS, PASID, PRI, ACS,
 * resizable BAR, ...) or only makes sense below a port (LTR, L1 PM, VC, AER) stays hidden.
 */
static unsigned int filter_extended_size(const struct vpci_filter *filter, unsigned int at)
{
	uint32_t header = vpci_filter_load(filter, at, 4);

	switch (PCI_EXT_CAP_ID(header)) {
	case PCI_EXT_CAP_ID_DSN:
		return 12;
	case PCI_EXT_CAP_ID_VNDR:
		return vpci_filter_load(filter, at + PCI_VNDR_HEADER, 4) >> 20;
	}
	return 0;
}

static void filter_extended(const struct vpci_filter *filter, struct vpci_config *config)
{
	bool seen[FILTER_SLOTS_EXTENDED] = {false}, taken[VPCI_CONFIG_SIZE] = {false};
	unsigned int at = PCI_CFG_SPACE_SIZE, size;
	uint32_t header;

	while (at >= PCI_CFG_SPACE_SIZE && !seen[at / 4]) {
		seen[at / 4] = true;
		header = vpci_filter_load(filter, at, 4);
		if (header == 0 || header == UINT32_MAX)
			return;
		size = filter_extended_size(filter, at);
		if (size >= 8 && filter_take(taken, at, size, VPCI_CONFIG_SIZE)) {
			vpci_config_add_extended(config, PCI_EXT_CAP_ID(header),
						 PCI_EXT_CAP_VER(header), at, size);
			memcpy(config->value + at + 4, filter->device + at + 4, size - 4);
		}
		at = PCI_EXT_CAP_NEXT(header);
	}
}

void vpci_filter_apply(const struct vpci_filter *filter, struct vpci_config *config,
		       struct vpci_shown *shown)
{
	memset(shown, 0, sizeof(*shown));
	filter_standard(filter, config, shown);
	if (shown->express && filter->size == VPCI_CONFIG_SIZE && config->size == VPCI_CONFIG_SIZE)
		filter_extended(filter, config);
}
