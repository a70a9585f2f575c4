// SPDX-License-Identifier: MIT
/* Memory that two spaces have, and a device that moves from one to the other. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "conform.h"

#define SIZE (AREA_PAGES * PAGE)

/* Two spaces, the first of which has the memory. */
struct pair {
	struct uldf_space *first, *second;
	struct uldf_memory *memory;
	struct area area;
};

static void pair_init(struct conform *c, struct pair *p)
{
	static const uint64_t bus[AREA_PAGES] = {0x100000, 0x110000, 0x8000000};

	p->area.cpu = pages_new();
	memcpy(p->area.bus, bus, sizeof(bus));
	expect(c, "create a space", uldf_space_create(c->device, &p->first), 0);
	expect(c, "create another", uldf_space_create(c->device, &p->second), 0);
	expect(c, "register",
	       uldf_memory_register(p->first, p->area.cpu, SIZE, ULDF_DMA_BOTH, &p->memory), 0);
}

static void pair_fini(struct pair *p)
{
	uldf_space_destroy(p->first);
	uldf_space_destroy(p->second);
	munmap(p->area.cpu, SIZE);
}

static void map_area(struct conform *c, struct uldf_space *space, struct uldf_memory *memory,
		     const struct area *area)
{
	struct uldf_mapping list[AREA_PAGES];

	for (unsigned int i = 0; i < AREA_PAGES; i++)
		list[i] =
			(struct uldf_mapping){memory, i * PAGE, area->bus[i], PAGE, ULDF_DMA_BOTH};
	expect(c, "map", uldf_space_map(space, list, AREA_PAGES), 0);
}

/* What the host has pinned for all devices of the backend; 0 where it does not tell. */
static unsigned long long pinned_bytes(const struct conform *c)
{
	unsigned long long bytes = 0;
	FILE *file;

	if (c->able->pins_at_map || !c->able->host)
		return 0;
	file = fopen("/sys/class/uldf/pinned_bytes", "re");
	require("the host tells what is pinned", file && fscanf(file, "%llu", &bytes) == 1);
	fclose(file);
	return bytes;
}

static void check_judged(struct conform *c, struct pair *p)
{
	struct uldf_memory *shared, *anew, *none = (void *)0x1234;

	expect(c, "share with the space that has it", uldf_memory_share(p->memory, p->first, &none),
	       -EEXIST);
	expect(c, "share", uldf_memory_share(p->memory, p->second, &shared), 0);
	expect(c, "share again", uldf_memory_share(p->memory, p->second, &none), -EEXIST);
	expect(c, "share back", uldf_memory_share(shared, p->first, &none), -EEXIST);
	require("refusals leave out alone", none == (void *)0x1234);
	expect(c, "register the same pages anew",
	       uldf_memory_register(p->first, p->area.cpu, SIZE, ULDF_DMA_BOTH, &anew), 0);
	expect(c, "that is another memory to share", uldf_memory_share(anew, p->second, &none), 0);
	expect(c, "unregister it", uldf_memory_unregister(none), 0);
	expect(c, "unregister it in the first space", uldf_memory_unregister(anew), 0);
	expect(c, "unregister what is shared", uldf_memory_unregister(shared), 0);
	expect(c, "then it can be shared again", uldf_memory_share(p->memory, p->second, &shared),
	       0);
	expect(c, "unregister it", uldf_memory_unregister(shared), 0);
}

static void check_readonly(struct conform *c, struct pair *p)
{
	struct uldf_mapping piece = {NULL, 0, p->area.bus[0], PAGE, ULDF_DMA_BOTH};
	struct uldf_memory *memory, *shared;

	expect(c, "attach", uldf_device_attach(c->device, p->second), 0);
	expect(c, "register for reading",
	       uldf_memory_register(p->first, p->area.cpu, PAGE, ULDF_DMA_READ, &memory), 0);
	expect(c, "share it", uldf_memory_share(memory, p->second, &shared), 0);
	piece.memory = memory;
	expect(c, "map memory of the first space in the second",
	       uldf_space_map(p->second, &piece, 1), -EINVAL);
	piece.memory = shared;
	expect(c, "map it for writing", uldf_space_map(p->second, &piece, 1), -EPERM);
	piece.access = ULDF_DMA_READ;
	expect(c, "map it for reading", uldf_space_map(p->second, &piece, 1), 0);
	expect(c, "unregister it in the first space", uldf_memory_unregister(memory), 0);
	expect(c, "unregister what is mapped", uldf_memory_unregister(shared), -EBUSY);
	expect(c, "unmap it", uldf_space_unmap_range(p->second, 0, UINT64_MAX, NULL), 0);
	expect(c, "unregister it", uldf_memory_unregister(shared), 0);
	expect(c, "detach", uldf_device_detach(c->device), 0);
}

/* The device reaches the memory through the second space, also when the first has it no more. */
static void check_reached(struct conform *c, struct pair *p)
{
	unsigned long long pinned = pinned_bytes(c);
	struct uldf_memory *shared;

	expect(c, "share", uldf_memory_share(p->memory, p->second, &shared), 0);
	require("it is pinned once", pinned_bytes(c) == pinned);
	expect(c, "attach to the second space", uldf_device_attach(c->device, p->second), 0);
	map_area(c, p->second, shared, &p->area);
	config_command(c, PCI_COMMAND_MASTER | c->model->decode, 0);
	c->model->start(c, &p->area);
	require("transfers arrive", c->model->transfer(c, &p->area));
	expect(c, "unregister in the first space", uldf_memory_unregister(p->memory), 0);
	require("it stays pinned", pinned_bytes(c) == pinned);
	require("transfers arrive as before", c->model->transfer(c, &p->area));
	c->model->stop(c);
	expect(c, "share it back", uldf_memory_share(shared, p->first, &p->memory), 0);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	expect(c, "unmap", uldf_space_unmap_range(p->second, 0, UINT64_MAX, NULL), 0);
	expect(c, "unregister in the second space", uldf_memory_unregister(shared), 0);
	require("the first keeps it pinned", pinned_bytes(c) == pinned);
}

static bool masters(struct conform *c)
{
	return config_get(c, PCI_COMMAND, 2) & PCI_COMMAND_MASTER;
}

/* The second space has another page at the address that the device writes to. */
static void move_apart(struct conform *c, struct pair *p, struct uldf_memory *shared)
{
	struct uldf_mapping piece = {NULL, 0, p->area.bus[1], PAGE, ULDF_DMA_BOTH};
	unsigned char *pages = pages_new();
	struct uldf_memory *memory;

	expect(c, "unmap a page of the second space",
	       uldf_space_unmap_range(p->second, piece.address, piece.address + PAGE - 1, NULL), 0);
	expect(c, "register another page",
	       uldf_memory_register(p->second, pages, PAGE, ULDF_DMA_BOTH, &memory), 0);
	piece.memory = memory;
	expect(c, "map it there", uldf_space_map(p->second, &piece, 1), 0);
	require("transfers go where the first space says", c->model->transfer(c, &p->area));
	expect(c, "move to the second space", uldf_device_move(c->device, p->second), 0);
	memset(p->area.cpu + PAGE, 0x11, PAGE);
	require("transfers go where the second space says",
		!c->model->transfer(c, &p->area) && !memcmp(pages, p->area.cpu, 2048) &&
			!p->area.cpu[PAGE]);
	expect(c, "move back", uldf_device_move(c->device, p->first), 0);
	require("transfers go where the first space says", c->model->transfer(c, &p->area));
	expect(c, "unmap", uldf_space_unmap_range(p->second, 0, UINT64_MAX, NULL), 0);
	expect(c, "unregister it", uldf_memory_unregister(memory), 0);
	map_area(c, p->second, shared, &p->area);
	munmap(pages, SIZE);
}

static void check_move(struct conform *c, struct pair *p)
{
	struct uldf_memory *shared;

	expect(c, "share", uldf_memory_share(p->memory, p->second, &shared), 0);
	expect(c, "a move attaches", uldf_device_move(c->device, p->first), 0);
	require("bus mastering stays off", !masters(c));
	expect(c, "attach", uldf_device_attach(c->device, p->second), -EBUSY);
	map_area(c, p->first, p->memory, &p->area);
	map_area(c, p->second, shared, &p->area);
	config_command(c, PCI_COMMAND_MASTER | c->model->decode, 0);
	c->model->start(c, &p->area);
	require("transfers arrive", c->model->transfer(c, &p->area));
	expect(c, "move to where it is", uldf_device_move(c->device, p->first), -EBUSY);
	expect(c, "move to no space", uldf_device_move(c->device, NULL), -EINVAL);
	require("refusals leave bus mastering on", masters(c));
	require("and the device where it was", c->model->transfer(c, &p->area));
	if (c->model == &edu_model)
		move_apart(c, p, shared);
	expect(c, "move to the second space", uldf_device_move(c->device, p->second), 0);
	require("it masters the bus as before", masters(c));
	require("transfers arrive as before", c->model->transfer(c, &p->area));
	expect(c, "unmap in the first", uldf_space_unmap_range(p->first, 0, UINT64_MAX, NULL), 0);
	require("the space that it left is no concern of it", c->model->transfer(c, &p->area));
	c->model->stop(c);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	require("a detached device masters no bus", !masters(c));
	expect(c, "move, as attached to none", uldf_device_move(c->device, p->second), 0);
	require("bus mastering stays off", !masters(c));
	expect(c, "detach", uldf_device_detach(c->device), 0);
}

/* The memory stays the second space's when the first is destroyed. */
static void check_first_destroyed(struct conform *c, struct pair *p)
{
	unsigned long long pinned = pinned_bytes(c);
	struct uldf_memory *shared;

	expect(c, "share", uldf_memory_share(p->memory, p->second, &shared), 0);
	expect(c, "attach to the second space", uldf_device_attach(c->device, p->second), 0);
	map_area(c, p->second, shared, &p->area);
	config_command(c, PCI_COMMAND_MASTER | c->model->decode, 0);
	c->model->start(c, &p->area);
	uldf_space_destroy(p->first);
	p->first = NULL;
	require("it stays pinned", pinned_bytes(c) == pinned);
	require("transfers arrive", c->model->transfer(c, &p->area));
	c->model->stop(c);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	expect(c, "unmap", uldf_space_unmap_range(p->second, 0, UINT64_MAX, NULL), 0);
	expect(c, "unregister", uldf_memory_unregister(shared), 0);
}

void check_share(struct conform *c)
{
	struct pair p;

	if (!c->able->spaces || !c->iommu)
		return;
	printf("== memory that spaces share, and moves between them\n");
	pair_init(c, &p);
	check_judged(c, &p);
	check_readonly(c, &p);
	check_reached(c, &p);
	check_move(c, &p);
	pair_fini(&p);
	pair_init(c, &p);
	check_first_destroyed(c, &p);
	pair_fini(&p);
}
