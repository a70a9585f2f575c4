// SPDX-License-Identifier: MIT
/*
 * Bare spaces, on a host without an IOMMU and with an edu device that masters all of its memory: real
 * bus addresses, checked against /proc/self/pagemap and by DMA; what is outside the mask; what
 * each call refuses; and that the pages outlive a process that is killed during DMA.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <linux/capability.h>
#include <unistd.h>

#include "ioctl.h"

#define MASK   0xfffffffULL /* below all pages that a process is given at first */
#define BOTH   (ULDF_MAP_READ | ULDF_MAP_WRITE)
#define SIZE   (8 * PAGE)
#define AMOUNT 2048

static int bare_create(int device, uint32_t flags, uint64_t mask)
{
	struct uldf_ioc_device_space arg = {.argsz = sizeof(arg), .flags = flags, .mask = mask};
	int ret = call(device, ULDF_DEVICE_SPACE, &arg);

	return ret ? ret : arg.fd;
}

static int segments(int space, uint32_t memory, uint64_t offset, uint64_t size, uint32_t flags,
		    struct uldf_ioc_segment *list, uint32_t *count)
{
	struct uldf_ioc_segments arg = {
		.argsz = sizeof(arg),
		.flags = flags,
		.offset = offset,
		.size = size,
		.memory = memory,
		.count = *count,
		.list = (uintptr_t)list,
	};
	int ret = call(space, ULDF_SPACE_SEGMENTS, &arg);

	*count = arg.count;
	return ret;
}

static int segments_end(int space, uint32_t memory)
{
	struct uldf_ioc_segments arg = {.argsz = sizeof(arg), .memory = memory};

	return call(space, ULDF_SPACE_SEGMENTS_END, &arg);
}

static uint64_t physical(const void *at)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry = 0;

	need(fd >= 0 && pread(fd, &entry, 8, (off_t)((uintptr_t)at / PAGE * 8)) == 8, "pagemap");
	close(fd);
	return (entry & ((1ULL << 55) - 1)) * PAGE + (uintptr_t)at % PAGE;
}

static int create_without_rawio(void *arg)
{
	capability_drop(CAP_SYS_RAWIO);
	return bare_create(*(int *)arg, ULDF_SPACE_BARE, MASK);
}

static void creation_is_judged(int device)
{
	check_equal(-EOPNOTSUPP, bare_create(device, 0, 0), "a space that is not bare");
	check_equal(-EINVAL, bare_create(device, 0, MASK), "a mask without the flag");
	check_equal(-EINVAL, bare_create(device, 2, MASK), "unknown flag");
	check_equal(-EINVAL, bare_create(device, ULDF_SPACE_BARE, 0), "no mask");
	check_equal(-EINVAL, bare_create(device, ULDF_SPACE_BARE, 0x7ffff), "19 bits");
	check_equal(-EINVAL, bare_create(device, ULDF_SPACE_BARE, MASK - 1), "a hole in the mask");
	check_equal(-EPERM, in_child(create_without_rawio, &device), "without CAP_SYS_RAWIO");
}

static void calls_are_judged(int space, uint32_t id, uint32_t readonly)
{
	struct uldf_ioc_segments end = {.argsz = sizeof(end), .memory = id, .size = 1};
	struct uldf_ioc_coherent coherent = {.argsz = sizeof(coherent), .size = PAGE, .pad = 1};
	struct uldf_ioc_segment list[16];
	struct {
		uint32_t memory;
		uint64_t offset, size;
		uint32_t flags, room;
		int wanted;
	} cases[] = {
		{id, 0, PAGE, 0, 16, -EINVAL},
		{id, 0, PAGE, 4, 16, -EINVAL},
		{id, 0, 0, BOTH, 16, -EINVAL},
		{id, 0, PAGE, BOTH, ULDF_SEGMENTS + 1, -E2BIG},
		{id, 0, PAGE, BOTH, ~0U, -E2BIG},
		{id, 0, PAGE, BOTH, 0, -ENOSPC},
		{0, 0, PAGE, BOTH, 16, -ENOENT},
		{~0U, 0, PAGE, BOTH, 16, -ENOENT},
		{id, 0, SIZE + 1, BOTH, 16, -ERANGE},
		{id, SIZE, 1, BOTH, 16, -ERANGE},
		{id, 1, ~0ULL, BOTH, 16, -ERANGE},
		{id, ~0ULL, 1, BOTH, 16, -ERANGE},
		{readonly, 0, 1, BOTH, 16, -EPERM},
		{readonly, 0, 1, ULDF_MAP_WRITE, 16, -EPERM},
	};
	uint32_t count;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		count = cases[i].room;
		check_equal(cases[i].wanted,
			    segments(space, cases[i].memory, cases[i].offset, cases[i].size,
				     cases[i].flags, list, &count),
			    "segments, case %zu", i);
	}
	count = 16;
	check_equal(-EFAULT, segments(space, id, 0, PAGE, BOTH, (void *)8, &count),
		    "segments to nowhere");
	check_equal(-ENOENT, segments_end(space, id), "none of these held the memory");
	check_equal(-EINVAL, call(space, ULDF_SPACE_SEGMENTS_END, &end), "end with a size");
	check_equal(-EOPNOTSUPP, map(space, id, 0, 0x100000, PAGE, BOTH), "map at an address");
	check_equal(-ENOENT, unmap(space, 0x100000, PAGE), "unmap");
	check_equal(-EINVAL, call(space, ULDF_SPACE_COHERENT, &coherent), "coherent: padding");
	coherent.pad = 0;
	coherent.flags = 1;
	check_equal(-EINVAL, call(space, ULDF_SPACE_COHERENT, &coherent), "coherent: flag");
	coherent.flags = 0;
	coherent.size = 0;
	check_equal(-EINVAL, call(space, ULDF_SPACE_COHERENT, &coherent), "coherent: nothing");
	coherent.size = PAGE + 1;
	check_equal(-EINVAL, call(space, ULDF_SPACE_COHERENT, &coherent), "coherent: crooked");
	coherent.size = ULDF_COHERENT_MAX + PAGE;
	check_equal(-ENOMEM, call(space, ULDF_SPACE_COHERENT, &coherent), "coherent: too large");
	coherent.size = ~0ULL << 12;
	check_equal(-ENOMEM, call(space, ULDF_SPACE_COHERENT, &coherent), "coherent: huge");
	coherent = (struct uldf_ioc_coherent){.argsz = sizeof(coherent), .id = 77};
	check_equal(-ENOENT, call(space, ULDF_SPACE_COHERENT_END, &coherent), "end: unknown");
	coherent.size = 1;
	check_equal(-EINVAL, call(space, ULDF_SPACE_COHERENT_END, &coherent), "end: size");
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, space, 77L << 32) == MAP_FAILED &&
		      errno == EINVAL,
	      "mmap of no buffer");
}

static uint8_t *coherent_create(int space, uint64_t size, struct uldf_ioc_coherent *out)
{
	void *at;

	*out = (struct uldf_ioc_coherent){.argsz = sizeof(*out), .size = size};
	need(!call(space, ULDF_SPACE_COHERENT, out), "a coherent buffer");
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, space, (off_t)out->offset);
	need(at != MAP_FAILED, "it is mapped");
	return at;
}

static void coherent_end(int space, struct uldf_ioc_coherent *buffer, void *at)
{
	struct uldf_ioc_coherent end = {.argsz = sizeof(end), .id = buffer->id};

	check_equal(-EBUSY, call(space, ULDF_SPACE_COHERENT_END, &end), "end while it is mapped");
	munmap(at, buffer->size / 2);
	check_equal(-EBUSY, call(space, ULDF_SPACE_COHERENT_END, &end), "or half of it is");
	munmap((char *)at + buffer->size / 2, buffer->size / 2);
	check_equal(0, call(space, ULDF_SPACE_COHERENT_END, &end), "end");
	check_equal(-ENOENT, call(space, ULDF_SPACE_COHERENT_END, &end), "end twice");
}

static void buffers_are_what_the_device_sees(int device, int space)
{
	struct uldf_ioc_coherent buffer;
	uint64_t before = pinned_bytes();
	uint8_t *at = coherent_create(space, 4 * PAGE, &buffer);
	bool zeroed = true;

	for (size_t i = 0; i < 4 * PAGE; i++)
		zeroed &= !at[i];
	check(zeroed, "a buffer is zeroed");
	check(buffer.address && buffer.address + buffer.size - 1 <= MASK, "and below the mask");
	check(pinned_bytes() == before + 4 * PAGE, "it counts as pinned");
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, space, (off_t)buffer.offset) == MAP_FAILED,
	      "it is mapped whole or not at all");
	check(mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, space, (off_t)buffer.offset) ==
		      MAP_FAILED,
	      "and shared");
	for (size_t i = 0; i < AMOUNT; i++)
		at[i] = (uint8_t)(i * 7 + 3);
	check(edu_dma(device, buffer.address, AMOUNT, false), "the device reads it");
	check(edu_dma(device, buffer.address + 2 * PAGE, AMOUNT, true), "and writes it");
	check(!memcmp(at, at + 2 * PAGE, AMOUNT), "what it read comes back");
	coherent_end(space, &buffer, at);
	check(pinned_bytes() == before, "nothing of it is pinned at the end");
}

static void memory_is_where_it_says(int space, uint8_t *memory, uint32_t id)
{
	struct uldf_ioc_segment list[16];
	uint64_t done = 0;
	uint32_t count = 16;
	bool right = true;

	check_equal(0, segments(space, id, 100, SIZE - 300, BOTH, list, &count), "segments");
	for (uint32_t i = 0; i < count; i++) {
		for (uint64_t j = 0; j < list[i].length; j++)
			if (!j || !((uintptr_t)(memory + 100 + done + j) % PAGE))
				right &= list[i].address + j == physical(memory + 100 + done + j);
		done += list[i].length;
	}
	check(right && done == SIZE - 300, "are the physical addresses, all of them");
	check_equal(-EBUSY, memory_unregister(space, id), "memory that is held stays");
	count = 0;
	check_equal(-ENOSPC, segments(space, id, 0, SIZE, BOTH, list, &count), "no room");
	check(count >= 1 && count <= 8, "tells how many there are: %u", count);
	check_equal(0, segments_end(space, id), "end");
	check_equal(-ENOENT, segments_end(space, id), "end twice");
}

static void user_memory_is_read_and_written(int device, int space, uint8_t *memory, uint32_t id)
{
	struct uldf_ioc_segment from, to;
	uint32_t count = 1;

	need(!segments(space, id, 8, AMOUNT, ULDF_MAP_READ, &from, &count), "segments");
	need(!segments(space, id, 5 * PAGE + 16, AMOUNT, ULDF_MAP_WRITE, &to, &count), "segments");
	for (size_t i = 0; i < PAGE; i++)
		memory[i] = (uint8_t)(i * 11 + 5);
	memset(memory + 5 * PAGE, 0, PAGE);
	check(edu_dma(device, from.address, AMOUNT, false), "the device reads user memory");
	check(edu_dma(device, to.address, AMOUNT, true), "and writes it");
	check(!memcmp(memory + 8, memory + 5 * PAGE + 16, AMOUNT), "what it read comes back");
	check(!memory[5 * PAGE + 15] && !memory[5 * PAGE + 16 + AMOUNT], "just there");
	check(!segments_end(space, id) && !segments_end(space, id), "end both");
}

/* With 64 bits every page can be told; with 28 most cannot. */
static void masks_are_honoured(int device, uint8_t *memory)
{
	int space = bare_create(device, ULDF_SPACE_BARE, MASK);
	struct uldf_ioc_segment list[16];
	uint32_t id, count = 16;

	need(space >= 0, "a space of 28 bits");
	need(!attach(device, space), "attach");
	config_write(device, 4, 2, 6);
	need(physical(memory) > MASK, "a page above the mask");
	check_equal(0, memory_register(space, memory, SIZE, 0, &id), "register it");
	check_equal(-ERANGE, segments(space, id, 0, 1, BOTH, list, &count), "it is out of reach");
	check_equal(0, memory_unregister(space, id), "unregister");
	buffers_are_what_the_device_sees(device, space);
	check_equal(0, detach(device), "detach");
	close(space);
	check(pinned_becomes(0), "closing a space unpins all");
}

/* The device writes without end to a page of a process that is killed. */
static void killed_while_dma_runs(const struct address *address)
{
	int ready[2], status, device, space;
	struct uldf_ioc_coherent buffer;
	pid_t child;
	char c;

	need(!pipe(ready), "a pipe");
	child = fork();
	if (!child) {
		device = device_open(address);
		space = bare_create(device, ULDF_SPACE_BARE, MASK);
		need(!attach(device, space), "attach");
		config_write(device, 4, 2, 6);
		coherent_create(space, PAGE, &buffer);
		need(write(ready[1], "x", 1) == 1, "tell");
		for (;;)
			edu_dma(device, buffer.address, AMOUNT, true);
	}
	need(read(ready[0], &c, 1) == 1, "the child");
	usleep(100000);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	check(pinned_becomes(0), "killed during DMA: nothing is pinned");
	device = device_open(address);
	check(device >= 0, "the device can be opened");
	check(!(config_read(device, 4, 2) & 4), "and masters no bus");
	close(device);
	close(ready[0]);
	close(ready[1]);
}

static void a_space_outlives_the_claim(const struct address *address, int device, uint8_t *memory)
{
	int space = bare_create(device, ULDF_SPACE_BARE, ~0ULL);
	struct uldf_ioc_coherent buffer = {.argsz = sizeof(buffer), .size = PAGE};
	uint32_t id, other, count = 1;
	struct uldf_ioc_segment list;
	uint8_t *mapped;

	need(space >= 0 && !attach(device, space), "attach");
	need(!memory_register(space, memory, SIZE, 0, &id), "register");
	need(!call(space, ULDF_SPACE_COHERENT, &buffer), "a buffer");
	mapped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, space, (off_t)buffer.offset);
	need(mapped != MAP_FAILED, "map it");
	memset(mapped, 0x5a, PAGE);
	check_equal(0, release(address, ULDF_RELEASE_FORCE, NULL), "release the device");
	check_equal(-ENODEV, memory_register(space, memory, PAGE, 0, &other), "register more");
	check_equal(-ENODEV,
		    call(space, ULDF_SPACE_COHERENT,
			 &(struct uldf_ioc_coherent){.argsz = sizeof(buffer), .size = PAGE}),
		    "another buffer");
	check_equal(-ENODEV, segments(space, id, 0, 1, BOTH, &list, &count), "where memory is");
	check(mapped[0] == 0x5a && mapped[PAGE - 1] == 0x5a, "a mapped buffer is still there");
	check_equal(-EBUSY,
		    call(space, ULDF_SPACE_COHERENT_END,
			 &(struct uldf_ioc_coherent){.argsz = sizeof(buffer), .id = buffer.id}),
		    "and is not ended");
	munmap(mapped, PAGE);
	check_equal(0,
		    call(space, ULDF_SPACE_COHERENT_END,
			 &(struct uldf_ioc_coherent){.argsz = sizeof(buffer), .id = buffer.id}),
		    "it can be ended");
	check_equal(0, memory_unregister(space, id), "unregister");
	close(space);
	close(device);
	check(pinned_becomes(0), "nothing is pinned at the end");
}

void suite_bare(const struct address *address)
{
	struct uldf_ioc_space_info info = {.argsz = sizeof(info)};
	int device = device_take(address), space;
	uint8_t *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	uint32_t id, readonly;

	need(memory != MAP_FAILED, "memory");
	creation_is_judged(device);
	space = bare_create(device, ULDF_SPACE_BARE, ~0ULL);
	need(space >= 0, "a space of 64 bits");
	check_equal(0, call(space, ULDF_SPACE_INFO, &info), "info");
	check(info.flags == ULDF_SPACE_IS_BARE && info.aperture.last == ~0ULL, "tells it is bare");
	check_equal(0, attach(device, space), "attach");
	check_equal(-EBUSY, attach(device, space), "attach twice");
	need(!memory_register(space, memory, SIZE, 0, &id), "register");
	need(!memory_register(space, memory, SIZE, ULDF_MEMORY_READONLY, &readonly), "register");
	calls_are_judged(space, id, readonly);
	memory_is_where_it_says(space, memory, id);
	config_write(device, 4, 2, 6);
	user_memory_is_read_and_written(device, space, memory, id);
	check_equal(0, detach(device), "detach");
	close(space);
	check(pinned_becomes(0), "nothing is pinned");
	masks_are_honoured(device, memory);
	close(device);
	killed_while_dma_runs(address);
	device = device_open(address);
	a_space_outlives_the_claim(address, device, memory);
}

/* The device of this suite uses what another one, which is released, made a space with. */
void suite_bare_heir(const struct address *address)
{
	uint8_t *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	const char *name = getenv("MAKER");
	int device = device_take(address), maker, space;
	struct uldf_ioc_segment segment;
	struct address other;
	uint32_t id, count = 1;

	need(memory != MAP_FAILED && name, "memory, and the maker's name");
	address_parse(name, &other);
	maker = device_take(&other);
	space = bare_create(maker, ULDF_SPACE_BARE, ~0ULL);
	need(space >= 0 && !attach(maker, space), "a space");
	need(!memory_register(space, memory, PAGE, 0, &id), "register");
	need(!segments(space, id, 0, PAGE, BOTH, &segment, &count), "segments");
	check_equal(0, release(&other, ULDF_RELEASE_FORCE, NULL),
		    "release the device that made the space");
	check_equal(0, attach(device, space), "attach another one");
	config_write(device, 4, 2, 6);
	memset(memory, 0x77, AMOUNT);
	check(edu_dma(device, segment.address, AMOUNT, false), "it reads the memory");
	check(edu_dma(device, segment.address + PAGE / 2, AMOUNT, true), "and writes it");
	check(!memcmp(memory, memory + PAGE / 2, AMOUNT), "what it read comes back");
	close(device);
	close(maker);
	close(space);
	check(pinned_becomes(0), "nothing is pinned at the end");
	check_equal(0, release(address, 0, NULL), "release it");
}

/* Of a module that was not told to allow them. */
void suite_bare_refused(const struct address *address)
{
	need(!claim(address, NULL), "claim");
	check_equal(-EPERM, device_open(address), "root opens a device that nothing confines");
	check_equal(0, release(address, 0, NULL), "release");
}
