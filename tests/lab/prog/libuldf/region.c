// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include "edu.h"

static void check_config(struct edu *edu)
{
	uint32_t value = 0;
	unsigned int offset;

	edu_expect(edu, "read vendor and device id",
		   uldf_config_read(edu->device, PCI_VENDOR_ID, 4, &value), 0);
	edu_require("it is the edu device", value == 0x11e81234);
	edu_expect(edu, "find the MSI capability",
		   uldf_config_find(edu->device, PCI_CAP_ID_MSI, &offset), 0);
	edu_expect(edu, "find a capability it lacks",
		   uldf_config_find(edu->device, PCI_CAP_ID_MSIX, &offset), -ENOENT);
	edu_expect(edu, "find an extended capability",
		   uldf_config_find_extended(edu->device, PCI_EXT_CAP_ID_ERR, &offset), -ENOENT);

	edu_command(edu, PCI_COMMAND_MASTER, 0);
	edu_expect(edu, "switch bus mastering on, unattached",
		   uldf_config_read(edu->device, PCI_COMMAND, 2, &value), 0);
	edu_require("bus mastering stays off", !(value & PCI_COMMAND_MASTER));
}

static void check_accesses(struct edu *edu)
{
	uint64_t value;

	edu_expect(edu, "read the id register",
		   uldf_region_read(edu->device, ULDF_BAR0, EDU_ID, 4, &value), 0);
	edu_require("the id register is edu's", (value & 0xffff) == 0x00ed);
	edu_write(edu, EDU_LIVENESS, 0x12345678);
	edu_require("the liveness register inverts", edu_read(edu, EDU_LIVENESS) == 0xedcba987);
	edu_expect(edu, "read past the region",
		   uldf_region_read(edu->device, ULDF_BAR0, 1 << 20, 4, &value), -ERANGE);
	edu_expect(edu, "read out of step", uldf_region_read(edu->device, ULDF_BAR0, 2, 4, &value),
		   -EINVAL);

	edu_command(edu, 0, PCI_COMMAND_MEMORY);
	edu_expect(edu, "read while memory decoding is off",
		   uldf_region_read(edu->device, ULDF_BAR0, EDU_ID, 4, &value), -EIO);
	edu_command(edu, PCI_COMMAND_MEMORY, 0);
	edu_expect(edu, "read once it is on again",
		   uldf_region_read(edu->device, ULDF_BAR0, EDU_ID, 4, &value), 0);
}

static void check_map(struct edu *edu)
{
	const struct uldf_region *region = uldf_region_get(edu->device, ULDF_BAR0);
	volatile uint32_t *registers;
	void *address;

	edu_require("BAR 0 is 1 MiB of memory, mappable whole",
		    region->size == 1 << 20 && !region->ports && region->areas == 1 &&
			    region->area[0].size == region->size);
	edu_expect(edu, "map BAR 0",
		   uldf_region_map(edu->device, ULDF_BAR0, 0, region->size, &address), 0);
	registers = address;
	registers[EDU_LIVENESS / 4] = 0xffff0000;
	edu_require("mapped registers answer", registers[EDU_LIVENESS / 4] == 0x0000ffff);
	uldf_region_unmap(edu->device, address, region->size);
	edu_expect(edu, "map past the region",
		   uldf_region_map(edu->device, ULDF_BAR0, region->size, 4096, &address), -ERANGE);
	edu_expect(edu, "map the configuration space",
		   uldf_region_map(edu->device, ULDF_CONFIG, 0, 4096, &address), -ENOTSUP);
}

void check_region(struct edu *edu)
{
	printf("== configuration space and regions\n");
	check_config(edu);
	edu_command(edu, PCI_COMMAND_MEMORY, 0);
	check_accesses(edu);
	check_map(edu);
}
