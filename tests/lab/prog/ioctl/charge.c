// SPDX-License-Identifier: MIT
/*
 * Who pays for pinned memory: the user who registered it, until it is unpinned, whatever becomes of his
 * processes, and whoever else has the space. /sys/class/uldf/pinned_by_user tells.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <linux/capability.h>
#include <unistd.h>

#include "ioctl.h"

#define LIMIT	 (1UL << 20)
#define HALF	 (LIMIT / 2)
#define SOMEBODY (NOBODY - 1)
#define MASK	 0xfffffffULL

struct pinning {
	int space;
	uint32_t uid;
	size_t size;
	bool coherent; /* made by the kernel, else registered */
	uint32_t *id;  /* out, shared with the child */
};

static void *memory_create(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	need(memory != MAP_FAILED, "memory");
	return memory;
}

static int pin(const struct pinning *pinning)
{
	struct uldf_ioc_coherent buffer = {.argsz = sizeof(buffer), .size = pinning->size};
	int ret;

	if (!pinning->coherent)
		return memory_register(pinning->space, memory_create(pinning->size), pinning->size,
				       0, pinning->id);
	ret = call(pinning->space, ULDF_SPACE_COHERENT, &buffer);
	if (!ret)
		*pinning->id = buffer.id;
	return ret;
}

static int pin_as_user(void *arg)
{
	const struct pinning *pinning = arg;

	memlock_limit(LIMIT);
	if (pinning->uid)
		user_become(pinning->uid);
	else
		capability_drop(CAP_IPC_LOCK);
	return pin(pinning);
}

/* In a process of its own, which has ended when this returns. */
static int pin_and_exit(struct pinning *pinning, int space, uint32_t uid, size_t size)
{
	pinning->space = space;
	pinning->uid = uid;
	pinning->size = size;
	return in_child(pin_as_user, pinning);
}

static void charged(uint32_t uid, uint64_t bytes, const char *when)
{
	uint64_t found = pinned_by(uid);

	check(found == bytes, "user %u has pinned %lld bytes, %s: wanted %lld", uid,
	      (long long)found, when, (long long)bytes);
}

static bool becomes_charged(uint32_t uid, uint64_t bytes)
{
	for (int i = 0; i < PATIENCE / 10; i++) {
		if (pinned_by(uid) == bytes)
			return true;
		usleep(10000);
	}
	return false;
}

static int unpin(const struct pinning *pinning, int space, uint32_t id)
{
	struct uldf_ioc_coherent end = {.argsz = sizeof(end), .id = id};

	return pinning->coherent ? call(space, ULDF_SPACE_COHERENT_END, &end)
				 : memory_unregister(space, id);
}

/* Of one space or of two, by one process after the other. */
static void the_user_is_limited(struct pinning *pinning, int space, int other)
{
	uint32_t first;

	check_equal(0, pin_and_exit(pinning, space, NOBODY, HALF), "nobody pins half his limit");
	first = *pinning->id;
	charged(NOBODY, HALF, "though the process has exited");
	check_equal(0, pin_and_exit(pinning, space, NOBODY, HALF), "another process, the rest");
	charged(NOBODY, LIMIT, "after two processes");
	check_equal(-ENOMEM, pin_and_exit(pinning, space, NOBODY, HALF), "a third pins more");
	check_equal(-ENOMEM, pin_and_exit(pinning, space, NOBODY, PAGE), "or just a page");
	check_equal(-ENOMEM, pin_and_exit(pinning, other, NOBODY, PAGE), "or by another space");
	charged(NOBODY, LIMIT, "after refusals");
	check_equal(LIMIT, (long)pinned_bytes(), "bytes pinned in all");

	check_equal(0, pin_and_exit(pinning, space, SOMEBODY, LIMIT), "another user has his own");
	charged(SOMEBODY, LIMIT, "beside nobody");
	check_equal(-ENOMEM, pin_and_exit(pinning, space, SOMEBODY, PAGE), "and no more");
	check_equal(2 * LIMIT, (long)pinned_bytes(), "bytes pinned in all");

	check_equal(0, unpin(pinning, space, first), "root unpins what nobody had pinned");
	charged(NOBODY, HALF, "after that");
	charged(0, 0, "who paid for nothing");
	check_equal(-ENOMEM, pin_and_exit(pinning, other, NOBODY, LIMIT), "his whole limit again");
	check_equal(0, pin_and_exit(pinning, other, NOBODY, HALF), "what he has free again");
	charged(NOBODY, LIMIT, "in two spaces");
}

static void root_pays_too(struct pinning *pinning, int space)
{
	uint32_t id;

	check_equal(0, pin_and_exit(pinning, space, 0, LIMIT),
		    "root without CAP_IPC_LOCK pins as much as the limit is");
	id = *pinning->id;
	charged(0, LIMIT, "like anybody");
	check_equal(-ENOMEM, pin_and_exit(pinning, space, 0, PAGE), "and no more");
	pinning->space = space;
	pinning->size = 2 * LIMIT;
	check_equal(0, pin(pinning), "with CAP_IPC_LOCK any amount");
	charged(0, 3 * LIMIT, "which is told");
	check_equal(0, unpin(pinning, space, *pinning->id), "unpin it");
	check_equal(0, unpin(pinning, space, id), "and what is left");
	charged(0, 0, "at the end");
}

static void ends_uncharge(int space, int other)
{
	close(other);
	check(becomes_charged(NOBODY, HALF),
	      "one space has ended: nobody has his half in the other");
	close(space);
	check(becomes_charged(NOBODY, 0), "both have: nobody has pinned nothing");
	check(becomes_charged(SOMEBODY, 0), "nor has the other user");
	check(pinned_becomes(0), "nothing is pinned at the end");
}

static int pin_and_become(void *arg)
{
	int ret = pin(arg);

	user_become(NOBODY);
	return ret;
}

static int unpin_as_nobody(void *arg)
{
	const struct pinning *pinning = arg;

	user_become(NOBODY);
	return unpin(pinning, pinning->space, *pinning->id);
}

static void who_registered_pays(struct pinning *pinning, int space)
{
	pinning->space = space;
	pinning->size = HALF;
	check_equal(0, in_child(pin_and_become, pinning), "root pins, and becomes nobody");
	charged(0, HALF, "who was root then");
	charged(NOBODY, 0, "who he is now");
	check_equal(0, in_child(unpin_as_nobody, pinning), "nobody unpins it");
	charged(0, 0, "after that");
	charged(NOBODY, 0, "who paid for nothing");
}

/* What could not be pinned is not charged. */
static int a_hole(void *arg)
{
	const struct pinning *pinning = arg;
	char *memory = memory_create(HALF);

	memlock_limit(LIMIT);
	user_become(NOBODY);
	munmap(memory + HALF / 2, PAGE);
	return memory_register(pinning->space, memory, HALF, 0, pinning->id);
}

static void charges_are_judged(int space, int other, bool coherent)
{
	struct pinning pinning = {.coherent = coherent, .id = memory_create(PAGE), .space = space};

	check(pinned_by(0) != ~0ULL, "the host tells which user pinned how much");
	charged(0, 0, "at first");
	if (!coherent) {
		check_equal(-EFAULT, in_child(a_hole, &pinning), "memory with a hole");
		charged(NOBODY, 0, "after that");
	}
	who_registered_pays(&pinning, space);
	root_pays_too(&pinning, space);
	the_user_is_limited(&pinning, space, other);
	ends_uncharge(space, other);
	munmap(pinning.id, PAGE);
}

void suite_charge(const struct address *device)
{
	int fd = device_take(device), space = space_create(fd), other = space_create(fd);

	need(space >= 0 && other >= 0, "create two spaces");
	charges_are_judged(space, other, false);
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
}

static int bare_create(int device)
{
	struct uldf_ioc_device_space arg = {
		.argsz = sizeof(arg), .flags = ULDF_SPACE_BARE, .mask = MASK};
	int ret = call(device, ULDF_DEVICE_SPACE, &arg);

	return ret ? ret : arg.fd;
}

void suite_charge_bare(const struct address *device)
{
	int fd = device_take(device), space = bare_create(fd), other = bare_create(fd);

	need(space >= 0 && other >= 0, "create two bare spaces");
	charges_are_judged(space, other, true);
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
}
