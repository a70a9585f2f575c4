// SPDX-License-Identifier: MIT
/* Bus addresses of the library's choice: mappings anywhere, of any bytes, and buffers. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "conform.h"

#define MASK ((1ull << 28) - 1) /* of edu */

static void check_masks(struct conform *c)
{
	struct uldf_space *space = (void *)0x1234;

	expect(c, "a mask with a hole", uldf_space_create_masked(c->device, 0xff7fffff, &space),
	       -EINVAL);
	expect(c, "a mask of too few bits", uldf_space_create_masked(c->device, 0x7ffff, &space),
	       -EINVAL);
	expect(c, "a bare space behind an IOMMU", uldf_space_create_bare(c->device, MASK, &space),
	       -ENOTSUP);
	require("which leave out alone", space == (void *)0x1234);
}

static void check_anywhere(struct conform *c, struct uldf_space *space, struct uldf_memory *memory)
{
	struct uldf_mapping list[AREA_PAGES + 1] = {};

	for (unsigned int i = 0; i < AREA_PAGES; i++)
		list[i] = (struct uldf_mapping){memory, i * PAGE, 0x55, PAGE, ULDF_DMA_BOTH};
	list[AREA_PAGES] = (struct uldf_mapping){memory, PAGE, 0x55, AREA_PAGES * PAGE, 1};
	expect(c, "map anywhere what is beyond the memory",
	       uldf_space_map_anywhere(space, list, AREA_PAGES + 1), -ERANGE);
	for (unsigned int i = 0; i <= AREA_PAGES; i++)
		require("which leaves addresses alone", list[i].address == 0x55);
	for (int round = 0; round < 3; round++) {
		expect(c, "map anywhere", uldf_space_map_anywhere(space, list, AREA_PAGES), 0);
		for (unsigned int i = 0; i < AREA_PAGES; i++) {
			require("below the mask, in pages, not at 0",
				list[i].address && !(list[i].address % PAGE) &&
					list[i].address + PAGE - 1 <= MASK);
			require("in order, at adjacent addresses",
				list[i].address == list[0].address + i * PAGE);
			expect(c, "map where that is", uldf_space_map(space, &list[i], 1), -EEXIST);
		}
		for (unsigned int i = 0; i < AREA_PAGES; i++)
			expect(c, "unmap",
			       uldf_space_unmap(space,
						&(struct uldf_mapping){
							.address = list[i].address,
							.size = PAGE,
						},
						1),
			       0);
	}
}

/* What the caller chose is not chosen for another. */
static void check_mixed(struct conform *c, struct uldf_space *space, struct uldf_memory *memory)
{
	struct uldf_mapping found = {memory, 0, 0, PAGE, ULDF_DMA_BOTH}, fixed, undo;

	expect(c, "map anywhere", uldf_space_map_anywhere(space, &found, 1), 0);
	fixed = found;
	fixed.address -= 2 * PAGE;
	expect(c, "map near it", uldf_space_map(space, &fixed, 1), 0);
	for (int i = 0; i < 4; i++) {
		expect(c, "map anywhere", uldf_space_map_anywhere(space, &found, 1), 0);
		require("elsewhere", found.address != fixed.address);
	}
	fixed.address = 0;
	expect(c, "map at 0, where the caller says so", uldf_space_map(space, &fixed, 1), 0);
	undo = (struct uldf_mapping){.address = 0, .size = PAGE};
	expect(c, "unmap it", uldf_space_unmap(space, &undo, 1), 0);
}

static void check_buffers(struct conform *c, struct uldf_space *space)
{
	struct uldf_buffer *buffer, *second, *none = (void *)0x1234;

	expect(c, "a buffer of no bytes", uldf_buffer_create(space, 0, &none), -EINVAL);
	expect(c, "a buffer larger than the mask", uldf_buffer_create(space, MASK, &none), -ENOSPC);
	require("which leave out alone", none == (void *)0x1234);
	expect(c, "a buffer", uldf_buffer_create(space, 100, &buffer), 0);
	expect(c, "a second", uldf_buffer_create(space, 2 * PAGE + 1, &second), 0);
	require("they are whole pages", buffer->size == PAGE && second->size == 3 * PAGE);
	require("below the mask, not at 0, apart from each other",
		buffer->bus && second->bus && buffer->bus + buffer->size - 1 <= MASK &&
			second->bus + second->size - 1 <= MASK &&
			(buffer->bus >= second->bus + second->size ||
			 second->bus >= buffer->bus + buffer->size));
	for (unsigned int i = 0; i < second->size; i++)
		require("a buffer is zeroed", !((unsigned char *)second->address)[i]);
	if (AREA_PAGES * PAGE == second->size) {
		struct area area = {.cpu = second->address};

		for (unsigned int i = 0; i < AREA_PAGES; i++)
			area.bus[i] = second->bus + i * PAGE;
		config_command(c, PCI_COMMAND_MASTER | c->model->decode, 0);
		c->model->start(c, &area);
		require("the device transfers from and to a buffer", c->model->transfer(c, &area));
		c->model->stop(c);
	}
	uldf_buffer_destroy(buffer);
	uldf_buffer_destroy(second);
	uldf_buffer_destroy(NULL);
}

static void check_mappings(struct conform *c, struct uldf_memory *memory)
{
	struct uldf_dma *dma = (void *)0x1234;

	expect(c, "map no bytes", uldf_dma_map(memory, 0, 0, ULDF_DMA_BOTH, &dma), -EINVAL);
	expect(c, "map without access", uldf_dma_map(memory, 0, 1, 0, &dma), -EINVAL);
	expect(c, "map beyond the memory",
	       uldf_dma_map(memory, PAGE, 2 * PAGE + 1, ULDF_DMA_BOTH, &dma), -ERANGE);
	require("which leave out alone", dma == (void *)0x1234);
	expect(c, "map bytes on both sides of a page's end",
	       uldf_dma_map(memory, PAGE - 100, 200, ULDF_DMA_BOTH, &dma), 0);
	require("they are one segment at the same place in its page",
		dma->count == 1 && dma->size == 200 && dma->list[0].length == 200 &&
			dma->list[0].address % PAGE == PAGE - 100 &&
			dma->list[0].address + 199 <= MASK);
	expect(c, "unregister while mapped", uldf_memory_unregister(memory), -EBUSY);
	uldf_dma_unmap(dma);
	uldf_dma_unmap(NULL);
}

void check_choice(struct conform *c)
{
	struct uldf_memory *memory;
	struct uldf_buffer *none;
	struct uldf_space *space;
	unsigned char *pages;

	if (!c->able->spaces || !c->iommu)
		return;
	printf("== addresses of the library's choice\n");
	check_masks(c);
	pages = pages_new();
	expect(c, "create a space", uldf_space_create_masked(c->device, MASK, &space), 0);
	expect(c, "register pages",
	       uldf_memory_register(space, pages, AREA_PAGES * PAGE, ULDF_DMA_BOTH, &memory), 0);
	expect(c, "a buffer before anything was attached", uldf_buffer_create(space, PAGE, &none),
	       -ENXIO);
	expect(c, "attach", uldf_device_attach(c->device, space), 0);
	check_anywhere(c, space, memory);
	check_mappings(c, memory);
	check_buffers(c, space);
	check_mixed(c, space, memory);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	uldf_space_destroy(space);
	munmap(pages, AREA_PAGES * PAGE);
}
