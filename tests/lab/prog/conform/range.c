// SPDX-License-Identifier: MIT
/* Calls that end many mappings at once: those of a range, and all of a space for good. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "conform.h"

#define ADDRESS 0x200000
#define ALL	UINT64_MAX
#define SMALL	0xfffff /* the smallest mask of a space */

/* Ends @first..@last, which must have been so many mappings and bytes. */
static void end_range(struct conform *c, struct uldf_space *space, uint64_t first, uint64_t last,
		      uint64_t mappings, uint64_t bytes)
{
	struct uldf_unmapped unmapped = {77, 77};

	expect(c, "unmap a range", uldf_space_unmap_range(space, first, last, &unmapped), 0);
	require("it tells what was in it",
		unmapped.mappings == mappings && unmapped.bytes == bytes);
}

static void check_judged(struct conform *c, struct uldf_space *space)
{
	static const struct {
		const char *what;
		uint64_t first, last;
	} bad[] = {
		{"a range that begins within a page", ADDRESS + 1, ADDRESS + PAGE - 1},
		{"a range that ends within a page", ADDRESS, ADDRESS + PAGE},
		{"a range that ends before it begins", ADDRESS, ADDRESS - 1},
	};
	struct uldf_unmapped unmapped = {77, 77};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect(c, bad[i].what,
		       uldf_space_unmap_range(space, bad[i].first, bad[i].last, &unmapped),
		       -EINVAL);
	require("refusals leave out alone", unmapped.mappings == 77 && unmapped.bytes == 77);
	end_range(c, space, 0, ALL, 0, 0);
	expect(c, "nobody asks what was ended", uldf_space_unmap_range(space, 0, ALL, NULL), 0);
}

static void check_cuts(struct conform *c, struct uldf_space *space, struct uldf_memory *memory)
{
	const struct uldf_mapping pieces[] = {
		{memory, 0, ADDRESS, PAGE, ULDF_DMA_BOTH},
		{memory, 0, ADDRESS + PAGE, 3 * PAGE, ULDF_DMA_BOTH},
		{memory, 0, ADDRESS + 16 * PAGE, PAGE, ULDF_DMA_READ},
	};
	const uint64_t large = ADDRESS + PAGE;
	struct uldf_unmapped unmapped = {77, 77};

	expect(c, "map three pieces", uldf_space_map(space, pieces, 3), 0);
	expect(c, "a range that cuts at its end",
	       uldf_space_unmap_range(space, 0, large + PAGE - 1, &unmapped), -ERANGE);
	expect(c, "a range that cuts at its beginning",
	       uldf_space_unmap_range(space, large + PAGE, ALL, &unmapped), -ERANGE);
	expect(c, "a range within a mapping",
	       uldf_space_unmap_range(space, large + PAGE, large + 2 * PAGE - 1, &unmapped),
	       -ERANGE);
	require("refusals leave out alone", unmapped.mappings == 77 && unmapped.bytes == 77);
	for (unsigned int i = 0; i < 3; i++)
		expect(c, "what would be cut ends nothing", uldf_space_map(space, &pieces[i], 1),
		       -EEXIST);
	end_range(c, space, ADDRESS + 4 * PAGE, ADDRESS + 16 * PAGE - 1, 0, 0);
	end_range(c, space, large, large + 3 * PAGE - 1, 1, 3 * PAGE);
	expect(c, "map it again", uldf_space_map(space, &pieces[1], 1), 0);
	end_range(c, space, ADDRESS, ADDRESS + 8 * PAGE - 1, 2, 4 * PAGE);
	expect(c, "unregister what is mapped", uldf_memory_unregister(memory), -EBUSY);
	end_range(c, space, 0, ALL, 1, PAGE);
}

/* Maps as often as there is room for below the mask. */
static uint64_t fill(struct conform *c, struct uldf_space *space, struct uldf_memory *memory)
{
	struct uldf_mapping piece = {memory, 0, 0, AREA_PAGES * PAGE, ULDF_DMA_BOTH};
	uint64_t count = 0;
	int err;

	while (!(err = uldf_space_map_anywhere(space, &piece, 1)))
		count++;
	expect(c, "no room is left", err, -ENOSPC);
	return count;
}

/* Addresses that a range ended are chosen again. */
static void check_room(struct conform *c, unsigned char *pages)
{
	const uint64_t size = AREA_PAGES * PAGE;
	struct uldf_memory *memory;
	struct uldf_space *space;
	uint64_t count;

	expect(c, "a small space", uldf_space_create_masked(c->device, SMALL, &space), 0);
	expect(c, "attach", uldf_device_attach(c->device, space), 0);
	expect(c, "register", uldf_memory_register(space, pages, size, ULDF_DMA_BOTH, &memory), 0);
	count = fill(c, space, memory);
	require("something fits in", count);
	for (unsigned int i = 0; i < 2; i++) {
		end_range(c, space, 0, ALL, count, count * size);
		require("as much fits in again", fill(c, space, memory) == count);
	}
	end_range(c, space, 0, SMALL, count, count * size);
	expect(c, "unregister", uldf_memory_unregister(memory), 0);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	uldf_space_destroy(space);
}

/* edu finds nothing where it reads, and writes nowhere. */
static void expect_lost(struct conform *c, struct area *area)
{
	static const unsigned char zeros[PAGE];

	require("no transfer arrives",
		!c->model->transfer(c, area) && !memcmp(area->cpu + PAGE, zeros, PAGE));
}

/* The device writes to the page that is mapped in place of one that a range ended. */
static void check_reached(struct conform *c)
{
	struct uldf_mapping other = {NULL, 0, 0, PAGE, ULDF_DMA_BOTH}, list[AREA_PAGES];
	unsigned char *pages = pages_new();
	struct uldf_memory *memory;
	struct fixture f;

	fixture_init(c, &f);
	fixture_attach(c, &f);
	require("a transfer arrives", c->model->transfer(c, &f.area));
	expect(c, "register another page",
	       uldf_memory_register(f.space, pages, PAGE, ULDF_DMA_BOTH, &memory), 0);
	end_range(c, f.space, f.area.bus[1] - PAGE, f.area.bus[1] + 2 * PAGE - 1, 1, PAGE);
	other.memory = memory;
	other.address = f.area.bus[1];
	expect(c, "map it in place of one", uldf_space_map(f.space, &other, 1), 0);
	if (c->model == &edu_model) {
		memset(f.area.cpu + PAGE, 0x11, PAGE);
		require("the page that was unmapped is not what is written",
			!c->model->transfer(c, &f.area) && !memcmp(pages, f.area.cpu, 2048) &&
				!f.area.cpu[PAGE]);
	}
	c->model->stop(c);
	end_range(c, f.space, 0, ALL, AREA_PAGES, AREA_PAGES * PAGE);
	if (c->model == &edu_model)
		expect_lost(c, &f.area);
	expect(c, "unregister the other page", uldf_memory_unregister(memory), 0);
	for (unsigned int i = 0; i < AREA_PAGES; i++)
		list[i] = (struct uldf_mapping){f.memory, i * PAGE, f.area.bus[i], PAGE,
						ULDF_DMA_BOTH};
	expect(c, "map all again", uldf_space_map(f.space, list, AREA_PAGES), 0);
	c->model->start(c, &f.area);
	require("transfers arrive after that", c->model->transfer(c, &f.area));
	fixture_fini(c, &f);
	munmap(pages, AREA_PAGES * PAGE);
}

/* The device stays attached, and reaches memory no more. */
static void check_revoke_reached(struct conform *c)
{
	struct fixture f;

	fixture_init(c, &f);
	fixture_attach(c, &f);
	require("a transfer arrives", c->model->transfer(c, &f.area));
	if (c->model != &edu_model)
		c->model->stop(c);
	expect(c, "revoke", uldf_space_revoke(f.space), 0);
	if (c->model == &edu_model)
		expect_lost(c, &f.area);
	fixture_fini(c, &f);
}

/* The addresses of an uldf_dma and of a buffer are ended by their own calls. */
static void check_busy(struct conform *c, struct uldf_space *space, struct uldf_memory *memory)
{
	struct uldf_unmapped unmapped = {77, 77};
	struct uldf_buffer *buffer;
	struct uldf_dma *dma;

	expect(c, "map bytes", uldf_dma_map(memory, 100, 200, ULDF_DMA_BOTH, &dma), 0);
	expect(c, "a range with them", uldf_space_unmap_range(space, 0, ALL, &unmapped), -EBUSY);
	uldf_dma_unmap(dma);
	expect(c, "a buffer", uldf_buffer_create(space, PAGE, &buffer), 0);
	expect(c, "a range with it",
	       uldf_space_unmap_range(space, buffer->bus, buffer->bus + PAGE - 1, &unmapped),
	       -EBUSY);
	require("refusals leave out alone", unmapped.mappings == 77 && unmapped.bytes == 77);
	uldf_buffer_destroy(buffer);
	end_range(c, space, 0, ALL, 0, 0);
}

static void check_revoke(struct conform *c, unsigned char *pages)
{
	struct uldf_mapping piece = {NULL, 0, ADDRESS, PAGE, ULDF_DMA_BOTH};
	struct uldf_dma *dma, *none = (void *)0x1234;
	struct uldf_buffer *buffer, *no_buffer;
	struct uldf_memory *memory;
	struct uldf_space *space;

	expect(c, "create a space", uldf_space_create(c->device, &space), 0);
	expect(c, "attach", uldf_device_attach(c->device, space), 0);
	expect(c, "register",
	       uldf_memory_register(space, pages, AREA_PAGES * PAGE, ULDF_DMA_BOTH, &memory), 0);
	piece.memory = memory;
	expect(c, "map", uldf_space_map(space, &piece, 1), 0);
	expect(c, "map bytes", uldf_dma_map(memory, 100, 200, ULDF_DMA_BOTH, &dma), 0);
	expect(c, "a buffer", uldf_buffer_create(space, PAGE, &buffer), 0);
	expect(c, "revoke", uldf_space_revoke(space), 0);
	expect(c, "map", uldf_space_map(space, &piece, 1), -ESHUTDOWN);
	expect(c, "map anywhere", uldf_space_map_anywhere(space, &piece, 1), -ESHUTDOWN);
	expect(c, "map bytes", uldf_dma_map(memory, 100, 200, ULDF_DMA_BOTH, &none), -ESHUTDOWN);
	expect(c, "a buffer", uldf_buffer_create(space, PAGE, &no_buffer), -ESHUTDOWN);
	require("which leave out alone", piece.address == ADDRESS && none == (void *)0x1234);
	uldf_dma_unmap(dma);
	uldf_buffer_destroy(buffer);
	end_range(c, space, 0, ALL, 0, 0);
	expect(c, "revoke again", uldf_space_revoke(space), 0);
	expect(c, "unregister", uldf_memory_unregister(memory), 0);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	expect(c, "attach again", uldf_device_attach(c->device, space), 0);
	expect(c, "register",
	       uldf_memory_register(space, pages, AREA_PAGES * PAGE, ULDF_DMA_BOTH, &memory), 0);
	piece.memory = memory;
	expect(c, "map", uldf_space_map(space, &piece, 1), -ESHUTDOWN);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	uldf_space_destroy(space);
}

void check_range(struct conform *c)
{
	struct uldf_memory *memory;
	struct uldf_space *space;
	unsigned char *pages;

	if (!c->able->spaces || !c->iommu)
		return;
	printf("== ranges of mappings, and revoked spaces\n");
	pages = pages_new();
	expect(c, "create a space", uldf_space_create(c->device, &space), 0);
	check_judged(c, space);
	expect(c, "attach", uldf_device_attach(c->device, space), 0);
	expect(c, "register pages",
	       uldf_memory_register(space, pages, AREA_PAGES * PAGE, ULDF_DMA_BOTH, &memory), 0);
	check_cuts(c, space, memory);
	check_busy(c, space, memory);
	expect(c, "unregister", uldf_memory_unregister(memory), 0);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	uldf_space_destroy(space);
	check_room(c, pages);
	check_reached(c);
	check_revoke(c, pages);
	check_revoke_reached(c);
	munmap(pages, AREA_PAGES * PAGE);
}
