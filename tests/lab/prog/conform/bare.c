// SPDX-License-Identifier: MIT
/* Bare spaces, on a host without an IOMMU: real bus addresses, and buffers that are contiguous. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "conform.h"

#define ALL (~UINT64_C(0))
#define LOW ((UINT64_C(1) << 28) - 1) /* of edu */

static void check_refusals(struct conform *c)
{
	struct uldf_space *space = (void *)0x1234;

	expect(c, "a mask with a hole", uldf_space_create_bare(c->device, 0xff7fffff, &space),
	       -EINVAL);
	expect(c, "a mask of too few bits", uldf_space_create_bare(c->device, 0x7ffff, &space),
	       -EINVAL);
	expect(c, "a space that is not bare", uldf_space_create(c->device, &space), -ENOTSUP);
	require("which leave out alone", space == (void *)0x1234);
}

/* Segments are in order, in the mask, and as long together as what was mapped. */
static void check_segments(struct conform *c, struct uldf_memory *memory, uint64_t offset,
			   uint64_t size, uint64_t mask)
{
	struct uldf_dma *dma = NULL;
	uint64_t sum = 0;

	expect(c, "map bytes", uldf_dma_map(memory, offset, size, ULDF_DMA_BOTH, &dma), 0);
	require("of that size", dma->size == size && dma->count);
	for (size_t i = 0; i < dma->count; i++) {
		const struct uldf_segment *segment = &dma->list[i];

		require("segments lie in the mask",
			segment->length && segment->address + segment->length - 1 <= mask);
		require("they begin where their pages do, but the first",
			(segment->address - (i ? 0 : offset)) % PAGE == 0);
		require("they do not touch",
			!i || dma->list[i - 1].address + dma->list[i - 1].length !=
					segment->address);
		sum += segment->length;
	}
	require("together they are all of it", sum == size);
	expect(c, "unregister what is mapped", uldf_memory_unregister(memory), -EBUSY);
	uldf_dma_unmap(dma);
}

/* The device really finds a page where the segment says. */
static void check_reached(struct conform *c, struct uldf_memory *memory, unsigned char *pages)
{
	struct uldf_dma *dma[AREA_PAGES];
	struct area area = {.cpu = pages};

	for (unsigned int i = 0; i < AREA_PAGES; i++) {
		expect(c, "map a page",
		       uldf_dma_map(memory, i * PAGE, PAGE, ULDF_DMA_BOTH, &dma[i]), 0);
		require("a page is one segment", dma[i]->count == 1);
		area.bus[i] = dma[i]->list[0].address;
	}
	config_command(c, PCI_COMMAND_MASTER | c->model->decode, 0);
	require("attached, bus mastering can be switched on",
		config_get(c, PCI_COMMAND, 2) & PCI_COMMAND_MASTER);
	c->model->start(c, &area);
	require("the device reaches registered memory", c->model->transfer(c, &area));
	c->model->stop(c);
	for (unsigned int i = 0; i < AREA_PAGES; i++)
		uldf_dma_unmap(dma[i]);
}

static void check_memory(struct conform *c, struct uldf_space *space, unsigned char *pages)
{
	const struct uldf_mapping piece = {NULL, 0, 0x100000, PAGE, ULDF_DMA_BOTH};
	struct uldf_dma *dma = (void *)0x1234;
	struct uldf_memory *memory, *shared = (void *)0x1234;
	struct uldf_mapping here;

	expect(c, "register pages",
	       uldf_memory_register(space, pages, AREA_PAGES * PAGE, ULDF_DMA_BOTH, &memory), 0);
	here = piece;
	here.memory = memory;
	expect(c, "map at an address", uldf_space_map(space, &here, 1), -ENOTSUP);
	expect(c, "map anywhere", uldf_space_map_anywhere(space, &here, 1), -ENOTSUP);
	expect(c, "unmap a range", uldf_space_unmap_range(space, 0, ALL, NULL), -ENOTSUP);
	expect(c, "revoke", uldf_space_revoke(space), -ENOTSUP);
	expect(c, "register registers",
	       uldf_memory_register_region(space, c->device, ULDF_BAR0, 0, PAGE, &shared),
	       -ENOTSUP);
	expect(c, "share", uldf_memory_share(memory, space, &shared), -ENOTSUP);
	expect(c, "map no bytes", uldf_dma_map(memory, 0, 0, ULDF_DMA_BOTH, &dma), -EINVAL);
	expect(c, "map without access", uldf_dma_map(memory, 0, 1, 0, &dma), -EINVAL);
	expect(c, "map beyond the memory",
	       uldf_dma_map(memory, PAGE, 2 * PAGE + 1, ULDF_DMA_BOTH, &dma), -ERANGE);
	require("which leave out alone", dma == (void *)0x1234 && shared == (void *)0x1234);
	check_segments(c, memory, 0, AREA_PAGES * PAGE, ALL);
	check_segments(c, memory, PAGE - 100, 200, ALL);
	check_segments(c, memory, 17, 1, ALL);
	if (c->model != &edu_model)
		check_reached(c, memory, pages);
	expect(c, "unregister", uldf_memory_unregister(memory), 0);
	expect(c, "register for reading",
	       uldf_memory_register(space, pages, PAGE, ULDF_DMA_READ, &memory), 0);
	expect(c, "map that for writing", uldf_dma_map(memory, 0, 1, ULDF_DMA_WRITE, &dma), -EPERM);
	expect(c, "unregister it", uldf_memory_unregister(memory), 0);
}

/* What lies above the mask is refused, never bounced. */
static void check_mask(struct conform *c, unsigned char *pages)
{
	struct uldf_dma *dma = (void *)0x1234;
	struct uldf_memory *memory;
	struct uldf_space *space;
	int err;

	expect(c, "fewer bits than the host can do with",
	       uldf_space_create_bare(c->device, 0xfffff, &space), -ERANGE);
	expect(c, "a space of 24 bits", uldf_space_create_bare(c->device, 0xffffff, &space), 0);
	expect(c, "attach", uldf_device_attach(c->device, space), 0);
	err = uldf_memory_register(space, pages, AREA_PAGES * PAGE, ULDF_DMA_BOTH, &memory);
	expect(c, "register pages above 16 MiB", err, 0);
	expect(c, "map what is above 16 MiB", uldf_dma_map(memory, 0, PAGE, ULDF_DMA_BOTH, &dma),
	       -ERANGE);
	require("which leaves out alone", dma == (void *)0x1234);
	expect(c, "unregister", uldf_memory_unregister(memory), 0);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	uldf_space_destroy(space);
}

static void check_buffers(struct conform *c, struct uldf_space *space)
{
	struct uldf_buffer *buffer, *second, *none = (void *)0x1234;
	struct area area;

	expect(c, "a buffer of no bytes", uldf_buffer_create(space, 0, &none), -EINVAL);
	require("which leaves out alone", none == (void *)0x1234);
	expect(c, "a buffer", uldf_buffer_create(space, 100, &buffer), 0);
	expect(c, "a second", uldf_buffer_create(space, 2 * PAGE + 1, &second), 0);
	require("they are whole pages", buffer->size == PAGE && second->size == 3 * PAGE);
	require("in the mask, apart from each other",
		!(buffer->bus % PAGE) && buffer->bus + buffer->size - 1 <= LOW &&
			second->bus + second->size - 1 <= LOW &&
			(buffer->bus >= second->bus + second->size ||
			 second->bus >= buffer->bus + buffer->size));
	for (unsigned int i = 0; i < second->size; i++)
		require("a buffer is zeroed", !((unsigned char *)second->address)[i]);
	area.cpu = second->address;
	for (unsigned int i = 0; i < AREA_PAGES; i++)
		area.bus[i] = second->bus + i * PAGE;
	config_command(c, PCI_COMMAND_MASTER | c->model->decode, 0);
	c->model->start(c, &area);
	require("the device transfers from and to a buffer", c->model->transfer(c, &area));
	c->model->stop(c);
	uldf_buffer_destroy(buffer);
	uldf_buffer_destroy(second);
}

static void check_allowed(struct conform *c, unsigned char *pages)
{
	struct uldf_space *space;

	expect(c, "a bare space", uldf_space_create_bare(c->device, ALL, &space), 0);
	expect(c, "attach", uldf_device_attach(c->device, space), 0);
	expect(c, "attach again", uldf_device_attach(c->device, space), -EBUSY);
	check_memory(c, space, pages);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	require("a detached device masters no bus",
		!(config_get(c, PCI_COMMAND, 2) & PCI_COMMAND_MASTER));
	uldf_space_destroy(space);
	expect(c, "one of 28 bits", uldf_space_create_bare(c->device, LOW, &space), 0);
	expect(c, "attach", uldf_device_attach(c->device, space), 0);
	check_buffers(c, space);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	uldf_space_destroy(space);
	check_mask(c, pages);
}

void check_bare(struct conform *c)
{
	struct uldf_space *space = (void *)0x1234;
	unsigned char *pages;

	printf("== bare spaces\n");
	if (!c->able->bare || c->iommu) {
		expect(c, "a bare space", uldf_space_create_bare(c->device, ALL, &space), -ENOTSUP);
		require("which leaves out alone", space == (void *)0x1234);
		return;
	}
	check_refusals(c);
	pages = pages_new();
	memset(pages, 0x5a, AREA_PAGES * PAGE);
	check_allowed(c, pages);
	munmap(pages, AREA_PAGES * PAGE);
}
