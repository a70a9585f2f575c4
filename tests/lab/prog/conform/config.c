// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include "conform.h"

static void check_reads(struct conform *c)
{
	uint32_t id = c->model->id, value = 0x55;

	require("ids of each width", config_get(c, PCI_VENDOR_ID, 2) == (id & 0xffff) &&
					     config_get(c, PCI_DEVICE_ID, 2) == id >> 16 &&
					     config_get(c, PCI_DEVICE_ID + 1, 1) == id >> 24);
	expect(c, "read out of step", uldf_config_read(c->device, 1, 2, &value), -EINVAL);
	expect(c, "read 3 bytes", uldf_config_read(c->device, 0, 3, &value), -EINVAL);
	expect(c, "read past the end", uldf_config_read(c->device, 4096, 4, &value), -ERANGE);
	require("failed reads leave out alone", value == 0x55);
}

static void check_find(struct conform *c)
{
	unsigned int at = 0x55;

	expect(c, "find a capability that it lacks",
	       uldf_config_find(c->device, c->model->lacks, &at), -ENOENT);
	require("a search that fails leaves out alone", at == 0x55);
	if (c->model->capability)
		expect(c, "find a capability",
		       uldf_config_find(c->device, c->model->capability, &at), 0);
	require("it is where it says",
		!c->model->capability || config_get(c, at, 1) == c->model->capability);
	expect(c, "find an extended capability that it lacks",
	       uldf_config_find_extended(c->device, PCI_EXT_CAP_ID_L1SS, &at), -ENOENT);
}

/* What belongs to the host keeps its value, as a read-only register does. */
static void check_kept(struct conform *c)
{
	static const unsigned int registers[] = {
		PCI_VENDOR_ID,		 PCI_CLASS_REVISION,  PCI_BASE_ADDRESS_0,
		PCI_BASE_ADDRESS_1,	 PCI_BASE_ADDRESS_5,  PCI_ROM_ADDRESS,
		PCI_SUBSYSTEM_VENDOR_ID, PCI_CAPABILITY_LIST, PCI_INTERRUPT_LINE,
	};
	unsigned int at;
	uint32_t before;

	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		before = config_get(c, registers[i], 4);
		config_set(c, registers[i], 4, ~before);
		require("a register that is the host's keeps its value",
			config_get(c, registers[i], 4) == before);
	}
	if (!uldf_config_find(c->device, PCI_CAP_ID_MSI, &at)) {
		config_set(c, at + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_ENABLE);
		require("MSI is not enabled behind the host's back",
			!(config_get(c, at + PCI_MSI_FLAGS, 2) & PCI_MSI_FLAGS_ENABLE));
	}
	if (!uldf_config_find(c->device, PCI_CAP_ID_MSIX, &at)) {
		config_set(c, at + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
		require("MSI-X is not enabled behind the host's back",
			!(config_get(c, at + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_ENABLE));
	}
	if (!uldf_config_find(c->device, PCI_CAP_ID_PM, &at)) {
		config_set(c, at + PCI_PM_CTRL, 2, 3);
		require("the power state is the host's",
			!(config_get(c, at + PCI_PM_CTRL, 2) & PCI_PM_CTRL_STATE_MASK));
	}
}

static void check_open_bits(struct conform *c)
{
	uint32_t before = config_get(c, PCI_CACHE_LINE_SIZE, 1), command;

	config_set(c, PCI_CACHE_LINE_SIZE, 1, before ^ 0x10);
	require("the cache line size is the holder's",
		config_get(c, PCI_CACHE_LINE_SIZE, 1) == (before ^ 0x10));
	config_set(c, PCI_CACHE_LINE_SIZE, 1, before);

	command = config_get(c, PCI_COMMAND, 2);
	for (unsigned int width = 1; width <= 4; width *= 2)
		expect(c, "bus mastering is refused while attached to no space",
		       uldf_config_write(c->device, PCI_COMMAND, width,
					 (command | PCI_COMMAND_MASTER) &
						 (UINT32_MAX >> (32 - 8 * width))),
		       -ENXIO);
	require("and stays off", !(config_get(c, PCI_COMMAND, 2) & PCI_COMMAND_MASTER));
	config_command(c, PCI_COMMAND_INTX_DISABLE, 0);
	require("INTx disable is the host's",
		!((config_get(c, PCI_COMMAND, 2) ^ command) & PCI_COMMAND_INTX_DISABLE));
	require("nothing else has changed", config_get(c, PCI_COMMAND, 2) == command);
}

void check_config(struct conform *c)
{
	printf("== configuration space\n");
	require("the region of it can be written",
		uldf_region_get(c->device, ULDF_CONFIG)->writable);
	check_reads(c);
	check_find(c);
	check_kept(c);
	check_open_bits(c);
}
