// SPDX-License-Identifier: MIT
/* The shared pages of edu: counts and time stamps of its vectors, read without a call. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include <x86intrin.h>

#include "ioctl.h"

static struct uldf_ioc_device_info info = {.argsz = sizeof(info)};

static void *map_shared(int fd, uint64_t offset, size_t size, int protection, int flags)
{
	void *at = mmap(NULL, size, protection, flags, fd, info.shared + offset);

	return at == MAP_FAILED ? NULL : at;
}

static void mappings_are_judged(int fd)
{
	size_t size = info.shared_size;
	void *at;

	check(!map_shared(fd, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED) && errno == EPERM,
	      "not writable");
	check(!map_shared(fd, 0, PAGE, PROT_READ, MAP_PRIVATE) && errno == EINVAL, "not private");
	check(!map_shared(fd, size, PAGE, PROT_READ, MAP_SHARED) && errno == EINVAL, "not behind");
	check(!map_shared(fd, 0, size + PAGE, PROT_READ, MAP_SHARED) && errno == EINVAL,
	      "not beyond");
	at = map_shared(fd, 0, size, PROT_READ, MAP_SHARED);
	need(at, "map the pages");
	check(mprotect(at, PAGE, PROT_READ | PROT_WRITE) < 0 && errno == EACCES,
	      "nor made writable");
	munmap(at, size);
}

/* A pipe would keep them until the next holder's device counts in them. */
static void pages_are_not_kept(const volatile void *counts)
{
	struct iovec page = {(void *)counts, PAGE};
	int ends[2];

	need(!pipe(ends), "a pipe");
	check(vmsplice(ends[1], &page, 1, 0) < 0 && errno == EFAULT, "no reference to a page");
	close(ends[0]);
	close(ends[1]);
}

static void raises_are_counted(int fd, const volatile struct uldf_ioc_vector_count *counts)
{
	int event = event_create();
	uint64_t before;

	check(!counts[0].count && !counts[0].tsc, "nothing has fired");
	need(!vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSI, 0, 1), "enable MSI");
	before = __rdtsc();
	edu_raise(fd, 1);
	for (int i = 0; i < PATIENCE && !counts[0].count; i++)
		usleep(1000);
	check(counts[0].count == 1, "one without an event is counted");
	check(counts[0].tsc > before && counts[0].tsc < __rdtsc(), "at its time");
	edu_ack(fd, 1);
	need(!bind_fds(fd, 0, ULDF_VECTOR_MSI, 0, 1, &event), "bind");
	check(event_wait(event, PATIENCE) && counts[0].count == 1, "and once only");
	for (uint64_t i = 2; i < 6; i++) {
		edu_raise(fd, 1);
		check(event_wait(event, PATIENCE) && counts[0].count == i, "the count is %lu",
		      (unsigned long)counts[0].count);
		edu_ack(fd, 1);
	}
	check(!counts[1].count, "no other vector fired");
	need(!vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_MSI, 0, 0), "disable");
	check(counts[0].count == 5, "counts stay when vectors are disabled");
	need(!vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_INTX, 0, 1), "enable INTx");
	check(!counts[0].count, "and begin anew when they are enabled");
	need(!bind_fds(fd, 0, ULDF_VECTOR_INTX, 0, 1, &event), "bind");
	edu_raise(fd, 1);
	check(event_wait(event, PATIENCE) && counts[0].count == 1, "INTx is counted");
	edu_ack(fd, 1);
	close(event);
}

void suite_shared(const struct address *device)
{
	const volatile struct uldf_ioc_vector_count *counts;
	int fd = device_take(device), space = space_create(fd);

	need(space >= 0 && !attach(fd, space), "attach to a space");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	need(!call(fd, ULDF_DEVICE_INFO, &info), "device info");
	check(info.shared_size == PAGE && info.shared >> 40 >= ULDF_REGIONS,
	      "a page behind the regions");
	mappings_are_judged(fd);
	counts = map_shared(fd, 0, info.shared_size, PROT_READ, MAP_SHARED);
	need(counts, "map the page");
	pages_are_not_kept(counts);
	raises_are_counted(fd, counts);
	check_equal(0, release(device, ULDF_RELEASE_FORCE, NULL), "release");
	check(counts[0].count == 1, "counts can be read when the device is gone");
	check(!map_shared(fd, 0, PAGE, PROT_READ, MAP_SHARED) && errno == ENODEV, "but not mapped");
	close(fd);
	check(counts[0].count == 1, "also when its file is closed");
	munmap((void *)counts, info.shared_size);
	close(space);
}
