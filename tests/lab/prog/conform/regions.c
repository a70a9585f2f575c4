// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include "conform.h"

static void check_accesses(struct conform *c)
{
	const struct model *model = c->model;
	uint64_t value = 0x55;

	for (const struct constant *k = model->constants; k->width; k++) {
		expect(c, "read a constant",
		       uldf_region_read(c->device, k->region, k->offset, k->width, &value), 0);
		require("a constant register reads as it should", (value & k->mask) == k->value);
	}
	reg_write(c, model->scratch, 4, 0x5a5a5a50 & model->scratch_bits);
	require("a register keeps what is written",
		(reg_read(c, model->scratch, 4) & model->scratch_bits) ==
			(0x5a5a5a50 & model->scratch_bits));
	reg_write(c, model->scratch, 4, 0);
	require("and is changed again", !(reg_read(c, model->scratch, 4) & model->scratch_bits));
}

/* What two accesses of 4 bytes would not do: QEMU's edu has no register at the upper half's address. */
static void check_wide(struct conform *c)
{
	const uint64_t pattern = 0x0123456789abc000;
	uint64_t value = 0;
	int err;

	if (!c->model->wide)
		return;
	err = uldf_region_write(c->device, c->model->bar, c->model->wide, 8, pattern);
	expect(c, "write 8 bytes", err, c->able->wide ? 0 : -ENOTSUP);
	if (err)
		return;
	expect(c, "read 8 bytes",
	       uldf_region_read(c->device, c->model->bar, c->model->wide, 8, &value), 0);
	require("8 bytes are one access", value == pattern);
	reg_write(c, c->model->wide, 8, 0);
}

static void check_refusals(struct conform *c)
{
	const struct uldf_region *bar = uldf_region_get(c->device, c->model->bar);
	uint64_t value = 0x55;

	require("the BAR of the registers is there",
		bar && bar->size && bar->address && bar->writable &&
			bar->ports == (c->model->decode == PCI_COMMAND_IO));
	require("no region beyond the last", !uldf_region_get(c->device, ULDF_REGION_COUNT));
	expect(c, "read past the region",
	       uldf_region_read(c->device, c->model->bar, bar->size, 4, &value), -ERANGE);
	expect(c, "read far past the region",
	       uldf_region_read(c->device, c->model->bar, UINT64_MAX - 3, 4, &value), -ERANGE);
	expect(c, "read out of step", uldf_region_read(c->device, c->model->bar, 2, 4, &value),
	       -EINVAL);
	expect(c, "read 3 bytes", uldf_region_read(c->device, c->model->bar, 0, 3, &value),
	       -EINVAL);
	expect(c, "read no region", uldf_region_read(c->device, ULDF_REGION_COUNT, 0, 4, &value),
	       -EINVAL);
	expect(c, "write past the region",
	       uldf_region_write(c->device, c->model->bar, bar->size, 4, 0), -ERANGE);
	for (unsigned int i = 0; i <= ULDF_ROM; i++)
		if (!uldf_region_get(c->device, i)->size)
			expect(c, "read a region that it lacks",
			       uldf_region_read(c->device, i, 0, 1, &value), -ERANGE);
	require("failed reads leave out alone", value == 0x55);
}

static void check_decoding(struct conform *c)
{
	const struct constant *k = c->model->constants;
	uint64_t value = 0x55;

	config_command(c, 0, c->model->decode);
	require("decoding can be switched off",
		!(config_get(c, PCI_COMMAND, 2) & c->model->decode));
	expect(c, "read while the BAR is not decoded",
	       uldf_region_read(c->device, c->model->bar, k->offset, k->width, &value), -EIO);
	expect(c, "write while the BAR is not decoded",
	       uldf_region_write(c->device, c->model->bar, c->model->scratch, 4, 0), -EIO);
	if (c->able->wide && c->model->wide)
		expect(c, "read 8 bytes while the BAR is not decoded",
		       uldf_region_read(c->device, c->model->bar, c->model->wide, 8, &value), -EIO);
	require("failed reads leave out alone", value == 0x55);
	config_command(c, c->model->decode, 0);
	expect(c, "read once it is decoded again",
	       uldf_region_read(c->device, c->model->bar, k->offset, k->width, &value), 0);
	require("it reads as before", (value & k->mask) == k->value);
}

static void check_map(struct conform *c)
{
	const struct uldf_region *bar = uldf_region_get(c->device, c->model->bar);
	const struct uldf_area *area = &bar->area[0];
	volatile uint32_t *registers;
	void *address = (void *)0x1234;

	if (!c->able->maps) {
		require("no part of the BAR can be mapped", !bar->areas);
		expect(c, "map a page of it",
		       uldf_region_map(c->device, c->model->bar, 0, PAGE, &address), -ENOTSUP);
		require("which leaves out alone", address == (void *)0x1234);
		return;
	}
	require("the BAR can be mapped", bar->areas);
	for (unsigned int i = 0; i < bar->areas; i++)
		require("areas are whole pages in the region",
			bar->area[i].size && !((bar->area[i].offset | bar->area[i].size) % PAGE) &&
				bar->area[i].offset + bar->area[i].size <= bar->size);
	expect(c, "map half a page",
	       uldf_region_map(c->device, c->model->bar, area->offset, PAGE / 2, &address),
	       -EINVAL);
	expect(c, "map at an odd offset",
	       uldf_region_map(c->device, c->model->bar, area->offset + 4, PAGE, &address),
	       -EINVAL);
	expect(c, "map past the region",
	       uldf_region_map(c->device, c->model->bar, bar->size, PAGE, &address), -ERANGE);
	expect(c, "map so much that it wraps",
	       uldf_region_map(c->device, c->model->bar, area->offset, (size_t)-PAGE, &address),
	       -ERANGE);
	expect(c, "map the configuration space",
	       uldf_region_map(c->device, ULDF_CONFIG, 0, PAGE, &address), -ENOTSUP);
	require("failed mappings leave out alone", address == (void *)0x1234);

	expect(c, "map an area",
	       uldf_region_map(c->device, c->model->bar, area->offset, area->size, &address), 0);
	registers = address;
	if (c->model->scratch >= area->offset && c->model->scratch < area->offset + area->size) {
		registers += (c->model->scratch - area->offset) / 4;
		*registers = 0x12345670 & c->model->scratch_bits;
		require("a mapped write arrives",
			(reg_read(c, c->model->scratch, 4) & c->model->scratch_bits) ==
				(0x12345670 & c->model->scratch_bits));
		reg_write(c, c->model->scratch, 4, 0);
		require("a mapped read sees it", !(*registers & c->model->scratch_bits));
	}
	uldf_region_unmap(c->device, address, area->size);
	uldf_region_unmap(c->device, NULL, PAGE);
}

/* The first region of ports, if the device has one beside its registers: e1000e's gives access to them. */
static void check_ports(struct conform *c)
{
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i <= ULDF_BAR5; i++)
		if (uldf_region_get(c->device, i)->ports)
			break;
	if (i > ULDF_BAR5 || c->model->decode == PCI_COMMAND_IO)
		return;
	config_command(c, PCI_COMMAND_IO, 0);
	require("ports cannot be mapped", !uldf_region_get(c->device, i)->areas);
	expect(c, "read 8 bytes of ports", uldf_region_read(c->device, i, 0, 8, &value), -EINVAL);
	expect(c, "write a port", uldf_region_write(c->device, i, 0, 4, c->model->scratch), 0);
	expect(c, "read it back", uldf_region_read(c->device, i, 0, 4, &value), 0);
	require("the port keeps what was written", value == c->model->scratch);
	expect(c, "write another", uldf_region_write(c->device, i, 4, 4, 0x1230), 0);
	require("ports lead to the registers", reg_read(c, c->model->scratch, 4) == 0x1230);
	config_command(c, 0, PCI_COMMAND_IO);
	expect(c, "read a port while ports are not decoded",
	       uldf_region_read(c->device, i, 0, 4, &value), -EIO);
	config_command(c, PCI_COMMAND_IO, 0);
	reg_write(c, c->model->scratch, 4, 0);
}

void check_regions(struct conform *c)
{
	printf("== regions\n");
	config_command(c, c->model->decode, 0);
	check_accesses(c);
	check_wide(c);
	check_refusals(c);
	check_decoding(c);
	check_map(c);
	check_ports(c);
}
