// SPDX-License-Identifier: MIT
/* Calls that do for many mappings, or for large memory, what others do for one: bare system calls on a space. */
#include <fcntl.h>
#include <linux/uldf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "bench.h"

enum {
	PIECES = 256,
	LARGE = 256 << 20,
};

#define ADDRESS 0x10000000ULL

struct space {
	int fd, second; /* two spaces */
	unsigned char *at;
	uint32_t memory;
	struct uldf_ioc_mapping pieces[PIECES];
};

static int space_new(int device)
{
	struct uldf_ioc_device_space arg = {.argsz = sizeof(arg)};

	need(!ioctl(device, ULDF_DEVICE_SPACE, &arg), "create a space");
	return arg.fd;
}

static uint32_t memory_register(int space, const void *at, size_t size)
{
	struct uldf_ioc_memory arg = {.argsz = sizeof(arg), .address = (uintptr_t)at, .size = size};

	need(!ioctl(space, ULDF_MEMORY_REGISTER, &arg), "register");
	return arg.id;
}

static void memory_unregister(int space, uint32_t id)
{
	struct uldf_ioc_memory arg = {.argsz = sizeof(arg), .id = id};

	need(!ioctl(space, ULDF_MEMORY_UNREGISTER, &arg), "unregister");
}

static struct space *begin(const char *address, unsigned char *at, size_t size)
{
	struct space *space = calloc(1, sizeof(*space));
	char path[64];
	int device;

	need(space != NULL, "memory");
	snprintf(path, sizeof(path), "/dev/uldf/%s", address);
	device = open(path, O_RDWR);
	need(device >= 0, path);
	space->fd = space_new(device);
	space->second = space_new(device);
	need(!ioctl(device, ULDF_DEVICE_ATTACH,
		    &(struct uldf_ioc_device_attach){.argsz = sizeof(struct uldf_ioc_device_attach),
						     .space = space->fd}),
	     "attach");
	space->at = at;
	space->memory = memory_register(space->fd, at, size);
	return space;
}

/* ---- many mappings ------------------------------------------------------------------------------ */

static void batch(struct space *space, unsigned long call)
{
	struct uldf_ioc_map arg = {
		.argsz = sizeof(arg), .count = PIECES, .mappings = (uintptr_t)space->pieces};

	need(!ioctl(space->fd, call, &arg), "a batch");
}

static void pieces_map(void *state)
{
	struct space *space = state;

	for (unsigned int i = 0; i < PIECES; i++) {
		space->pieces[i].memory = space->memory;
		space->pieces[i].offset = i * PAGE;
		space->pieces[i].flags = ULDF_MAP_READ | ULDF_MAP_WRITE;
	}
	batch(space, ULDF_SPACE_MAP);
	for (unsigned int i = 0; i < PIECES; i++) {
		space->pieces[i].memory = space->pieces[i].flags = 0;
		space->pieces[i].offset = 0;
	}
}

/* Every other page is free: no two mappings follow each other. */
static void *pieces_begin(const char *address)
{
	struct space *space = begin(address, pages_scattered(PIECES * PAGE), PIECES * PAGE);

	for (unsigned int i = 0; i < PIECES; i++) {
		space->pieces[i].address = ADDRESS + 2ULL * i * PAGE;
		space->pieces[i].size = PAGE;
	}
	pieces_map(space);
	return space;
}

static void range_step(void *state)
{
	struct uldf_ioc_unmap_range arg = {
		.argsz = sizeof(arg), .first = ADDRESS, .last = ADDRESS + 2ULL * PIECES * PAGE - 1};
	struct space *space = state;

	need(!ioctl(space->fd, ULDF_SPACE_UNMAP_RANGE, &arg) && arg.mappings == PIECES, "a range");
}

static void list_step(void *state)
{
	batch(state, ULDF_SPACE_UNMAP);
}

/* ---- large memory ------------------------------------------------------------------------------- */

static void *large_begin(const char *address)
{
	void *at = mmap(NULL, LARGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	need(at != MAP_FAILED, "memory");
	return begin(address, at, LARGE);
}

static void share_step(void *state)
{
	struct space *space = state;
	struct uldf_ioc_memory_share arg = {
		.argsz = sizeof(arg), .space = space->fd, .memory = space->memory};

	need(!ioctl(space->second, ULDF_MEMORY_SHARE, &arg), "share");
	memory_unregister(space->second, arg.id);
}

static void pin_step(void *state)
{
	struct space *space = state;

	memory_unregister(space->second, memory_register(space->second, space->at, LARGE));
}

const struct bench_case space_cases[] = {
	{"unmap-range-256", "kmod", "edu", pieces_begin, range_step, pieces_map, NULL},
	{"unmap-list-256", "kmod", "edu", pieces_begin, list_step, pieces_map, NULL},
	{"share-256m", "kmod", "edu", large_begin, share_step, NULL, NULL},
	{"pin-256m", "kmod", "edu", large_begin, pin_step, NULL, NULL},
	{0},
};
