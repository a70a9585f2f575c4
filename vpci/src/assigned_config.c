// SPDX-License-Identifier: MIT
/*
 * The configuration space of an assigned function. What the host must keep its hands on (BARs,
 * interrupts, power, the link) is modelled; facts are copied; status bits and the vendor's registers
 * pass to the device, where uldf refuses what is the kernel's.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include "assigned_function.h"
#include "little_endian.h"
#include "msi.h"

#define CONFIG_PUSHED (PCI_COMMAND_MASTER | PCI_COMMAND_INVALIDATE | PCI_COMMAND_PARITY)
/* Whether errors are reported to the host is the host's to say. */
#define CONFIG_HOSTS PCI_COMMAND_SERR
/* All but the capability list bit, which the model knows better. */
#define CONFIG_STATUS_LIVE (0xffff & ~PCI_STATUS_CAP_LIST)

/* Bytes of the longest form of the MSI capability. */
#define CONFIG_MSI_MOST 0x18

static int config_copy(struct vpci_assigned *assigned, uint8_t *bytes, unsigned int from,
		       unsigned int to)
{
	uint32_t value;
	int err;

	for (unsigned int at = from; at < to; at += 4) {
		err = uldf_config_read(assigned->device, at, 4, &value);
		if (err)
			return err;
		vpci_le_store(bytes + at, 4, value);
	}
	return 0;
}

static int config_init_msix(struct vpci_assigned *assigned, struct vpci_filter *filter)
{
	unsigned int at = vpci_filter_find(filter->device, PCI_CAP_ID_MSIX);
	uint64_t sizes[6];
	int err;

	if (!at || at > PCI_CFG_SPACE_SIZE - PCI_CAP_MSIX_SIZEOF ||
	    !uldf_device_info(assigned->device)->vectors[ULDF_IRQ_MSIX])
		return 0;
	for (unsigned int i = 0; i < 6; i++) {
		const struct uldf_region *region = uldf_region_get(assigned->device, i);

		sizes[i] = region->ports ? 0 : region->size;
	}
	/* A table that lies nowhere is hidden with its capability. */
	err = vpci_msix_parse((uint16_t)vpci_filter_load(filter, at + PCI_MSIX_FLAGS, 2),
			      vpci_filter_load(filter, at + PCI_MSIX_TABLE, 4),
			      vpci_filter_load(filter, at + PCI_MSIX_PBA, 4), sizes,
			      &assigned->msix);
	if (err)
		return 0;
	filter->msix = at;
	return vpci_msix_init(&assigned->msix);
}

static int config_model(struct vpci_assigned *assigned, const uint8_t *device, unsigned int size)
{
	const struct uldf_device_info *info = uldf_device_info(assigned->device);
	struct vpci_config *config = &assigned->function.config;
	struct vpci_filter filter = {
		.device = device,
		.size = size,
		.msi = info->vectors[ULDF_IRQ_MSI],
		.flr = info->resets,
	};
	struct vpci_identity identity = {
		.subvendor = (uint16_t)vpci_filter_load(&filter, PCI_SUBSYSTEM_VENDOR_ID, 2),
		.subdevice = (uint16_t)vpci_filter_load(&filter, PCI_SUBSYSTEM_ID, 2),
		.class_code = vpci_filter_load(&filter, PCI_CLASS_REVISION, 4) >> 8,
		.revision = device[PCI_REVISION_ID],
	};
	int err = config_init_msix(assigned, &filter);

	if (err)
		return err;
	if (info->vectors[ULDF_IRQ_INTX] && !info->vectors[ULDF_IRQ_ISA] &&
	    device[PCI_INTERRUPT_PIN] <= 4)
		identity.pin = device[PCI_INTERRUPT_PIN];
	assigned->command = (uint16_t)(vpci_filter_load(&filter, PCI_COMMAND, 2) & CONFIG_HOSTS);
	vpci_config_init(config, size, &identity);
	/* The ids pass as well, so that a driver's look at them tells whether the device is there. */
	vpci_config_pass(config, PCI_VENDOR_ID, 4, UINT32_MAX);
	vpci_config_pass(config, PCI_STATUS, 2, CONFIG_STATUS_LIVE);
	vpci_config_define(config, PCI_MIN_GNT, 2, vpci_filter_load(&filter, PCI_MIN_GNT, 2), 0);
	vpci_filter_apply(&filter, config, &assigned->shown);
	return 0;
}

int vpci_assigned_init_config(struct vpci_assigned *assigned, char *reason, size_t size)
{
	const struct uldf_region *region = uldf_region_get(assigned->device, ULDF_CONFIG);
	const char *address = uldf_device_info(assigned->device)->address;
	unsigned int bytes = PCI_CFG_SPACE_SIZE;
	uint8_t *device = calloc(1, VPCI_CONFIG_SIZE);
	int err;

	if (!device) {
		snprintf(reason, size, "device %s: out of memory", address);
		return -ENOMEM;
	}
	err = config_copy(assigned, device, 0, bytes);
	if (!err && region->size >= VPCI_CONFIG_SIZE && vpci_filter_find(device, PCI_CAP_ID_EXP)) {
		bytes = VPCI_CONFIG_SIZE;
		err = config_copy(assigned, device, PCI_CFG_SPACE_SIZE, bytes);
	}
	if (err) {
		snprintf(reason, size, "device %s: its configuration space cannot be read",
			 address);
	} else if ((device[PCI_HEADER_TYPE] & 0x7f) != PCI_HEADER_TYPE_NORMAL) {
		snprintf(reason, size, "device %s: a bridge cannot be assigned", address);
		err = -ENOTSUP;
	} else {
		err = config_model(assigned, device, bytes);
		if (err)
			snprintf(reason, size, "device %s: out of memory", address);
	}
	free(device);
	return err;
}

void vpci_assigned_push_command(struct vpci_assigned *assigned)
{
	const struct vpci_config *config = &assigned->function.config;
	uint32_t command = vpci_config_read(config, PCI_COMMAND, 2) & CONFIG_PUSHED;
	int err;

	command |= assigned->command;
	for (unsigned int i = 0; i < VPCI_BARS; i++) {
		if (config->bar[i].type == VPCI_BAR_PORTS)
			command |= PCI_COMMAND_IO;
		else if (config->bar[i].type != VPCI_BAR_NONE)
			command |= PCI_COMMAND_MEMORY;
	}
	err = uldf_config_write(assigned->device, PCI_COMMAND, 2, command);
	/* A device whose move has failed is attached to no space, and masters no bus. */
	if (err == -ENXIO)
		err = uldf_config_write(assigned->device, PCI_COMMAND, 2,
					command & ~(uint32_t)PCI_COMMAND_MASTER);
	vpci_assigned_note(assigned, err);
}

void vpci_assigned_config_read(struct vpci_function *function, unsigned int offset,
			       unsigned int width, uint32_t *value)
{
	struct vpci_assigned *assigned = vpci_assigned_from(function);
	uint32_t live = vpci_config_live(&function->config, offset, width), bits = UINT32_MAX;
	unsigned int pending = 0;

	if (assigned->shown.msi && assigned->interrupts.type == ULDF_IRQ_MSI)
		pending = vpci_msi_pending_register(&function->config, assigned->shown.msi);
	/* The register is aligned to its four bytes, so an access touches it alone. */
	if (pending && vpci_config_touches(offset, width, pending, 4))
		*value = (uint32_t)vpci_interrupts_pending(assigned, 0, 32) >>
			 (8 * (offset - pending));
	if (live && !assigned->function.gone)
		vpci_assigned_note(assigned,
				   uldf_config_read(assigned->device, offset, width, &bits));
	*value = assigned->function.gone ? UINT32_MAX : (*value & ~live) | (bits & live);
}

/* Writes the live bits; the others of a byte keep what the device has. */
static void config_pass(struct vpci_assigned *assigned, unsigned int offset, unsigned int width,
			uint32_t value)
{
	uint32_t live = vpci_config_live(&assigned->function.config, offset, width);
	uint32_t all = UINT32_MAX >> (32 - 8 * width), bits;
	unsigned int half = width / 2;

	if (!live)
		return;
	if (half && (!(live >> (8 * half)) || !(live & (all >> (8 * half))))) {
		config_pass(assigned, offset, half, value & (all >> (8 * half)));
		config_pass(assigned, offset + half, half, value >> (8 * half));
		return;
	}
	if (live != all) {
		if (vpci_assigned_note(assigned,
				       uldf_config_read(assigned->device, offset, width, &bits)))
			return;
		value = (value & live) | (bits & ~live);
	}
	vpci_assigned_note(assigned, uldf_config_write(assigned->device, offset, width, value));
}

/* Function level reset is initiated by writing 1 to a bit that reads 0 (PCIe 6.0 7.5.3.4). */
static bool config_asks_reset(const struct vpci_assigned *assigned, unsigned int offset,
			      unsigned int width, uint32_t value)
{
	unsigned int express = assigned->shown.express, high = express + PCI_EXP_DEVCTL + 1;

	return express && vpci_config_touches(offset, width, high, 1) &&
	       (value >> (8 * (high - offset)) & (PCI_EXP_DEVCTL_BCR_FLR >> 8)) &&
	       (vpci_config_read(&assigned->function.config, express + PCI_EXP_DEVCAP, 4) &
		PCI_EXP_DEVCAP_FLR);
}

static void config_update_interrupts(struct vpci_assigned *assigned)
{
	int err = vpci_interrupts_update(assigned);

	if (err)
		vpci_assigned_report_vector(assigned, 0, err);
}

void vpci_assigned_config_write(struct vpci_function *function, unsigned int offset,
				unsigned int width, uint32_t value)
{
	struct vpci_assigned *assigned = vpci_assigned_from(function);
	unsigned int msi = assigned->shown.msi, msix = assigned->shown.msix;

	if (assigned->function.gone)
		return;
	config_pass(assigned, offset, width, value);
	if (vpci_config_touches(offset, width, PCI_COMMAND, 2))
		vpci_assigned_push_command(assigned);
	if (vpci_config_touches(offset, width, PCI_COMMAND, 2) ||
	    (msi && vpci_config_touches(offset, width, msi, CONFIG_MSI_MOST)) ||
	    (msix && vpci_config_touches(offset, width, msix, PCI_CAP_MSIX_SIZEOF)))
		config_update_interrupts(assigned);
	if (config_asks_reset(assigned, offset, width, value))
		vpci_function_reset(function);
}
