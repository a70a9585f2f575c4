// SPDX-License-Identifier: MIT
/* Calls that end many mappings: of a range, and of a space for good. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

#define BOTH  (ULDF_MAP_READ | ULDF_MAP_WRITE)
#define COUNT 300 /* mappings, which are rows of several pages of the kernel */
#define SIZE  (COUNT * PAGE)
#define AT    0x1000000ULL

static int range_end(int space, uint64_t first, uint64_t last, uint64_t *mappings, uint64_t *bytes)
{
	struct uldf_ioc_unmap_range arg = {.argsz = sizeof(arg), .first = first, .last = last};
	int ret = call(space, ULDF_SPACE_UNMAP_RANGE, &arg);

	*mappings = arg.mappings;
	*bytes = arg.bytes;
	return ret;
}

/* Maps @count pieces of a page at @at, by one call if @together; no two are the same memory. */
static bool pieces_map(int space, uint32_t id, uint64_t at, uint32_t count, bool together)
{
	struct uldf_ioc_mapping pieces[COUNT];
	uint32_t done, i;

	for (i = 0; i < count; i++)
		pieces[i] = (struct uldf_ioc_mapping){.address = at + i * PAGE,
						      .size = PAGE,
						      .offset = (count - 1 - i) * PAGE,
						      .memory = id,
						      .flags = BOTH};
	if (together)
		return !batch(space, ULDF_SPACE_MAP, pieces, count, &done);
	for (i = 0; i < count; i++)
		if (batch(space, ULDF_SPACE_MAP, pieces + i, 1, &done))
			return false;
	return true;
}

static void ranges_are_judged(int space)
{
	struct uldf_ioc_unmap_range arg = {.argsz = sizeof(arg), .flags = 1, .last = PAGE - 1};
	uint64_t mappings, bytes;

	check_equal(-EINVAL, call(space, ULDF_SPACE_UNMAP_RANGE, &arg), "unknown flag");
	check_equal(-EINVAL, range_end(space, AT + 1, AT + PAGE - 1, &mappings, &bytes), "crooked");
	check_equal(-EINVAL, range_end(space, AT, AT + PAGE, &mappings, &bytes), "crooked end");
	check_equal(-EINVAL, range_end(space, AT, AT - 1, &mappings, &bytes), "backwards");
	check_equal(0, range_end(space, 0, ~0ULL, &mappings, &bytes), "everything");
	check(!mappings && !bytes, "is nothing");
}

/* Ends ranges, with one call. */
static int ranges_end(int space, const struct uldf_ioc_space_range *ranges, uint32_t count,
		      struct uldf_ioc_unmap_range *arg)
{
	*arg = (struct uldf_ioc_unmap_range){
		.argsz = sizeof(*arg), .ranges = (uintptr_t)ranges, .count = count};
	return call(space, ULDF_SPACE_UNMAP_RANGE, arg);
}

static void several_ranges_are_judged(int space)
{
	const struct uldf_ioc_space_range good = {AT, AT + PAGE - 1},
					  bad[] = {good, {AT + 1, AT + PAGE - 1}};
	struct uldf_ioc_unmap_range arg;

	check_equal(-EINVAL, ranges_end(space, bad, 2, &arg), "a list with a crooked one");
	check(!arg.done, "does nothing");
	check_equal(-E2BIG, ranges_end(space, bad, ULDF_MAP_BATCH + 1, &arg), "too many");
	check_equal(-EFAULT, ranges_end(space, NULL, 1, &arg), "no list");
	check_equal(-EFAULT, ranges_end(space, (void *)8, 100, &arg), "no long list");
	check_equal(-EINVAL, ranges_end(space, &good, 0, &arg), "a list of none");
	arg = (struct uldf_ioc_unmap_range){
		.argsz = sizeof(arg), .ranges = (uintptr_t)&good, .count = 1, .last = PAGE - 1};
	check_equal(-EINVAL, call(space, ULDF_SPACE_UNMAP_RANGE, &arg), "a list and a range");
	check_equal(0, ranges_end(space, &good, 1, &arg), "a list of one");
	check(arg.done == 1 && !arg.mappings, "is done");
}

/* Every third mapping is left, so that no two ranges are adjacent. */
static void several_ranges_end_together(int space, uint32_t id)
{
	struct uldf_ioc_space_range ranges[COUNT / 3];
	struct uldf_ioc_unmap_range arg;
	uint64_t mappings, bytes;

	for (uint32_t i = 0; i < COUNT / 3; i++)
		ranges[i] = (struct uldf_ioc_space_range){AT + 3 * i * PAGE,
							  AT + (3 * i + 2) * PAGE - 1};
	need(pieces_map(space, id, AT, COUNT, true), "a batch");
	check_equal(0, ranges_end(space, ranges, COUNT / 3, &arg), "end two of three");
	check(arg.done == COUNT / 3 && arg.mappings == COUNT / 3 * 2 &&
		      arg.bytes == COUNT / 3 * 2 * PAGE,
	      "all are told");
	check_equal(0, range_end(space, 0, ~0ULL, &mappings, &bytes), "end the rest");
	check(mappings == COUNT / 3, "is what was left");

	need(!map(space, id, 0, AT, 4 * PAGE, BOTH), "a large one");
	need(!map(space, id, 0, AT + 8 * PAGE, PAGE, BOTH), "a small one");
	ranges[0] = (struct uldf_ioc_space_range){AT + 8 * PAGE, AT + 9 * PAGE - 1};
	ranges[1] = (struct uldf_ioc_space_range){AT + PAGE, AT + 4 * PAGE - 1};
	ranges[2] = (struct uldf_ioc_space_range){AT, AT + 4 * PAGE - 1};
	check_equal(-ERANGE, ranges_end(space, ranges, 3, &arg), "one of three cuts");
	check(arg.done == 1 && arg.mappings == 1 && arg.bytes == PAGE, "the one before is done");
	check_equal(0, ranges_end(space, ranges + 2, 1, &arg), "the one behind is not");
	check(arg.mappings == 1 && arg.bytes == 4 * PAGE, "until it is asked for");
}

static void a_range_takes_what_lies_in_it(int space, uint32_t id)
{
	uint64_t mappings, bytes;

	need(pieces_map(space, id, AT, COUNT, true), "a batch");
	need(!map(space, id, 0, AT + SIZE + PAGE, 4 * PAGE, BOTH), "a large one");
	check_equal(0, range_end(space, AT + 10 * PAGE, AT + 100 * PAGE - 1, &mappings, &bytes),
		    "90 of a batch");
	check(mappings == 90 && bytes == 90 * PAGE, "are told");
	check_equal(-ENOENT, unmap(space, AT + 10 * PAGE, PAGE), "the first is gone");
	check_equal(-ENOENT, unmap(space, AT + 99 * PAGE, PAGE), "the last is gone");
	check_equal(0, unmap(space, AT + 9 * PAGE, PAGE), "the one before is not");
	check_equal(0, unmap(space, AT + 100 * PAGE, PAGE), "nor the one behind");
	check_equal(-ERANGE, range_end(space, AT, AT + SIZE + 2 * PAGE - 1, &mappings, &bytes),
		    "what cuts at its end");
	check_equal(-ERANGE, range_end(space, AT + SIZE + 2 * PAGE, ~0ULL, &mappings, &bytes),
		    "what cuts at its beginning");
	check_equal(
		-ERANGE,
		range_end(space, AT + SIZE + 2 * PAGE, AT + SIZE + 3 * PAGE - 1, &mappings, &bytes),
		"what is within one");
	check_equal(-EEXIST, map(space, id, 0, AT, PAGE, BOTH), "ends nothing");
	check_equal(0, range_end(space, AT, AT + SIZE + 5 * PAGE - 1, &mappings, &bytes),
		    "the rest");
	check(mappings == COUNT - 92 + 1 && bytes == (COUNT - 92 + 4) * PAGE, "is told");
	check_equal(-ERANGE, map(space, id, 0, 0xfee00000, PAGE, BOTH),
		    "reserved addresses stay reserved");
	need(pieces_map(space, id, AT, COUNT, false), "one by one");
	check_equal(0, range_end(space, 0, ~0ULL, &mappings, &bytes), "everything");
	check(mappings == COUNT && bytes == SIZE, "is told");
}

/* The device cannot reach what was ended: the lab's host would log the fault, so the memory is looked at. */
static void a_device_sees_the_end(int device, int space, uint32_t id, uint8_t *memory)
{
	uint64_t mappings, bytes;

	memset(memory, 0x11, 2 * PAGE);
	need(!map(space, id, 0, AT, PAGE, BOTH) && !map(space, id, PAGE, AT + PAGE, PAGE, BOTH),
	     "two pages");
	check(edu_dma(device, AT, 64, false), "the device reads the first");
	memset(memory, 0, 2 * PAGE);
	check_equal(0, range_end(space, AT, AT + PAGE - 1, &mappings, &bytes), "end it");
	check(edu_dma(device, AT + PAGE, 64, true) && memory[PAGE] == 0x11,
	      "the device writes the second");
	check_equal(0, map(space, id, PAGE, AT, PAGE, BOTH), "map other memory there");
	check(edu_dma(device, AT, 64, true) && !memory[0], "the first is reached no more");
	check_equal(0, range_end(space, AT, AT + 2 * PAGE - 1, &mappings, &bytes), "end both");
}

static void revoking_is_for_good(int device, int space, uint32_t id)
{
	struct uldf_ioc_revoke arg = {.argsz = sizeof(arg), .flags = 1};

	need(pieces_map(space, id, AT, COUNT, true), "a batch");
	check_equal(-EINVAL, call(space, ULDF_SPACE_REVOKE, &arg), "revoke: unknown flag");
	check_equal(-EBUSY, memory_unregister(space, id), "the memory is mapped");
	arg.flags = 0;
	check_equal(0, call(space, ULDF_SPACE_REVOKE, &arg), "revoke");
	check_equal(-ENOENT, unmap(space, AT, PAGE), "nothing is mapped");
	check_equal(-ESHUTDOWN, map(space, id, 0, AT, PAGE, BOTH), "and nothing can be");
	check(!pieces_map(space, id, AT, COUNT, true), "nor a batch");
	check_equal(0, call(space, ULDF_SPACE_REVOKE, &arg), "revoke again");
	check_equal(0, memory_unregister(space, id), "the memory is not mapped");
	check_equal(0, detach(device), "detach");
	check_equal(0, attach(device, space), "attach again");
	check_equal(-ENOENT, unmap(space, AT, PAGE), "unmap");
}

void suite_range(const struct address *device)
{
	uint8_t *memory =
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = device_take(device), space = space_create(fd);
	uint32_t id;

	need(memory != MAP_FAILED && space >= 0, "a space");
	ranges_are_judged(space);
	several_ranges_are_judged(space);
	need(!attach(fd, space), "attach");
	need(!memory_register(space, memory, SIZE, 0, &id), "register");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	a_range_takes_what_lies_in_it(space, id);
	several_ranges_end_together(space, id);
	a_device_sees_the_end(fd, space, id, memory);
	revoking_is_for_good(fd, space, id);
	close(space);
	close(fd);
	check(pinned_becomes(0), "nothing is pinned at the end");
	check_equal(0, release(device, 0, NULL), "release");
}
