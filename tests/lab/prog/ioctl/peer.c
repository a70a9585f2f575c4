// SPDX-License-Identifier: MIT
/*
 * Registers of LAB_E1000E in the space of LAB_EDU, an edu device, which reads them by DMA; and that they are gone
 * when the card is closed.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

#define BOTH	(ULDF_MAP_READ | ULDF_MAP_WRITE)
#define AT	0x1000000ULL
#define ADDRESS 0x5400ULL /* RAL and RAH: the card's own address */
#define OFFSET	(ADDRESS & ~(PAGE - 1))

static int region(int space, int device, uint32_t index, uint64_t offset, uint64_t size,
		  uint32_t *id)
{
	struct uldf_ioc_memory_region arg = {.argsz = sizeof(arg),
					     .device = device,
					     .region = index,
					     .offset = offset,
					     .size = size};
	int ret = call(space, ULDF_MEMORY_REGION, &arg);

	if (!ret)
		*id = arg.id;
	return ret;
}

static void regions_are_judged(int space, int card)
{
	struct uldf_ioc_memory_region arg = {
		.argsz = sizeof(arg), .device = card, .size = PAGE, .pad = 1};
	uint32_t id;

	check_equal(-EINVAL, call(space, ULDF_MEMORY_REGION, &arg), "padding");
	arg.pad = 0;
	arg.flags = 1;
	check_equal(-EINVAL, call(space, ULDF_MEMORY_REGION, &arg), "unknown flag");
	check_equal(-EBADF, region(space, -1, 0, 0, PAGE, &id), "no descriptor");
	check_equal(-EINVAL, region(space, space, 0, 0, PAGE, &id), "no device");
	check_equal(-EINVAL, region(space, card, ULDF_REGIONS, 0, PAGE, &id), "no region");
	check_equal(-EINVAL, region(space, card, 0, 0, 0, &id), "nothing");
	check_equal(-EINVAL, region(space, card, 0, 1, PAGE, &id), "crooked");
	check_equal(-EINVAL, region(space, card, 0, 0, 1, &id), "crooked size");
	check_equal(-ERANGE, region(space, card, 0, 0, 1 << 20, &id), "beyond the region");
	check_equal(-ERANGE, region(space, card, 0, ~0ULL << 12, 2 * PAGE, &id), "wraps");
	check_equal(-EOPNOTSUPP, region(space, card, ULDF_REGION_CONFIG, 0, PAGE, &id),
		    "configuration space");
	check_equal(-EOPNOTSUPP, region(space, card, 2, 0, PAGE, &id), "ports");
}

/* ---- both end at once ----------------------------------------------------------------------------- */

#define ROUNDS 30
#define ROWS   4096 /* mappings, of memory and of registers in turn, none behind another */

struct closer {
	pthread_barrier_t *together;
	int fd;
};

static void *close_together(void *arg)
{
	const struct closer *closer = arg;

	pthread_barrier_wait(closer->together);
	close(closer->fd);
	return NULL;
}

static void map_in_turn(int space, uint32_t ram, uint32_t registers)
{
	static struct uldf_ioc_mapping list[ROWS];
	struct uldf_ioc_map arg = {
		.argsz = sizeof(arg), .count = ROWS, .mappings = (uintptr_t)list};

	for (uint64_t i = 0; i < ROWS; i++)
		list[i] = (struct uldf_ioc_mapping){.address = AT + 2 * i * PAGE,
						    .size = PAGE,
						    .memory = i % 2 ? registers : ram,
						    .flags = BOTH};
	need(!call(space, ULDF_SPACE_MAP, &arg), "map");
}

/* The space ends while the card takes its registers back from it. */
static void both_end_at_once(const struct address *peer, int device, void *memory)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct closer closer[2];
		pthread_barrier_t together;
		uint32_t ram, registers = 0;
		pthread_t thread[2];

		need(!pthread_barrier_init(&together, NULL, 2), "a barrier");
		closer[0] = (struct closer){&together, space_create(device)};
		closer[1] = (struct closer){&together, device_open(peer)};
		need(closer[0].fd >= 0 && closer[1].fd >= 0, "a space and a card");
		need(!attach(device, closer[0].fd) && !detach(device), "a domain");
		need(!memory_register(closer[0].fd, memory, PAGE, 0, &ram) &&
			     !region(closer[0].fd, closer[1].fd, 0, OFFSET, PAGE, &registers),
		     "memory and registers");
		map_in_turn(closer[0].fd, ram, registers);
		for (int j = 0; j < 2; j++)
			need(!pthread_create(&thread[j], NULL, close_together, &closer[j]),
			     "thread");
		for (int j = 0; j < 2; j++)
			pthread_join(thread[j], NULL);
		pthread_barrier_destroy(&together);
	}
	check(pinned_becomes(0), "nothing is pinned");
}

void suite_peer(const struct address *address)
{
	uint8_t *memory =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int device = device_take(address), space = space_create(device), other, card;
	struct uldf_ioc_memory_share share = {.argsz = sizeof(share)};
	struct address peer;
	uint32_t id = 0, ram;
	uint64_t wanted;

	need(memory != MAP_FAILED && getenv("LAB_E1000E"), "memory, and a card");
	address_parse(getenv("LAB_E1000E"), &peer);
	card = device_take(&peer);
	other = space_create(device);
	need(space >= 0 && other >= 0 && !attach(device, space), "a space");
	config_write(device, 4, 2, 6);
	config_write(card, 4, 2, 2);
	regions_are_judged(space, card);
	need(!region_read(card, 0, ADDRESS, 4, &wanted) && wanted != 0xffffffff, "read a register");
	need(!memory_register(space, memory, PAGE, 0, &ram) && !map(space, ram, 0, AT, PAGE, BOTH),
	     "memory");
	check_equal(0, region(space, card, 0, OFFSET, PAGE, &id), "registers as memory");
	check(pinned_bytes() == PAGE, "nothing more is pinned");
	check_equal(-ERANGE, map(space, id, PAGE, AT + PAGE, PAGE, BOTH), "behind them");
	check_equal(0, map(space, id, 0, AT + PAGE, PAGE, BOTH), "map them");
	check(edu_dma(device, AT + PAGE + ADDRESS % PAGE, 4, false) && edu_dma(device, AT, 4, true),
	      "the device reads them");
	check(!memcmp(memory, &wanted, 4), "as the processor does");
	share.space = space;
	share.memory = id;
	check_equal(-EOPNOTSUPP, call(other, ULDF_MEMORY_SHARE, &share), "they are not shared");
	check_equal(-EBUSY, memory_unregister(space, id), "they are mapped");
	check_equal(0, map(space, id, 0, AT + 5 * PAGE, PAGE, ULDF_MAP_READ), "map them again");
	close(card);
	check_equal(-ENOENT, unmap(space, AT + PAGE, PAGE), "the card is closed: they are gone");
	check_equal(-ENOENT, unmap(space, AT + 5 * PAGE, PAGE), "everywhere");
	check(edu_dma(device, AT, 64, true), "the memory beside them is not");
	card = device_open(&peer);
	check(card >= 0, "open the card again");
	check_equal(-ENODEV, map(space, id, 0, AT + PAGE, PAGE, BOTH), "what was its is not back");
	check_equal(0, memory_unregister(space, id), "it can be unregistered");
	check_equal(0, region(space, card, 0, OFFSET, PAGE, &id), "new ones");
	check_equal(0, map(space, id, 0, AT + PAGE, PAGE, BOTH), "map them");
	close(card);
	close(space);
	need(!detach(device), "detach");
	both_end_at_once(&peer, device, memory);
	card = device_open(&peer);
	space = space_create(device);
	need(card >= 0 && space >= 0 && !attach(device, space), "open the card, a space");
	check_equal(0, region(space, card, 0, OFFSET, PAGE, &id), "registers");
	check_equal(0, map(space, id, 0, AT + PAGE, PAGE, BOTH), "map them");
	check_equal(0, release(&peer, ULDF_RELEASE_FORCE, NULL), "release the card");
	check_equal(-ENOENT, unmap(space, AT + PAGE, PAGE), "they are gone");
	check_equal(-ENODEV, region(space, card, 0, OFFSET, PAGE, &id), "and no others come");
	close(space);
	close(other);
	close(device);
	close(card);
	check(pinned_becomes(0), "nothing is pinned at the end");
	check_equal(0, release(address, 0, NULL), "release");
}
