// SPDX-License-Identifier: MIT
/* Registers of one device as memory of the space of another. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include "conform.h"

#define REGISTERS 0x400000 /* where the space has them */

static const struct uldf_area *first_area(const struct conform *peer)
{
	return &uldf_region_get(peer->device, ULDF_BAR0)->area[0];
}

static void check_refusals(struct conform *c, const struct conform *peer, struct uldf_space *space)
{
	const uint64_t size = uldf_region_get(peer->device, ULDF_BAR0)->size;
	const struct {
		const char *what;
		unsigned int index;
		uint64_t offset;
		size_t size;
		int wanted;
	} cases[] = {
		{"no bytes of a region", ULDF_BAR0, 0, 0, -EINVAL},
		{"half a page of it", ULDF_BAR0, 0, PAGE / 2, -EINVAL},
		{"from an odd offset", ULDF_BAR0, 8, PAGE, -EINVAL},
		{"beyond it", ULDF_BAR0, size, PAGE, -ERANGE},
		{"so much that it wraps", ULDF_BAR0, (uint64_t)-PAGE, 2 * PAGE, -ERANGE},
		{"no region", ULDF_REGION_COUNT, 0, PAGE, -EINVAL},
		{"the configuration space", ULDF_CONFIG, 0, PAGE, -ENOTSUP},
	};
	struct uldf_memory *memory = (void *)0x1234;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(c, cases[i].what,
		       uldf_memory_register_region(space, peer->device, cases[i].index,
						   cases[i].offset, cases[i].size, &memory),
		       cases[i].wanted);
	require("refusals leave out alone", memory == (void *)0x1234);
}

/* edu copies registers that are constant to memory. */
static void check_reached(struct conform *c, const struct conform *peer, struct fixture *f)
{
	struct area area = f->area;

	area.bus[0] = REGISTERS;
	c->model->transfer(c, &area);
	for (const struct constant *k = peer->model->constants; k->width; k++) {
		uint64_t value = 0;

		memcpy(&value, area.cpu + PAGE + k->offset, k->width);
		require("the registers are what the device reads", (value & k->mask) == k->value);
	}
}

static void check_mapped(struct conform *c, struct conform *peer, struct fixture *f)
{
	const struct uldf_mapping end = {.address = REGISTERS, .size = PAGE};
	struct uldf_mapping piece = {NULL, 0, REGISTERS, PAGE, ULDF_DMA_READ}, taken;
	struct uldf_memory *memory, *none = (void *)0x1234;
	struct uldf_dma *dma = (void *)0x1234;
	struct uldf_space *other;

	expect(c, "register registers",
	       uldf_memory_register_region(f->space, peer->device, ULDF_BAR0,
					   first_area(peer)->offset, PAGE, &memory),
	       0);
	piece.memory = memory;
	expect(c, "map them", uldf_space_map(f->space, &piece, 1), 0);
	expect(c, "unmap them", uldf_space_unmap(f->space, &end, 1), -EBUSY);
	expect(c, "unregister them", uldf_memory_unregister(memory), 0);
	expect(c, "register them again",
	       uldf_memory_register_region(f->space, peer->device, ULDF_BAR0,
					   first_area(peer)->offset, PAGE, &memory),
	       0);
	piece.memory = memory;
	expect(c, "map them where they were", uldf_space_map(f->space, &piece, 1), 0);
	expect(c, "map them anywhere", uldf_dma_map(memory, 0, 1, ULDF_DMA_READ, &dma), -ENOTSUP);
	expect(c, "create a space", uldf_space_create(c->device, &other), 0);
	expect(c, "share them", uldf_memory_share(memory, other, &none), -ENOTSUP);
	uldf_space_destroy(other);
	require("which leaves out alone", none == (void *)0x1234 && dma == (void *)0x1234);
	config_command(peer, PCI_COMMAND_MEMORY, 0);
	if (c->model == &edu_model && !first_area(peer)->offset)
		check_reached(c, peer, f);
	conform_close(peer);
	expect(c, "unmap what ended with the device", uldf_space_unmap(f->space, &end, 1), -EBUSY);
	taken = piece;
	taken.memory = f->memory;
	expect(c, "map something else there", uldf_space_map(f->space, &taken, 1), -EEXIST);
	piece.address += PAGE;
	expect(c, "map registers of a device that was closed", uldf_space_map(f->space, &piece, 1),
	       -ENODEV);
	expect(c, "unregister them", uldf_memory_unregister(memory), 0);
	expect(c, "then their addresses are free", uldf_space_map(f->space, &taken, 1), 0);
	require("the device's own memory stays", c->model->transfer(c, &f->area));
}

void check_peer(struct conform *c, const char *second)
{
	struct conform peer = {.ctx = c->ctx, .iommu = c->iommu};
	struct uldf_memory *memory = (void *)0x1234;
	struct fixture f;

	if (!c->able->spaces || !c->iommu)
		return;
	printf("== registers of %s as memory\n", second);
	conform_open(&peer, second);
	fixture_init(c, &f);
	fixture_attach(c, &f);
	if (c->able->maps)
		check_refusals(c, &peer, f.space);
	if (c->able->peers) {
		check_mapped(c, &peer, &f);
	} else {
		expect(c, "register registers",
		       uldf_memory_register_region(f.space, peer.device, ULDF_BAR0,
						   first_area(&peer)->offset, PAGE, &memory),
		       -ENOTSUP);
		require("which leaves out alone", memory == (void *)0x1234);
		conform_close(&peer);
	}
	fixture_fini(c, &f);
}
