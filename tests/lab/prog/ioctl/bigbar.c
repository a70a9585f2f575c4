// SPDX-License-Identifier: MIT
/*
 * A memory BAR of 1 GiB: how many faults it takes to see all of it, through the device's file and through a
 * region file, that each page shows its own part of the BAR, and what ends the mappings.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ioctl.h"

#define BAR    2
#define AT     ((uint64_t)BAR << 40)
#define SIZE   (1UL << 30)
#define HUGE   (2UL << 20)
#define OTHERS 16 /* faults of the program itself */
#define MEMORY 2  /* of the command register */

static long faults(void)
{
	struct rusage usage;

	need(!getrusage(RUSAGE_SELF, &usage), "getrusage");
	return usage.ru_minflt + usage.ru_majflt;
}

/* Reads a word of each page; returns how many faults that took. */
static long touch(const volatile uint8_t *at, size_t size)
{
	long before = faults();

	for (size_t i = 0; i < size; i += PAGE)
		(void)*(const volatile uint32_t *)(at + i);
	return faults() - before;
}

/* Does the kernel map BARs by huge pages? 6.12 is the first that does. */
static bool has_huge_pages(void)
{
	struct utsname name;
	int major = 0, minor = 0;

	need(!uname(&name) && sscanf(name.release, "%d.%d", &major, &minor) == 2, "uname");
	return major > 6 || (major == 6 && minor >= 12);
}

/* Checks that all of a mapping is seen after few faults: @huge pages of 1 GiB can map it. */
static void few_faults(volatile uint8_t *at, size_t size, bool huge, const char *what)
{
	long most = (huge && has_huge_pages() ? 1 : size / HUGE + 1) + OTHERS,
	     took = touch(at, size);

	check(took <= most, "%s takes at most %ld faults: %ld", what, most, took);
	check(touch(at, size) <= OTHERS, "and none the second time");
}

static volatile uint8_t *map_shared(int fd, void *where, uint64_t at, size_t size, int flags)
{
	void *address = mmap(where, size, PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, at);

	need(address != MAP_FAILED, "map");
	return address;
}

static const uint64_t places[] = {
	0, PAGE, HUGE - 8, HUGE, 3 * HUGE + 5 * PAGE, SIZE / 2 - 8, SIZE / 2 + PAGE, SIZE - 8};

#define PLACES (sizeof(places) / sizeof(*places))

/* Every page shows its own part of the BAR, whichever fault mapped it; @first is where the mapping begins. */
static void shows_the_bar(int fd, volatile uint8_t *at, uint64_t first, size_t size,
			  const char *what)
{
	bool reads = true, writes = true;
	uint64_t value;

	for (size_t i = 0; i < PLACES; i++) {
		volatile uint64_t *word = (volatile uint64_t *)(at + places[i] - first);

		if (places[i] < first || places[i] - first >= size)
			continue;
		need(!region_write(fd, BAR, places[i], 8, places[i] + 1), "write");
		reads &= *word == places[i] + 1;
		*word = ~places[i];
		need(!region_read(fd, BAR, places[i], 8, &value), "read");
		writes &= value == ~places[i];
	}
	check(reads && writes, "%s shows the BAR and writes to it", what);
}

static void by_the_device(int fd)
{
	volatile uint8_t *at = map_shared(fd, NULL, AT, SIZE, 0);

	check(!((uintptr_t)at % SIZE), "the mapping of 1 GiB is aligned to 1 GiB: %p", (void *)at);
	few_faults(at, SIZE, true, "the device's file");
	shows_the_bar(fd, at, 0, SIZE, "it");
	munmap((void *)at, SIZE);

	at = map_shared(fd, NULL, AT + PAGE, SIZE - PAGE, 0);
	check((uintptr_t)at % HUGE == PAGE, "one from the second page is aligned alike");
	few_faults(at, SIZE - PAGE, false, "it");
	shows_the_bar(fd, at, PAGE, SIZE - PAGE, "it");
	munmap((void *)at, SIZE - PAGE);
}

/* No huge page fits. */
static void at_a_crooked_address(int fd)
{
	uint8_t *room = mmap(NULL, SIZE + 2 * HUGE, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint8_t *where = (uint8_t *)(((uintptr_t)room + HUGE) & ~(HUGE - 1)) + 3 * PAGE;
	volatile uint8_t *at;

	need(room != MAP_FAILED, "reserve addresses");
	at = map_shared(fd, where, AT, SIZE, MAP_FIXED);
	check(at == where, "a mapping has the address that it wants");
	few_faults(at, SIZE, false, "one at a crooked address");
	shows_the_bar(fd, at, 0, SIZE, "it");
	munmap(room, SIZE + 2 * HUGE);
}

static void by_region_files(int fd)
{
	int whole = region_fd(fd, BAR, 0, SIZE, ULDF_REGION_FD_WRITE);
	int part = region_fd(fd, BAR, HUGE + PAGE, SIZE / 2, ULDF_REGION_FD_WRITE);
	volatile uint8_t *at;

	need(whole >= 0 && part >= 0, "make region files");
	at = map_shared(whole, NULL, 0, SIZE, 0);
	few_faults(at, SIZE, true, "a region file");
	shows_the_bar(fd, at, 0, SIZE, "it");
	munmap((void *)at, SIZE);

	at = map_shared(part, NULL, 0, SIZE / 2, 0);
	check((uintptr_t)at % HUGE == PAGE, "one of a part is aligned as the part is in the BAR");
	few_faults(at, SIZE / 2, false, "it");
	shows_the_bar(fd, at, HUGE + PAGE, SIZE / 2, "it");
	munmap((void *)at, SIZE / 2);
	close(whole);
	close(part);
}

/* Protection, holes and moves cut huge pages into smaller ones. */
static void mappings_are_cut(int fd)
{
	void *room =
		mmap(NULL, SIZE / 2, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	volatile uint8_t *at = map_shared(fd, NULL, AT, SIZE, 0), *moved;

	need(room != MAP_FAILED, "reserve addresses");
	touch(at, SIZE);
	check(!mprotect((void *)(at + HUGE), HUGE, PROT_READ), "make 2 MiB read-only");
	check(!mprotect((void *)(at + HUGE), HUGE, PROT_READ | PROT_WRITE), "and writable again");
	check(!mprotect((void *)at, SIZE, PROT_READ), "make all of it read-only");
	check(!mprotect((void *)at, SIZE, PROT_READ | PROT_WRITE), "and writable again");
	shows_the_bar(fd, at, 0, SIZE, "it");
	check(!munmap((void *)(at + 7 * PAGE), PAGE), "unmap a page of it");
	shows_the_bar(fd, at, 0, SIZE, "what is left");
	moved = mremap((void *)(at + SIZE / 2), SIZE / 2, SIZE / 2, MREMAP_MAYMOVE | MREMAP_FIXED,
		       room);
	if (check(moved != MAP_FAILED, "move half of it")) {
		shows_the_bar(fd, moved, SIZE / 2, SIZE / 2, "what was moved");
		shows_the_bar(fd, at, 0, SIZE / 2, "the other half");
		munmap((void *)moved, SIZE / 2);
	}
	munmap((void *)at, SIZE / 2);
}

static bool all_gone(volatile uint8_t *at)
{
	bool gone = true;

	for (size_t i = 0; i < PLACES; i++)
		gone &= is_gone((volatile uint32_t *)(at + places[i] / 4 * 4));
	return gone;
}

static void all_of_it_goes(int fd, const struct address *device)
{
	int part = region_fd(fd, BAR, 0, SIZE, 0), status = 1, with[2];
	volatile uint8_t *at = map_shared(fd, NULL, AT, SIZE, 0);
	volatile uint8_t *second = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, part, 0);
	uint32_t command = config_read(fd, 4, 2);
	pid_t child;
	char byte;

	need(part >= 0 && second != MAP_FAILED, "map a region file");
	need(!socketpair(AF_UNIX, SOCK_STREAM, 0, with), "a pair of sockets");
	touch(at, SIZE);
	touch(second, SIZE);
	config_write(fd, 4, 2, command & ~MEMORY);
	check(all_gone(at) && all_gone(second), "with decoding off no page of either is there");
	config_write(fd, 4, 2, command);
	check(!all_gone(at) && !all_gone(second), "with decoding on they are back");
	touch(at, SIZE);
	touch(second, SIZE);
	child = fork();
	if (!child) {
		bool there;

		touch(at, SIZE);
		there = write(with[1], "x", 1) == 1 && read(with[1], &byte, 1) == 1;
		_exit(there && all_gone(at) && all_gone(second) ? 0 : 1);
	}
	close(with[1]);
	need(read(with[0], &byte, 1) == 1, "the child sees all of it");
	check_equal(0, release(device, ULDF_RELEASE_FORCE, NULL), "release while mapped");
	check(all_gone(at) && all_gone(second), "no page of either is there any more");
	check(write(with[0], "x", 1) == 1 && waitpid(child, &status, 0) == child && !status,
	      "nor has a child any");
	close(with[0]);
	munmap((void *)at, SIZE);
	munmap((void *)second, SIZE);
	close(part);
}

void suite_bigbar(const struct address *device)
{
	int fd = device_take(device);

	by_the_device(fd);
	at_a_crooked_address(fd);
	by_region_files(fd);
	mappings_are_cut(fd);
	all_of_it_goes(fd, device);
	close(fd);
}
