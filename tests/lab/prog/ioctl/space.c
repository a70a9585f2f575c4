// SPDX-License-Identifier: MIT
/* Spaces: what can be mapped where, and that batches are done whole or not at all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

#define BOTH (ULDF_MAP_READ | ULDF_MAP_WRITE)
#define SIZE (16 * PAGE)

static void before_a_device_is_attached(int space, void *memory)
{
	struct uldf_ioc_space_info info = {.argsz = sizeof(info)};
	uint32_t id;

	check_equal(0, call(space, ULDF_SPACE_INFO, &info), "info before a device is attached");
	check(!info.page_sizes, "there are no page sizes");
	check_equal(0, memory_register(space, memory, SIZE, 0, &id), "memory can be registered");
	check_equal(-ENXIO, map(space, id, 0, 0x100000, PAGE, BOTH), "but not mapped");
	check_equal(-ENOENT, unmap(space, 0x100000, PAGE), "nor unmapped");
	check_equal(0, memory_unregister(space, id), "and unregistered");
}

static void the_space_describes_itself(int space, struct uldf_ioc_space_info *info)
{
	struct uldf_ioc_space_range reserved[16] = {};
	bool window = false;

	*info = (struct uldf_ioc_space_info){
		.argsz = sizeof(*info), .count = 16, .reserved = (uintptr_t)reserved};
	check_equal(0, call(space, ULDF_SPACE_INFO, info), "info");
	check(info->page_sizes & PAGE, "pages of 4 KiB are possible");
	check(info->aperture.first < info->aperture.last, "there is an aperture");
	check(info->count && info->count <= 16, "%u ranges are reserved", info->count);
	for (uint32_t i = 0; i < info->count; i++)
		window |= reserved[i].first <= 0xfee00000 && reserved[i].last >= 0xfeefffff;
	check(window, "the window of MSIs among them");
	info->count = 0;
	info->reserved = 0;
	check_equal(0, call(space, ULDF_SPACE_INFO, info), "info without room");
	check(info->count, "tells how much is needed");
}

static void pieces_are_judged(int space, uint32_t id, uint32_t readonly,
			      const struct uldf_ioc_space_info *info)
{
	const uint64_t at = 0x100000;

	check_equal(-EINVAL, map(space, id, 0, at, PAGE, 0), "neither read nor write");
	check_equal(-EINVAL, map(space, id, 0, at, PAGE, 4), "unknown flag");
	check_equal(-EINVAL, map(space, id, 0, at, 0, BOTH), "size 0");
	check_equal(-EINVAL, map(space, id, 0, at, 1, BOTH), "size 1");
	check_equal(-EINVAL, map(space, id, 0, at + 1, PAGE, BOTH), "crooked address");
	check_equal(-EINVAL, map(space, id, 1, at, PAGE, BOTH), "crooked offset");
	check_equal(-ENOENT, map(space, 0, 0, at, PAGE, BOTH), "memory 0");
	check_equal(-ENOENT, map(space, 77, 0, at, PAGE, BOTH), "unknown memory");
	check_equal(-ENOENT, map(space, ~0U, 0, at, PAGE, BOTH), "unknown memory by far");
	check_equal(-ERANGE, map(space, id, SIZE, at, PAGE, BOTH), "behind the memory");
	check_equal(-ERANGE, map(space, id, SIZE - PAGE, at, 2 * PAGE, BOTH), "beyond the memory");
	check_equal(-ERANGE, map(space, id, ~0ULL << 12, at, 2 * PAGE, BOTH), "offset wraps");
	check_equal(-ERANGE, map(space, id, 0, ~0ULL << 12, 2 * PAGE, BOTH), "address wraps");
	check_equal(-ERANGE, map(space, id, 0, at, ~0ULL << 12, BOTH), "huge size");
	check_equal(-ERANGE, map(space, id, 0, 0xfee00000, PAGE, BOTH), "the window of MSIs");
	check_equal(-ERANGE, map(space, id, 0, 0xfee00000 - PAGE, 2 * PAGE, BOTH), "into it");
	check_equal(-ERANGE, map(space, id, 0, 0xfeeff000, 2 * PAGE, BOTH), "out of it");
	if (info->aperture.last + 1)
		check_equal(-ERANGE, map(space, id, 0, info->aperture.last + 1, PAGE, BOTH),
			    "behind the aperture");
	check_equal(-EPERM, map(space, readonly, 0, at, PAGE, BOTH), "writing read-only memory");
	check_equal(-EPERM, map(space, readonly, 0, at, PAGE, ULDF_MAP_WRITE), "or only writing");
	check_equal(0, map(space, readonly, 0, at, PAGE, ULDF_MAP_READ), "reading it");
	check_equal(0, unmap(space, at, PAGE), "unmap");
}

static void nothing_overlaps_or_splits(int space, uint32_t id)
{
	const uint64_t at = 0x200000;

	check_equal(0, map(space, id, 0, at, 4 * PAGE, BOTH), "map 4 pages");
	check_equal(-EEXIST, map(space, id, 0, at, 4 * PAGE, BOTH), "map them again");
	check_equal(-EEXIST, map(space, id, 0, at + 3 * PAGE, PAGE, BOTH), "the last");
	check_equal(-EEXIST, map(space, id, 0, at - PAGE, 2 * PAGE, BOTH), "across the beginning");
	check_equal(-EEXIST, map(space, id, 0, at - PAGE, 8 * PAGE, BOTH), "around");
	check_equal(0, map(space, id, 0, at + 4 * PAGE, PAGE, BOTH), "right behind");
	check_equal(0, map(space, id, 0, at - PAGE, PAGE, BOTH), "right before");
	check_equal(-EBUSY, memory_unregister(space, id), "memory with mappings stays");
	check_equal(-ENOENT, unmap(space, at, PAGE), "unmapping a part");
	check_equal(-ENOENT, unmap(space, at + PAGE, PAGE), "a part in the middle");
	check_equal(-ENOENT, unmap(space, at - PAGE, 6 * PAGE), "all three as one");
	check_equal(-ENOENT, unmap(space, at, 5 * PAGE), "two as one");
	check_equal(-ENOENT, unmap(space, ~0ULL << 12, 2 * PAGE), "what wraps");
	check_equal(-EINVAL, unmap(space, at, 0), "nothing");
	check_equal(-EINVAL, unmap(space, at + 1, PAGE), "crooked");
	check_equal(0, unmap(space, at, 4 * PAGE), "unmap what was mapped");
	check_equal(-ENOENT, unmap(space, at, 4 * PAGE), "unmap it twice");
	check_equal(0, unmap(space, at + 4 * PAGE, PAGE), "unmap what was behind");
	check_equal(0, unmap(space, at - PAGE, PAGE), "and what was before");
}

static void batches_are_whole(int space, uint32_t id)
{
	enum {
		COUNT = ULDF_MAP_BATCH
	};
	struct uldf_ioc_mapping *pieces = calloc(COUNT, sizeof(*pieces));
	uint32_t done;

	need(pieces, "memory");
	for (int i = 0; i < COUNT; i++)
		pieces[i] = (struct uldf_ioc_mapping){.address = 0x1000000 + i * PAGE,
						      .size = PAGE,
						      .offset = i * 7 % 16 * PAGE,
						      .memory = id,
						      .flags = i & 1 ? BOTH : ULDF_MAP_READ};
	check_equal(0, batch(space, ULDF_SPACE_MAP, pieces, COUNT, &done), "a full batch");
	check(done == COUNT, "all done");
	for (int i = 0; i < COUNT; i++)
		pieces[i].offset = pieces[i].memory = pieces[i].flags = 0;
	pieces[100].size = 2 * PAGE;
	check_equal(-ENOENT, batch(space, ULDF_SPACE_UNMAP, pieces, COUNT, &done),
		    "unmap, one is wrong");
	check(done == 100, "done before it: %u", done);
	pieces[100].size = PAGE;
	check_equal(0, batch(space, ULDF_SPACE_UNMAP, pieces + 100, COUNT - 100, &done),
		    "the rest");

	for (int i = 0; i < COUNT; i++) {
		pieces[i].memory = id;
		pieces[i].flags = BOTH;
	}
	pieces[COUNT - 1].address = pieces[3].address;
	check_equal(-EEXIST, batch(space, ULDF_SPACE_MAP, pieces, COUNT, &done),
		    "map, the last one is wrong");
	check(!done, "none done");
	check_equal(0, memory_unregister(space, id), "no mapping was left");
	free(pieces);
}

static void mappings_are_bounded(int space, uint32_t id)
{
	struct uldf_ioc_mapping *pieces = calloc(ULDF_MAP_BATCH, sizeof(*pieces));
	const uint64_t at = 0x10000000, batches = 65536 / ULDF_MAP_BATCH;
	uint32_t done;
	uint64_t i;

	need(pieces, "memory");
	for (i = 0; i < batches; i++) {
		for (uint64_t j = 0; j < ULDF_MAP_BATCH; j++)
			pieces[j] = (struct uldf_ioc_mapping){
				.address = at + (i * ULDF_MAP_BATCH + j) * PAGE,
				.size = PAGE,
				.memory = id,
				.flags = BOTH};
		if (batch(space, ULDF_SPACE_MAP, pieces, ULDF_MAP_BATCH, &done))
			break;
	}
	check(i == batches, "65536 mappings can be made");
	check_equal(-ENOSPC, map(space, id, 0, at - PAGE, PAGE, BOTH), "and no more");
	check_equal(-EEXIST, map(space, id, 0, at, PAGE, BOTH), "other reasons come first");
	check_equal(0, unmap(space, at, PAGE), "unmap one");
	check_equal(0, map(space, id, 0, at - PAGE, PAGE, BOTH), "then another can be made");
	check_equal(0, unmap(space, at - PAGE, PAGE), "unmap it");
	check_equal(0, map(space, id, 0, at, PAGE, BOTH), "make the first again");
	for (i = 0; i < batches; i++) {
		for (uint64_t j = 0; j < ULDF_MAP_BATCH; j++)
			pieces[j] = (struct uldf_ioc_mapping){
				.address = at + (i * ULDF_MAP_BATCH + j) * PAGE, .size = PAGE};
		if (batch(space, ULDF_SPACE_UNMAP, pieces, ULDF_MAP_BATCH, &done))
			break;
	}
	check(i == batches, "unmap all");
	free(pieces);
}

/* One unmap batch over addresses that are far apart. */
static void far_mappings_go_together(int device, int space, uint32_t id,
				     const struct uldf_ioc_space_info *info)
{
	const uint64_t top = (info->aperture.last + 1 ?: 1ULL << 63) - PAGE;
	struct uldf_ioc_mapping pieces[3] = {};
	uint32_t done;

	for (int i = 0; i < 3; i++)
		pieces[i] =
			(struct uldf_ioc_mapping){.address = i == 1 ? top : 0x3000000 + i * PAGE,
						  .size = PAGE,
						  .memory = id,
						  .flags = BOTH};
	check_equal(0, batch(space, ULDF_SPACE_MAP, pieces, 3, &done), "map at 0x%llx also",
		    (unsigned long long)top);
	check(edu_dma(device, pieces[0].address, 64, false), "use one");
	for (int i = 0; i < 3; i++)
		pieces[i].memory = pieces[i].flags = 0;
	check_equal(0, batch(space, ULDF_SPACE_UNMAP, pieces, 3, &done), "unmap them all");
}

static void attaching_again_reserves_nothing_more(int device, int space,
						  const struct uldf_ioc_space_info *before)
{
	struct uldf_ioc_space_info info = {.argsz = sizeof(info)};

	for (int i = 0; i < 50; i++)
		need(!detach(device) && !attach(device, space), "attach again");
	check_equal(0, call(space, ULDF_SPACE_INFO, &info), "info");
	check(info.count == before->count, "as many ranges are reserved as before: %u", info.count);
	check(info.aperture.last == before->aperture.last, "and the aperture is as it was");
}

/* Pieces that follow each other in both addresses might share a large page, and must not. */
static void neighbours_stay_apart(int device, int space)
{
	const size_t size = 4 << 20;
	uint8_t *memory = aligned_alloc(2 << 20, size);
	struct uldf_ioc_mapping pieces[4] = {};
	uint32_t id, done;

	need(memory && !madvise(memory, size, MADV_HUGEPAGE), "memory");
	memset(memory, 0x55, size);
	check_equal(0, memory_register(space, memory, size, 0, &id), "register 4 MiB");
	for (int i = 0; i < 4; i++)
		pieces[i] = (struct uldf_ioc_mapping){.address = 0x4000000 + i * (size / 4),
						      .size = size / 4,
						      .offset = i * (size / 4),
						      .memory = id,
						      .flags = BOTH};
	check_equal(0, batch(space, ULDF_SPACE_MAP, pieces, 4, &done), "map it in 4 neighbours");
	check_equal(0, unmap(space, pieces[0].address, size / 4), "unmap the first");
	check_equal(0, unmap(space, pieces[3].address, size / 4), "and the last");
	check(edu_dma(device, pieces[1].address, 64, true) && memory[size / 4] != 0x55,
	      "the second is still there");
	check(edu_dma(device, pieces[2].address + size / 4 - 64, 64, true) &&
		      memory[3 * size / 4 - 1] != 0x55,
	      "and the third");
	check_equal(0, unmap(space, pieces[1].address, size / 4), "unmap the second");
	check_equal(0, unmap(space, pieces[2].address, size / 4), "unmap the third");
	check_equal(0, memory_unregister(space, id), "unregister");
	free(memory);
}

static void a_space_that_cannot_be_told_is_none(int device)
{
	const struct uldf_ioc_device_space arg = {.argsz = sizeof(arg)};
	void *readonly =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int before = dup(device), after;

	need(readonly != MAP_FAILED && before >= 0, "memory");
	memcpy(readonly, &arg, sizeof(arg));
	need(!mprotect(readonly, PAGE, PROT_READ), "protect it");
	close(before);
	check_equal(-EFAULT, call(device, ULDF_DEVICE_SPACE, readonly), "a read-only structure");
	after = dup(device);
	check(after == before, "no descriptor is left");
	close(after);
	munmap(readonly, PAGE);
}

static void a_space_outlives_its_devices(int device, void *memory)
{
	int space = space_create(device);
	uint32_t id;

	need(space >= 0, "create a space");
	check_equal(0, attach(device, space), "attach");
	check_equal(0, memory_register(space, memory, SIZE, 0, &id), "register");
	check_equal(0, map(space, id, 0, 0x10000, SIZE, BOTH), "map");
	check_equal(0, detach(device), "detach");
	check_equal(-EEXIST, map(space, id, 0, 0x10000, PAGE, BOTH), "mappings stay");
	check_equal(0, map(space, id, 0, 0x80000, PAGE, BOTH), "and can be made");
	check_equal(0, attach(device, space), "attach again");
	check(pinned_bytes() == SIZE, "its memory is pinned once");
	close(space);
	check(pinned_bytes() == SIZE, "also without its descriptor, as the device has it");
	check_equal(0, detach(device), "detach");
	check(pinned_becomes(0), "then it is gone");
}

void suite_space(const struct address *device)
{
	int fd = device_take(device), space = space_create(fd);
	struct uldf_ioc_space_info info;
	uint32_t id, readonly;
	void *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	need(space >= 0 && memory != MAP_FAILED, "create a space");
	before_a_device_is_attached(space, memory);
	need(!attach(fd, space), "attach");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	the_space_describes_itself(space, &info);
	need(!memory_register(space, memory, SIZE, 0, &id), "register");
	need(!memory_register(space, memory, SIZE, ULDF_MEMORY_READONLY, &readonly), "register");
	pieces_are_judged(space, id, readonly, &info);
	nothing_overlaps_or_splits(space, id);
	mappings_are_bounded(space, id);
	far_mappings_go_together(fd, space, id, &info);
	attaching_again_reserves_nothing_more(fd, space, &info);
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	batches_are_whole(space, id);
	neighbours_stay_apart(fd, space);
	need(!detach(fd), "detach");
	close(space);
	check(pinned_becomes(0), "nothing is pinned by a closed space");
	a_space_outlives_its_devices(fd, memory);
	a_space_that_cannot_be_told_is_none(fd);
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
}
