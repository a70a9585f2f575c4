// SPDX-License-Identifier: MIT
/* What devices really reach: in one space, in one that is left and entered again, and together. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "conform.h"

/* Mappings stay in a space that no device is attached to, and are there for the next. */
static void check_reattach(struct conform *c, struct fixture *f)
{
	struct uldf_mapping piece = {NULL, 0, f->area.bus[1], PAGE, 0};

	c->model->stop(c);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	expect(c, "bus mastering of a detached device",
	       uldf_config_write(c->device, PCI_COMMAND, 2, PCI_COMMAND_MASTER | c->model->decode),
	       -ENXIO);
	require("a detached device masters no bus",
		!(config_get(c, PCI_COMMAND, 2) & PCI_COMMAND_MASTER));
	expect(c, "unmap in a space that was left", uldf_space_unmap(f->space, &piece, 1), 0);
	piece = (struct uldf_mapping){f->memory, PAGE, f->area.bus[1], PAGE, ULDF_DMA_BOTH};
	expect(c, "map in a space that was left", uldf_space_map(f->space, &piece, 1), 0);
	expect(c, "attach again", uldf_device_attach(c->device, f->space), 0);
	config_command(c, PCI_COMMAND_MASTER, 0);
	c->model->start(c, &f->area);
	require("transfers arrive after that", c->model->transfer(c, &f->area));
}

/*
 * What was unmapped is out of reach, and a page that is mapped in its place is reached instead. The
 * device is told of the same bus address throughout.
 */
static void check_unmapped(struct conform *c, struct fixture *f)
{
	struct uldf_mapping gone = {NULL, 0, f->area.bus[1], PAGE, 0};
	struct uldf_mapping other = {NULL, 0, f->area.bus[1], PAGE, ULDF_DMA_BOTH};
	struct uldf_mapping again = {f->memory, PAGE, f->area.bus[1], PAGE, ULDF_DMA_BOTH};
	unsigned char *pages = pages_new();
	struct uldf_memory *memory;

	expect(c, "register other pages",
	       uldf_memory_register(f->space, pages, PAGE, ULDF_DMA_BOTH, &memory), 0);
	other.memory = memory;
	expect(c, "unmap", uldf_space_unmap(f->space, &gone, 1), 0);
	expect(c, "map another page there", uldf_space_map(f->space, &other, 1), 0);
	if (c->model == &edu_model) {
		memset(f->area.cpu + PAGE, 0x11, PAGE);
		require("the page that was unmapped is not what is written",
			!c->model->transfer(c, &f->area) && !memcmp(pages, f->area.cpu, 2048) &&
				!f->area.cpu[PAGE]);
	}
	expect(c, "unmap that", uldf_space_unmap(f->space, &gone, 1), 0);
	expect(c, "unregister it", uldf_memory_unregister(memory), 0);
	expect(c, "map the page again", uldf_space_map(f->space, &again, 1), 0);
	require("transfers arrive after that", c->model->transfer(c, &f->area));
	munmap(pages, AREA_PAGES * PAGE);
}

void check_dma(struct conform *c)
{
	struct fixture f;

	if (!conform_masters(c))
		return;
	printf("== DMA\n");
	fixture_init(c, &f);
	fixture_attach(c, &f);
	require("a transfer reads and writes memory", c->model->transfer(c, &f.area));
	require("another as well", c->model->transfer(c, &f.area));
	if (c->iommu) {
		check_unmapped(c, &f);
		check_reattach(c, &f);
	}
	fixture_fini(c, &f);
}

/* Two devices in one space: each reaches what was mapped before and after it came. */
void check_shared(struct conform *c, const char *second)
{
	struct conform other = {.ctx = c->ctx, .iommu = c->iommu};
	struct uldf_mapping list[AREA_PAGES];
	struct uldf_memory *memory;
	struct area area = {.cpu = pages_new(), .bus = {0x300000, 0x380000, 0x400000}};
	struct fixture f;

	if (!c->able->spaces || !c->iommu)
		return;
	printf("== a space shared with %s\n", second);
	conform_open(&other, second);
	fixture_init(c, &f);
	fixture_attach(c, &f);
	expect(&other, "attach the second", uldf_device_attach(other.device, f.space), 0);
	expect(c, "register",
	       uldf_memory_register(f.space, area.cpu, AREA_PAGES * PAGE, ULDF_DMA_BOTH, &memory),
	       0);
	for (unsigned int i = 0; i < AREA_PAGES; i++)
		list[i] = (struct uldf_mapping){memory, i * PAGE, area.bus[i], PAGE, ULDF_DMA_BOTH};
	expect(c, "map for both", uldf_space_map(f.space, list, AREA_PAGES), 0);
	config_command(&other, PCI_COMMAND_MASTER | other.model->decode, 0);
	other.model->start(&other, &area);
	require("the second transfers", other.model->transfer(&other, &area));
	require("the first does too", c->model->transfer(c, &f.area));
	other.model->stop(&other);
	other.model->start(&other, &f.area);
	require("the second reaches what was mapped before it came",
		other.model->transfer(&other, &f.area));
	other.model->stop(&other);
	c->model->start(c, &f.area);
	expect(&other, "detach the second", uldf_device_detach(other.device), 0);
	require("the first still transfers", c->model->transfer(c, &f.area));
	conform_close(&other);
	require("and after the second was closed", c->model->transfer(c, &f.area));
	fixture_fini(c, &f);
	munmap(area.cpu, AREA_PAGES * PAGE);
}
