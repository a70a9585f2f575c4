// SPDX-License-Identifier: MIT
/* Registered memory: what can be pinned, and who pays. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ioctl.h"

#define LIMIT (1UL << 20)

static void *memory_create(size_t size, int protection)
{
	void *memory = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(memory != MAP_FAILED, "memory");
	return memory;
}

static void the_limit_counts(int space)
{
	char *memory = memory_create(2 * LIMIT, PROT_READ | PROT_WRITE);
	uint32_t id, second, third;

	/* root does not feel the limit while it has this */
	capability_drop(CAP_IPC_LOCK);
	memlock_limit(LIMIT);
	check_equal(-ENOMEM, memory_register(space, memory, LIMIT + PAGE, 0, &id),
		    "over the limit");
	check_equal(-ENOMEM, memory_register(space, memory, 2 * LIMIT, 0, &id), "far over it");
	check_equal(0, pinned_bytes(), "nothing is pinned then");
	check_equal(0, memory_register(space, memory, LIMIT, 0, &id), "just the limit");
	check(pinned_bytes() == LIMIT, "is pinned");
	check_equal(-ENOMEM, memory_register(space, memory, PAGE, 0, &second), "a page more");
	check_equal(0, memory_unregister(space, id), "unregister");
	check_equal(0, pinned_bytes(), "nothing is pinned");
	check_equal(0, memory_register(space, memory, LIMIT / 2, 0, &id), "half the limit");
	check_equal(0, memory_register(space, memory, LIMIT / 2, 0, &second), "the same again");
	check_equal(-ENOMEM, memory_register(space, memory, LIMIT / 2, 0, &third),
		    "but not thrice");
	check_equal(0, memory_unregister(space, second), "unregister");
	munmap(memory + LIMIT / 4, PAGE);
	check_equal(-EFAULT, memory_register(space, memory, LIMIT / 2, 0, &third), "with a hole");
	check(pinned_bytes() == LIMIT / 2, "a failure leaves nothing pinned");
	check_equal(0, memory_unregister(space, id), "unregister what was unmapped since");
	munmap(memory, 2 * LIMIT);
}

static void protection_counts(int space)
{
	void *readable = memory_create(PAGE, PROT_READ), *hidden = memory_create(PAGE, PROT_NONE);
	uint32_t id;

	check_equal(-EFAULT, memory_register(space, readable, PAGE, 0, &id), "memory to read only");
	check_equal(0, memory_register(space, readable, PAGE, ULDF_MEMORY_READONLY, &id),
		    "registered as such");
	check_equal(0, memory_unregister(space, id), "unregister");
	check_equal(-EFAULT, memory_register(space, hidden, PAGE, ULDF_MEMORY_READONLY, &id),
		    "memory not to touch");
	munmap(readable, PAGE);
	munmap(hidden, PAGE);
}

/* A BAR is no memory: it goes away under the mapping when its claim ends. */
static void registers_are_no_memory(int device, int space)
{
	void *bar = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
	uint32_t id;

	need(bar != MAP_FAILED, "map a BAR");
	check_equal(-EFAULT, memory_register(space, bar, PAGE, 0, &id), "a BAR as memory");
	munmap(bar, PAGE);
}

/* The bytes that /sys/class/uldf/pinned_by_user has for the calling user. */
static uint64_t pinned_by_me(void)
{
	FILE *file = fopen("/sys/class/uldf/pinned_by_user", "r");
	unsigned long long bytes, found = 0;
	unsigned int uid;

	need(file, "read pinned_by_user");
	while (fscanf(file, "%u %llu", &uid, &bytes) == 2)
		if (uid == getuid())
			found = bytes;
	fclose(file);
	return found;
}

/* A process that registers memory for another and exits leaves the charge with their user. */
static void no_fork_sheds_the_charge(int space)
{
	char *memory = memory_create(LIMIT, PROT_READ | PROT_WRITE);
	int status = 1, ids[2];
	uint32_t id;
	pid_t child;

	capability_drop(CAP_IPC_LOCK);
	memlock_limit(LIMIT);
	need(!pipe(ids), "a pipe");
	child = fork();
	if (!child) {
		if (memory_register(space, memory, LIMIT, 0, &id))
			_exit(1);
		_exit(write(ids[1], &id, sizeof(id)) == sizeof(id) ? 0 : 1);
	}
	check(waitpid(child, &status, 0) == child && !status, "a child registers up to the limit");
	need(read(ids[0], &id, sizeof(id)) == sizeof(id), "its id");
	check(pinned_by_me() == LIMIT, "which is its user's");
	check_equal(-ENOMEM, memory_register(space, memory, PAGE, 0, &(uint32_t){0}),
		    "its parent can register no more");
	check_equal(0, memory_unregister(space, id), "the parent unregisters it");
	check(!pinned_by_me(), "nothing is the user's then");
	check_equal(0, memory_register(space, memory, LIMIT, 0, &id),
		    "and can be registered again");
	check_equal(0, memory_unregister(space, id), "unregister");
}

/* The one who registered exits first; the space lives on in another process. */
static void the_payer_may_be_gone(int space)
{
	int status = 1;
	pid_t child = fork();

	if (!child) {
		uint32_t id;
		void *memory = memory_create(LIMIT, PROT_READ | PROT_WRITE);

		_exit(memory_register(space, memory, LIMIT, 0, &id) ? 1 : 0);
	}
	check(waitpid(child, &status, 0) == child && !status, "a child registers memory and exits");
	check(pinned_bytes() == LIMIT, "its memory stays pinned");
	check(pinned_by_me() == LIMIT, "for its user");
}

void suite_memory(const struct address *device)
{
	int fd = device_take(device), space = space_create(fd), status = 1;
	pid_t child;

	need(space >= 0, "create a space");
	protection_counts(space);
	registers_are_no_memory(fd, space);
	child = fork();
	if (!child) {
		the_limit_counts(space);
		exit(check_failures() ? 1 : 0);
	}
	check(waitpid(child, &status, 0) == child && !status, "the limit counts");
	child = fork();
	if (!child) {
		no_fork_sheds_the_charge(space);
		exit(check_failures() ? 1 : 0);
	}
	check(waitpid(child, &status, 0) == child && !status, "no fork sheds the charge");
	the_payer_may_be_gone(space);
	close(space);
	check(pinned_becomes(0), "nothing is pinned at the end");
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
}
