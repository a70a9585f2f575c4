// SPDX-License-Identifier: MIT
/* What one holder can take of the kernel's memory by making spaces and by mapping sparsely. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

#define BOTH   (ULDF_MAP_READ | ULDF_MAP_WRITE)
#define WINDOW (2ULL << 20)
#define TABLES 32768ULL /* allowed, as the module's parameter says */
#define AT     (4ULL << 30)

static void spaces_are_bounded(int device)
{
	int spaces[ULDF_SPACES], more;
	unsigned int count = 0;

	while (count < ULDF_SPACES && (spaces[count] = space_create(device)) >= 0)
		count++;
	check(count == ULDF_SPACES, "%u spaces can be made", count);
	check_equal(-ENOSPC, space_create(device), "and no more");
	close(spaces[--count]);
	more = space_create(device);
	check(more >= 0, "where one is closed, another can be made");
	close(more);
	while (count)
		close(spaces[--count]);
}

/* Maps @pages pages of one window after the other, and unmaps them again where @keep is not set. */
static uint64_t windows_map(int space, uint32_t id, uint64_t size, uint64_t stride, bool keep,
			    int *ret)
{
	uint64_t count = 0;

	*ret = 0;
	for (; count < 4 * TABLES; count++) {
		*ret = map(space, id, 0, AT + count * stride, size, BOTH);
		if (!*ret && !keep)
			*ret = unmap(space, AT + count * stride, size);
		if (*ret)
			break;
	}
	return count;
}

static int space_take(int device, void *memory, uint64_t size, uint32_t *id)
{
	int space = space_create(device);

	need(space >= 0 && !attach(device, space), "a space");
	need(!memory_register(space, memory, size, 0, id), "register");
	return space;
}

static void space_drop(int device, int space)
{
	need(!detach(device), "detach");
	close(space);
}

/* Each takes 4 windows and is far from the next: at 8 MiB, 65536 of them were 1 GiB of tables. */
static void sparse_mappings_are_refused(int device, void *memory)
{
	uint64_t size = 4 * WINDOW, count;
	int space, ret;
	uint32_t id;

	space = space_take(device, memory, size, &id);
	count = windows_map(space, id, size, 1ULL << 30, true, &ret);
	check_equal(-ENOSPC, ret, "mappings of 8 MiB, one in each GiB");
	check(count == (TABLES + size / PAGE / 256) / 6, "come to an end after %llu",
	      (unsigned long long)count);
	check_equal(0, unmap(space, AT, size), "unmap one");
	check_equal(0, map(space, id, 0, AT, size, BOTH), "what was mapped can be again");
	space_drop(device, space);
}

/* AMD's driver gives no table back. */
static void strides_are_refused(int device, void *memory)
{
	int space, ret;
	uint64_t count;
	uint32_t id;

	space = space_take(device, memory, PAGE, &id);
	count = windows_map(space, id, PAGE, WINDOW, false, &ret);
	check_equal(-ENOSPC, ret, "map and unmap in one window after the other");
	check(count > TABLES * 9 / 10 && count < TABLES, "comes to an end after %llu",
	      (unsigned long long)count);
	check_equal(0, map(space, id, 0, AT, PAGE, BOTH), "a window of before is no new one");
	space_drop(device, space);
}

/* All of a memory, again and again in the same addresses, and by pages here and there. */
static void ordinary_use_is_not_refused(int device, void *memory, uint64_t size)
{
	unsigned int i, good = 0;
	uint32_t id;
	int space = space_take(device, memory, size, &id);

	for (i = 0; i < 100; i++) {
		good += !map(space, id, 0, AT, size, BOTH) && !unmap(space, AT, size);
		good += !map(space, id, i * PAGE, AT + i * 3 * PAGE, PAGE, BOTH);
		good += !unmap(space, AT + i * 3 * PAGE, PAGE);
	}
	check(good == 3 * i, "ordinary use goes on: %u", good);
	space_drop(device, space);
}

void suite_bounds(const struct address *device)
{
	const uint64_t size = 16 << 20;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = device_take(device);

	need(memory != MAP_FAILED, "memory");
	spaces_are_bounded(fd);
	ordinary_use_is_not_refused(fd, memory, size);
	sparse_mappings_are_refused(fd, memory);
	strides_are_refused(fd, memory);
	close(fd);
	check(pinned_becomes(0), "nothing is pinned at the end");
	check_equal(0, release(device, 0, NULL), "release");
}
