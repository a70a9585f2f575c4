// SPDX-License-Identifier: MIT
/*
 * The configuration space of a model (PCI 3.0 section 6.1): made of its identity, written through the
 * filter that vfio and uio have, too, so that the same bits are the holder's everywhere.
 */
#include <linux/pci_regs.h>
#include "model/model.h"

#define BARS	     0xe0000000u /* where the first BAR is */
#define PORTS	     0xc000u
#define AT_MSI	     0x40 /* capabilities */
#define AT_MSIX	     0x60
#define AT_EXPRESS   0x80
#define MSI_MOST_LOG 5

uint32_t model_config_get(const struct model *model, unsigned int offset, unsigned int width)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value |= (uint32_t)model->config[offset + i] << 8 * i;
	/* A status bit that follows the pin (section 6.2.3). */
	if (model->line && offset <= PCI_STATUS && offset + width > PCI_STATUS &&
	    !model_messages(model))
		value |= (uint32_t)PCI_STATUS_INTERRUPT << 8 * (PCI_STATUS - offset);
	return value;
}

void model_config_set(struct model *model, unsigned int offset, unsigned int width, uint32_t value)
{
	for (unsigned int i = 0; i < width; i++)
		model->config[offset + i] = (uint8_t)(value >> 8 * i);
}

void model_config_write(struct model *model, unsigned int offset, unsigned int width,
			uint32_t value)
{
	for (unsigned int i = 0; i < width; i++) {
		uint8_t *byte = &model->config[offset + i], wanted = (uint8_t)(value >> 8 * i);
		uint8_t clear, taken;

		if (!config_filter_byte(&model->filter, offset + i, *byte, wanted, &taken))
			continue;
		clear = model->filter.clear[offset + i];
		*byte = (uint8_t)((taken & ~clear) | (*byte & clear & ~wanted));
	}
}

void model_config_master(struct model *model, bool open)
{
	config_filter_master(&model->filter, open);
	if (!open)
		model->config[PCI_COMMAND] &= (uint8_t)~PCI_COMMAND_MASTER;
}

bool model_masters(const struct model *model)
{
	return model->space && model->config[PCI_COMMAND] & PCI_COMMAND_MASTER;
}

unsigned int model_config_find(const struct model *model, uint8_t id)
{
	unsigned int at = model->config[PCI_CAPABILITY_LIST];

	while (at && model->config[at] != id)
		at = model->config[at + PCI_CAP_LIST_NEXT];
	return at;
}

static void capability_add(struct model *model, unsigned int at, uint8_t id)
{
	model->config[at] = id;
	model->config[at + PCI_CAP_LIST_NEXT] = model->config[PCI_CAPABILITY_LIST];
	model->config[PCI_CAPABILITY_LIST] = (uint8_t)at;
	model->config[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
}

static void add_express(struct model *model)
{
	const uint32_t port = 1; /* lane, of 2.5 GT/s */

	capability_add(model, AT_EXPRESS, PCI_CAP_ID_EXP);
	model_config_set(model, AT_EXPRESS + PCI_EXP_FLAGS, 2, 2 | PCI_EXP_TYPE_ENDPOINT << 4);
	model_config_set(model, AT_EXPRESS + PCI_EXP_DEVCAP, 4,
			 PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR);
	model_config_set(model, AT_EXPRESS + PCI_EXP_LNKCAP, 4,
			 port << 4 | PCI_EXP_LNKCAP_SLS_2_5GB);
	model_config_set(model, AT_EXPRESS + PCI_EXP_LNKSTA, 2,
			 port << 4 | PCI_EXP_LNKSTA_CLS_2_5GB);
}

static void add_msix(struct model *model, const struct model_identity *identity)
{
	capability_add(model, AT_MSIX, PCI_CAP_ID_MSIX);
	model_config_set(model, AT_MSIX + PCI_MSIX_FLAGS, 2, identity->msix - 1);
	model_config_set(model, AT_MSIX + PCI_MSIX_TABLE, 4,
			 identity->msix_table | identity->msix_bar);
	model_config_set(model, AT_MSIX + PCI_MSIX_PBA, 4,
			 identity->msix_pending | identity->msix_bar);
}

static void add_msi(struct model *model, unsigned int vectors)
{
	unsigned int log = 0;

	while (log < MSI_MOST_LOG && 1u << log < vectors)
		log++;
	capability_add(model, AT_MSI, PCI_CAP_ID_MSI);
	model_config_set(model, AT_MSI + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_64BIT | log << 1);
}

/* A region at legacy ports has no BAR: the register of it reads as zero (PCI IDE 1.0 section 2). */
static void add_fixed(struct model *model, unsigned int index)
{
	const struct model_bar *bar = &model->ops->identity->bars[index];

	model->device->regions[index] = (struct uldf_region){
		.size = bar->size,
		.address = bar->fixed,
		.ports = true,
		.fixed = true,
		.writable = true,
	};
	model->config[PCI_COMMAND] |= PCI_COMMAND_IO;
}

/* Gives a BAR the next address that is a multiple of its size. */
static void add_bar(struct model *model, unsigned int index, uint64_t *memory, uint64_t *ports)
{
	const struct model_bar *bar = &model->ops->identity->bars[index];
	uint64_t *next = bar->ports ? ports : memory;
	uint32_t flags = bar->ports ? PCI_BASE_ADDRESS_SPACE_IO : 0;

	*next = (*next + bar->size - 1) & ~(bar->size - 1);
	model->device->regions[index] = (struct uldf_region){
		.size = bar->size,
		.address = *next,
		.ports = bar->ports,
		.is64 = bar->is64,
		.writable = true,
	};
	if (bar->is64)
		flags |= PCI_BASE_ADDRESS_MEM_TYPE_64;
	model_config_set(model, PCI_BASE_ADDRESS_0 + 4 * index, 4, (uint32_t)*next | flags);
	model->config[PCI_COMMAND] |= bar->ports ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
	*next += bar->size;
}

void model_config_init(struct model *model)
{
	const struct model_identity *identity = model->ops->identity;
	uint64_t memory = BARS, ports = PORTS;

	model_config_set(model, PCI_VENDOR_ID, 2, identity->vendor);
	model_config_set(model, PCI_DEVICE_ID, 2, identity->device);
	model_config_set(model, PCI_CLASS_REVISION, 4,
			 identity->class_code << 8 | identity->revision);
	model_config_set(model, PCI_SUBSYSTEM_VENDOR_ID, 2, identity->subvendor);
	model_config_set(model, PCI_SUBSYSTEM_ID, 2, identity->subdevice);
	model_config_set(model, PCI_INTERRUPT_PIN, 1, identity->intx);
	model_config_set(model, PCI_INTERRUPT_LINE, 1, 0xff); /* unknown (section 6.2.4) */
	model_config_set(model, PCI_COMMAND, 2, identity->intx ? PCI_COMMAND_INTX_DISABLE : 0);
	for (unsigned int i = 0; i <= ULDF_BAR5; i++)
		if (identity->bars[i].fixed)
			add_fixed(model, i);
		else if (identity->bars[i].size)
			add_bar(model, i, &memory, &ports);
	if (identity->express)
		add_express(model);
	if (identity->msix)
		add_msix(model, identity);
	if (identity->msi)
		add_msi(model, identity->msi);
	model->device->regions[ULDF_CONFIG] = (struct uldf_region){
		.size = identity->express ? PCI_CFG_SPACE_EXP_SIZE : PCI_CFG_SPACE_SIZE,
		.writable = true,
	};
	config_filter_init(&model->filter, model->config);
}
