// SPDX-License-Identifier: MIT
/* Memory that two spaces have, and a device that moves from one to the other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

#define BOTH (ULDF_MAP_READ | ULDF_MAP_WRITE)
#define SIZE (4 * PAGE)
#define AT   0x1000000ULL

static int share(int space, int from, uint32_t memory, uint32_t *id)
{
	struct uldf_ioc_memory_share arg = {.argsz = sizeof(arg), .space = from, .memory = memory};
	int ret = call(space, ULDF_MEMORY_SHARE, &arg);

	if (!ret)
		*id = arg.id;
	return ret;
}

static int move(int device, int space)
{
	struct uldf_ioc_device_attach arg = {
		.argsz = sizeof(arg), .flags = ULDF_ATTACH_MOVE, .space = space};

	return call(device, ULDF_DEVICE_ATTACH, &arg);
}

static void sharing_is_judged(int device, int space, int other, uint32_t id)
{
	struct uldf_ioc_memory_share arg = {
		.argsz = sizeof(arg), .flags = 1, .space = space, .memory = id};
	uint32_t none;

	check_equal(-EINVAL, call(other, ULDF_MEMORY_SHARE, &arg), "unknown flag");
	arg.flags = 0;
	arg.pad = 1;
	check_equal(-EINVAL, call(other, ULDF_MEMORY_SHARE, &arg), "padding");
	check_equal(-EBADF, share(other, -1, id, &none), "no descriptor");
	check_equal(-EINVAL, share(other, device, id, &none), "no space");
	check_equal(-ENOENT, share(other, space, 77, &none), "unknown memory");
}

static bool is_moving(int device, uint64_t from, uint64_t to, uint8_t *memory, uint64_t offset)
{
	memset(memory, 0x33, 64);
	memset(memory + offset, 0, 64);
	return edu_dma(device, from, 64, false) && edu_dma(device, to, 64, true) &&
	       memory[offset] == 0x33;
}

static void memory_is_pinned_once(int device, int first, int second, uint8_t *memory)
{
	uint32_t id, shared = 0, readonly, other = 0;

	need(!memory_register(first, memory, SIZE, 0, &id), "register");
	sharing_is_judged(device, first, second, id);
	check_equal(0, share(second, first, id, &shared), "share it");
	check(pinned_bytes() == SIZE, "it is pinned once");
	need(!memory_register(first, memory, SIZE, ULDF_MEMORY_READONLY, &readonly), "register");
	check_equal(0, share(second, first, readonly, &other), "share read-only memory");
	check_equal(-EPERM, map(second, other, 0, AT, PAGE, BOTH), "it stays so");
	check_equal(0, memory_unregister(first, readonly), "unregister in the first space");
	check_equal(0, map(second, other, 0, AT, PAGE, ULDF_MAP_READ), "the second has it still");
	check_equal(0, unmap(second, AT, PAGE), "unmap");
	check_equal(0, memory_unregister(second, other), "unregister in the second space");
	check(pinned_bytes() == SIZE, "then it is unpinned");
	check_equal(0, map(second, shared, 0, AT, SIZE, BOTH), "map in the second space");
	check_equal(0, memory_unregister(first, id),
		    "what the second maps is the first's to leave");
	check(pinned_bytes() == SIZE, "it stays pinned");
	check(is_moving(device, AT, AT + PAGE, memory, PAGE), "the device reaches it");
	check_equal(-EBUSY, memory_unregister(second, shared), "it is mapped");
	check_equal(0, unmap(second, AT, SIZE), "unmap");
	check_equal(-EEXIST, share(second, second, shared, &other), "shared with itself");
	need(!memory_register(first, memory, SIZE, 0, &id), "register");
	check_equal(0, share(second, first, id, &other),
		    "the same memory, registered anew, is another");
	check_equal(-EEXIST, share(second, first, id, &other), "shared twice");
	check_equal(-EEXIST, share(first, second, other, &id), "shared back");
	check_equal(0, memory_unregister(first, id), "unregister");
	check_equal(0, share(first, second, other, &id), "then it can be shared back");
	check_equal(0, memory_unregister(first, id), "unregister");
	check_equal(0, memory_unregister(second, shared), "unregister");
	check_equal(0, memory_unregister(second, other), "unregister");
	check_equal(0, pinned_bytes(), "nothing is pinned");
}

static void a_device_moves(int device, int first, int second, uint8_t *memory)
{
	uint32_t id, shared = 0;

	need(!memory_register(first, memory, SIZE, 0, &id), "register");
	need(!share(second, first, id, &shared), "share");
	need(!map(second, shared, 0, AT, PAGE, BOTH) &&
		     !map(second, shared, PAGE, AT + PAGE, PAGE, BOTH),
	     "map in the second space");
	check_equal(-EBUSY, move(device, second), "to where it is");
	check_equal(-EBUSY, attach(device, first), "attached twice");
	check_equal(-EINVAL, move(device, device), "to what is no space");
	check_equal(0, move(device, first), "move to the first space");
	check(config_read(device, 4, 2) & 4, "it masters the bus as before");
	check_equal(0, map(first, id, 0, AT, PAGE, BOTH), "map there");
	check_equal(0, map(first, id, 2 * PAGE, AT + PAGE, PAGE, BOTH), "and other memory");
	check(is_moving(device, AT, AT + PAGE, memory, 2 * PAGE), "the device reaches that");
	check_equal(0, move(device, second), "move back");
	check(is_moving(device, AT, AT + PAGE, memory, PAGE), "the device reaches what was there");
	check_equal(0, detach(device), "detach");
	check_equal(0, move(device, first), "a move attaches, too");
	check(!(config_read(device, 4, 2) & 4), "mastering stays off");
	config_write(device, 4, 2, config_read(device, 4, 2) | 4);
}

static void a_failed_move_changes_nothing(int device, int first, uint8_t *memory)
{
	int other = space_create(device);
	struct uldf_ioc_device_attach arg = {.argsz = sizeof(arg), .flags = 2, .space = other};

	check_equal(-EINVAL, call(device, ULDF_DEVICE_ATTACH, &arg), "unknown flag");
	arg = (struct uldf_ioc_device_attach){
		.argsz = sizeof(arg), .flags = ULDF_ATTACH_MOVE, .space = -1};
	check_equal(-EINVAL, call(device, ULDF_DEVICE_DETACH, &arg), "detach takes no flag");
	check_equal(-EBADF, move(device, -1), "no descriptor");
	check(is_moving(device, AT, AT + PAGE, memory, 2 * PAGE), "the device is where it was");
	close(other);
	check_equal(-EBUSY, move(device, first), "still in the first space");
}

/*
 * LAB_PAIR_MATE, an edu device, shares its group with LAB_PAIR, a network card: the group goes to one space at a
 * time, so the one cannot leave alone.
 */
void suite_move(const struct address *address)
{
	uint8_t *memory =
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int device, card, first, second;
	struct address pair;
	char reason[96];
	uint32_t id;

	need(memory != MAP_FAILED && getenv("LAB_PAIR"), "memory, and a card");
	address_parse(getenv("LAB_PAIR"), &pair);
	need(!claim_group(address, reason), reason);
	device = device_open(address);
	card = device_open(&pair);
	need(device >= 0 && card >= 0, "open both");
	first = space_create(device);
	second = space_create(card);
	need(first >= 0 && second >= 0 && !attach(device, first) && !attach(card, first),
	     "attach both");
	config_write(device, 4, 2, 6);
	need(!memory_register(first, memory, SIZE, 0, &id) &&
		     !map(first, id, 0, AT, 2 * PAGE, BOTH),
	     "map");
	check_equal(-EBUSY, move(device, second), "a move without its mate");
	check(config_read(device, 4, 2) & 4, "it masters the bus as before");
	check(is_moving(device, AT, AT + PAGE, memory, PAGE), "in the space where it was");
	check_equal(-EBUSY, move(device, first), "which it is still attached to");
	close(first);
	check(pinned_bytes() == SIZE, "the space lives with its devices");
	check_equal(0, detach(card), "the mate is detached");
	check_equal(0, move(device, second), "now it moves");
	check(pinned_becomes(0), "and the space that it left ends");
	close(second);
	close(card);
	close(device);
	check_equal(0, release(address, ULDF_RELEASE_GROUP, NULL), "release both");
}

void suite_share(const struct address *device)
{
	uint8_t *memory =
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = device_take(device), first = space_create(fd), second = space_create(fd);

	need(memory != MAP_FAILED && first >= 0 && second >= 0, "two spaces");
	need(!attach(fd, second), "attach");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	memory_is_pinned_once(fd, first, second, memory);
	a_device_moves(fd, first, second, memory);
	a_failed_move_changes_nothing(fd, first, memory);
	close(first);
	close(second);
	close(fd);
	check(pinned_becomes(0), "nothing is pinned at the end");
	check_equal(0, release(device, 0, NULL), "release");
}
