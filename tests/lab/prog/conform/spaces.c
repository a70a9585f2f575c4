// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "conform.h"

#define ADDRESS 0x200000

static void check_memory(struct conform *c, struct uldf_space *space, unsigned char *pages)
{
	struct uldf_memory *memory = (void *)0x1234;
	void *unmapped, *constant;

	unmapped = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	constant = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	require("two pages", unmapped != MAP_FAILED && constant != MAP_FAILED);
	munmap(unmapped, PAGE);
	expect(c, "register what is not mapped",
	       uldf_memory_register(space, unmapped, PAGE, ULDF_DMA_BOTH, &memory), -EFAULT);
	expect(c, "register what cannot be written, for both",
	       uldf_memory_register(space, constant, PAGE, ULDF_DMA_BOTH, &memory), -EFAULT);
	expect(c, "register half a page",
	       uldf_memory_register(space, pages, PAGE / 2, ULDF_DMA_BOTH, &memory), -EINVAL);
	expect(c, "register from an odd address",
	       uldf_memory_register(space, pages + 8, PAGE, ULDF_DMA_BOTH, &memory), -EINVAL);
	expect(c, "register nothing", uldf_memory_register(space, pages, 0, ULDF_DMA_BOTH, &memory),
	       -EINVAL);
	expect(c, "register so much that it wraps",
	       uldf_memory_register(space, pages, (size_t)-PAGE, ULDF_DMA_BOTH, &memory), -EINVAL);
	expect(c, "register for writing alone",
	       uldf_memory_register(space, pages, PAGE, ULDF_DMA_WRITE, &memory), -EINVAL);
	require("failed registrations leave out alone", memory == (void *)0x1234);
	expect(c, "register what cannot be written, for reading",
	       uldf_memory_register(space, constant, PAGE, ULDF_DMA_READ, &memory), 0);
	expect(c, "unregister it", uldf_memory_unregister(memory), 0);
	expect(c, "unregister nothing", uldf_memory_unregister(NULL), 0);
	munmap(constant, PAGE);
}

static size_t check_reserved(struct conform *c, struct uldf_space *space, struct uldf_range *ranges,
			     size_t room)
{
	struct uldf_range one;
	size_t count = 0, again = 0;
	bool msi = false;

	expect(c, "reserved ranges", uldf_space_reserved(space, ranges, room, &count), 0);
	require("not too many of them", count <= room);
	for (size_t i = 0; i < count; i++) {
		require("ranges begin before they end", ranges[i].first <= ranges[i].last);
		msi |= ranges[i].first <= 0xfee00000 && ranges[i].last >= 0xfeefffff;
	}
	require("the window of interrupts is reserved", msi);
	expect(c, "the same with room for one", uldf_space_reserved(space, &one, 1, &again), 0);
	require("as many, and the same first",
		again == count && one.first == ranges[0].first && one.last == ranges[0].last);
	return count;
}

static void check_attach(struct conform *c, struct uldf_space *space, struct uldf_memory *memory)
{
	const struct uldf_mapping piece = {memory, 0, ADDRESS, PAGE, ULDF_DMA_READ};
	struct uldf_space *other;

	expect(c, "map before anything was attached", uldf_space_map(space, &piece, 1), -ENXIO);
	expect(c, "attach", uldf_device_attach(c->device, space), 0);
	expect(c, "attach again", uldf_device_attach(c->device, space), -EBUSY);
	expect(c, "another space", uldf_space_create(c->device, &other), 0);
	expect(c, "attach to that as well", uldf_device_attach(c->device, other), -EBUSY);
	uldf_space_destroy(other);
	config_command(c, PCI_COMMAND_MASTER, 0);
	require("attached, bus mastering can be switched on",
		config_get(c, PCI_COMMAND, 2) & PCI_COMMAND_MASTER);
}

static void check_map_refusals(struct conform *c, struct uldf_space *space,
			       struct uldf_memory *memory, const struct uldf_range *reserved)
{
	const struct {
		const char *what;
		struct uldf_mapping piece;
		int wanted;
	} cases[] = {
		{"beyond the memory", {memory, PAGE, ADDRESS, AREA_PAGES * PAGE, 1}, -ERANGE},
		{"far beyond", {memory, (uint64_t)-PAGE, ADDRESS, 2 * PAGE, 1}, -ERANGE},
		{"at an odd address", {memory, 0, ADDRESS + 1, PAGE, 1}, -EINVAL},
		{"from an odd offset", {memory, 8, ADDRESS, PAGE, 1}, -EINVAL},
		{"half a page", {memory, 0, ADDRESS, PAGE / 2, 1}, -EINVAL},
		{"nothing", {memory, 0, ADDRESS, 0, 1}, -EINVAL},
		{"without access", {memory, 0, ADDRESS, PAGE, 0}, -EINVAL},
		{"with unknown access", {memory, 0, ADDRESS, PAGE, 8}, -EINVAL},
		{"no memory", {NULL, 0, ADDRESS, PAGE, 1}, -EINVAL},
		{"in a reserved range", {memory, 0, reserved->first & -PAGE, PAGE, 1}, -ERANGE},
		{"so that it wraps", {memory, 0, (uint64_t)-PAGE, 2 * PAGE, 1}, -ERANGE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(c, cases[i].what, uldf_space_map(space, &cases[i].piece, 1),
		       cases[i].wanted);
	expect(c, "map no pieces", uldf_space_map(space, &cases[0].piece, 0), -EINVAL);
	expect(c, "map too many", uldf_space_map(space, &cases[0].piece, 4097), -E2BIG);
}

/* The last page there is: an IOMMU that reaches it does so. */
static void check_map_last(struct conform *c, struct uldf_space *space, struct uldf_memory *memory,
			   const struct uldf_range *reserved, size_t count)
{
	const struct uldf_mapping last = {memory, 0, (uint64_t)-PAGE, PAGE, 1};
	const struct uldf_mapping freed = {NULL, 0, last.address, PAGE, 0};
	bool beyond = false;

	for (size_t i = 0; i < count; i++)
		beyond |= reserved[i].last >= last.address;
	expect(c, "the last page", uldf_space_map(space, &last, 1), beyond ? -ERANGE : 0);
	if (beyond)
		return;
	expect(c, "the last page again", uldf_space_map(space, &last, 1), -EEXIST);
	expect(c, "unmap the last page", uldf_space_unmap(space, &freed, 1), 0);
}

static void check_map_batches(struct conform *c, struct uldf_space *space,
			      struct uldf_memory *memory)
{
	const struct uldf_mapping pieces[] = {
		{memory, 0, ADDRESS, PAGE, ULDF_DMA_READ},
		{memory, PAGE, ADDRESS + 16 * PAGE, 2 * PAGE, ULDF_DMA_WRITE},
	};
	const struct uldf_mapping clash[] = {
		{memory, 0, ADDRESS + 32 * PAGE, PAGE, ULDF_DMA_READ},
		{memory, PAGE, ADDRESS + 40 * PAGE, PAGE, ULDF_DMA_READ},
		{memory, 0, ADDRESS + 17 * PAGE, PAGE, ULDF_DMA_READ},
	};
	const struct uldf_mapping freed[] = {
		{NULL, 0, ADDRESS + 32 * PAGE, PAGE, 0},
		{NULL, 0, ADDRESS + 40 * PAGE, PAGE, 0},
		{NULL, 0, ADDRESS + 16 * PAGE, PAGE, 0},
		{NULL, 0, ADDRESS + 17 * PAGE, PAGE, 0},
	};
	const struct uldf_mapping undo[] = {
		{NULL, 0, ADDRESS, PAGE, 0},
		{NULL, 0, ADDRESS + 16 * PAGE, 2 * PAGE, 0},
	};
	const struct uldf_mapping half[] = {undo[0], freed[0], undo[1]};

	expect(c, "map two pieces", uldf_space_map(space, pieces, 2), 0);
	expect(c, "map where a mapping has its second page", uldf_space_map(space, clash, 3),
	       -EEXIST);
	for (size_t i = 0; i < 4; i++)
		expect(c, "unmap what is not mapped just so", uldf_space_unmap(space, &freed[i], 1),
		       -ENOENT);
	expect(c, "map what clashes with itself",
	       uldf_space_map(space, (struct uldf_mapping[]){clash[0], clash[0]}, 2), -EEXIST);
	expect(c, "nothing of it is left", uldf_space_unmap(space, &freed[0], 1), -ENOENT);
	expect(c, "unregister what is mapped", uldf_memory_unregister(memory), -EBUSY);
	expect(c, "unmap more than an address", uldf_space_unmap(space, pieces, 1), -EINVAL);
	expect(c, "unmap three, the second of which is not", uldf_space_unmap(space, half, 3),
	       -ENOENT);
	expect(c, "the first is unmapped", uldf_space_unmap(space, &undo[0], 1), -ENOENT);
	expect(c, "the third is not", uldf_space_unmap(space, &undo[1], 1), 0);
	expect(c, "map them again", uldf_space_map(space, pieces, 2), 0);
	expect(c, "unmap them", uldf_space_unmap(space, undo, 2), 0);
}

static void check_access(struct conform *c, struct uldf_space *space, unsigned char *pages)
{
	struct uldf_mapping piece = {NULL, 0, ADDRESS, PAGE, ULDF_DMA_BOTH};
	struct uldf_memory *memory;

	expect(c, "register for reading",
	       uldf_memory_register(space, pages, PAGE, ULDF_DMA_READ, &memory), 0);
	piece.memory = memory;
	expect(c, "map that for writing", uldf_space_map(space, &piece, 1), -EPERM);
	piece.access = ULDF_DMA_READ;
	expect(c, "map that for reading", uldf_space_map(space, &piece, 1), 0);
	piece = (struct uldf_mapping){NULL, 0, ADDRESS, PAGE, 0};
	expect(c, "unmap it", uldf_space_unmap(space, &piece, 1), 0);
	expect(c, "unregister it", uldf_memory_unregister(memory), 0);
}

static void check_none(struct conform *c)
{
	struct uldf_space *space = (void *)0x1234;

	expect(c, "create a space", uldf_space_create(c->device, &space), -ENOTSUP);
	require("which leaves out alone", space == (void *)0x1234);
	expect(c, "move to no space", uldf_device_move(c->device, NULL), -EINVAL);
}

void check_spaces(struct conform *c)
{
	unsigned char *pages = pages_new();
	struct uldf_range ranges[32];
	struct uldf_memory *memory;
	struct uldf_space *space;
	size_t count;

	printf("== spaces\n");
	if (!c->able->spaces || !c->iommu) {
		check_none(c);
		return;
	}
	expect(c, "create a space", uldf_space_create(c->device, &space), 0);
	expect(c, "register pages",
	       uldf_memory_register(space, pages, AREA_PAGES * PAGE, ULDF_DMA_BOTH, &memory), 0);
	check_memory(c, space, pages);
	check_attach(c, space, memory);
	count = check_reserved(c, space, ranges, 32);
	check_map_refusals(c, space, memory, &ranges[0]);
	check_map_last(c, space, memory, ranges, count);
	check_map_batches(c, space, memory);
	check_access(c, space, pages);
	expect(c, "unregister", uldf_memory_unregister(memory), 0);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	expect(c, "detach again", uldf_device_detach(c->device), -EINVAL);
	uldf_space_destroy(space);
	munmap(pages, AREA_PAGES * PAGE);
}
