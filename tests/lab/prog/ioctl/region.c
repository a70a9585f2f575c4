// SPDX-License-Identifier: MIT
/* Regions of edu: access by read and write, mappings, and what ends them. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ioctl.h"

#define MEMORY 2 /* of the command register */

static sigjmp_buf bus_error;

static void on_bus_error(int signal)
{
	siglongjmp(bus_error, signal);
}

bool is_gone(volatile uint32_t *at)
{
	struct sigaction action = {.sa_handler = on_bus_error}, before;
	volatile bool gone = true;

	sigaction(SIGBUS, &action, &before);
	if (!sigsetjmp(bus_error, 1)) {
		(void)*at;
		gone = false;
	}
	sigaction(SIGBUS, &before, NULL);
	return gone;
}

static void accesses_are_judged(int fd)
{
	static const unsigned int widths[] = {0, 3, 5, 6, 7, 9, 16, 4096};
	char buffer[4096];
	uint64_t value = 0;

	check_equal(0, region_read(fd, 0, EDU_IDENT, 4, &value), "read the identification");
	check(value == EDU_IDENT_VALUE, "it is %#x", (unsigned int)value);
	check_equal(0, region_write(fd, 0, EDU_LIVENESS, 4, 0x12345678), "write");
	check_equal(0, region_read(fd, 0, EDU_LIVENESS, 4, &value), "read back");
	check(value == (uint32_t)~0x12345678, "it is inverted: %#x", (unsigned int)value);
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		long ret = pread(fd, buffer, widths[i], 0);

		check_equal(-EINVAL, ret < 0 ? -errno : ret, "reading %u bytes", widths[i]);
		ret = pwrite(fd, buffer, widths[i], 0);
		check_equal(-EINVAL, ret < 0 ? -errno : ret, "writing %u bytes", widths[i]);
	}
	check_equal(-EINVAL, region_read(fd, 0, 2, 4, &value), "a crooked access");
	check_equal(-EINVAL, region_read(fd, 0, 1, 2, &value), "a crooked access of 2");
	check_equal(0, region_read(fd, 0, 0xffff8, 8, &value), "the last 8 bytes");
	check_equal(-ERANGE, region_read(fd, 0, 0x100000, 4, &value), "right behind the region");
	check_equal(-ERANGE, region_read(fd, 0, (1ULL << 40) - 8, 8, &value), "far behind it");
	check_equal(-ERANGE, region_read(fd, 1, 0, 4, &value), "a region that is none");
	check_equal(-ERANGE, region_read(fd, ULDF_REGIONS, 0, 4, &value), "no such region");
	check_equal(-ERANGE, region_read(fd, 0x7fffff, 0, 4, &value), "no such region by far");
	check_equal(-EFAULT, pread(fd, (void *)PAGE, 4, 0) < 0 ? -errno : 0, "read to nowhere");
	check_equal(-EFAULT, pwrite(fd, (void *)PAGE, 4, 0) < 0 ? -errno : 0, "write from nowhere");
}

static void *map_at(int fd, uint64_t offset, size_t size, int flags)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, offset);

	return at == MAP_FAILED ? NULL : at;
}

static void mappings_are_judged(int fd)
{
	volatile uint32_t *whole, *page;

	check(!map_at(fd, 0, PAGE, MAP_PRIVATE) && errno == EINVAL, "no private mapping");
	check(!map_at(fd, 0x100000, PAGE, MAP_SHARED) && errno == EINVAL, "none behind the region");
	check(!map_at(fd, 0, 0x100000 + PAGE, MAP_SHARED) && errno == EINVAL, "none beyond it");
	check(!map_at(fd, CONFIG_AT, PAGE, MAP_SHARED) && errno == EINVAL,
	      "none of configuration space");
	check(!map_at(fd, 6ULL << 40, PAGE, MAP_SHARED) && errno == EINVAL, "none of the ROM");
	check(!map_at(fd, 1ULL << 60, PAGE, MAP_SHARED), "none of no region");

	whole = map_at(fd, 0, 0x100000, MAP_SHARED);
	page = map_at(fd, PAGE, PAGE, MAP_SHARED);
	need(whole && page, "map the region");
	check(whole[EDU_IDENT / 4] == EDU_IDENT_VALUE, "the mapping shows the device");
	whole[EDU_LIVENESS / 4] = 1;
	check(whole[EDU_LIVENESS / 4] == ~1U, "and reaches it");
	check(!is_gone(page), "a page in the middle can be read");
	munmap((void *)whole, 0x100000);
	munmap((void *)page, PAGE);
}

static void decoding_off_zaps(int fd)
{
	volatile uint32_t *at = map_at(fd, 0, PAGE, MAP_SHARED);
	uint32_t command = config_read(fd, 4, 2);
	uint64_t value;

	need(at, "map the region");
	check(command & MEMORY, "memory decoding is on at first");
	check(*at == EDU_IDENT_VALUE, "mapped");
	config_write(fd, 4, 2, command & ~MEMORY);
	check(is_gone(at), "with decoding off the mapping raises SIGBUS");
	check_equal(-EIO, region_read(fd, 0, 0, 4, &value), "and reads are -EIO");
	check_equal(-EIO, region_write(fd, 0, 4, 4, 0), "and writes");
	config_write(fd, 4, 2, command);
	check(!is_gone(at) && *at == EDU_IDENT_VALUE, "with decoding on it is back");
	munmap((void *)at, PAGE);
}

static void a_child_loses_it_too(int fd, const struct address *device)
{
	volatile uint32_t *at = map_at(fd, 0, PAGE, MAP_SHARED);
	int with[2], status = 1;
	char byte;
	pid_t child;

	need(at && !socketpair(AF_UNIX, SOCK_STREAM, 0, with), "map the region");
	check(*at == EDU_IDENT_VALUE, "mapped");
	child = fork();
	if (!child) {
		bool there = !is_gone(at) && write(with[1], "x", 1) == 1;

		_exit(there && read(with[1], &byte, 1) == 1 && is_gone(at) ? 0 : 1);
	}
	close(with[1]);
	need(read(with[0], &byte, 1) == 1, "the child sees the region");
	check_equal(0, release(device, ULDF_RELEASE_FORCE, NULL), "release while mapped");
	check(is_gone(at), "the mapping raises SIGBUS after release");
	check(!map_at(fd, 0, PAGE, MAP_SHARED) && errno == ENODEV, "no new mapping after release");
	check(write(with[0], "x", 1) == 1 && waitpid(child, &status, 0) == child && !status,
	      "a child's mapping does as well");
	close(with[0]);
	munmap((void *)at, PAGE);
}

void suite_region(const struct address *device)
{
	int fd = device_take(device);

	accesses_are_judged(fd);
	mappings_are_judged(fd);
	decoding_off_zaps(fd);
	a_child_loses_it_too(fd, device);
	close(fd);
}
