// SPDX-License-Identifier: MIT
/*
 * The device is unplugged while it is held and used. Prints "ready" when it may be, and then waits
 * for it to be gone.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

static _Atomic bool gone;

static void *use(void *arg)
{
	int fd = *(int *)arg, event = event_create();
	struct uldf_ioc_io list[2] = {
		{.width = 4},
		{.op = ULDF_OP_POLL, .width = 4, .count = 100, .value = 1, .mask = ~0U},
	};
	uint64_t value;

	while (!gone) {
		vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSI, 0, 1);
		bind_fds(fd, 0, ULDF_VECTOR_MSI, 0, 1, &event);
		region_read(fd, 0, 0, 4, &value);
		io_batch(fd, list, 2, NULL);
		vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_MSI, 0, 0);
	}
	close(event);
	return arg;
}

void suite_unplug(const struct address *device)
{
	struct uldf_ioc_device_info info = {.argsz = sizeof(info)};
	int fd = device_take(device), space = space_create(fd), event = event_create(), ret = 0;
	struct uldf_ioc_io io = {.width = 4};
	void *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t value;
	pthread_t user;
	uint32_t id;

	need(space >= 0 && !attach(fd, space) && !memory_register(space, memory, PAGE, 0, &id) &&
		     !map(space, id, 0, 0x10000, PAGE, ULDF_MAP_READ | ULDF_MAP_WRITE),
	     "attach and map");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	need(!events_bind(fd, event), "bind an eventfd to its events");
	pthread_create(&user, NULL, use, &fd);
	puts("ready");
	fflush(stdout);
	check(event_wait(event, PATIENCE), "the holder is told");
	ret = call(fd, ULDF_DEVICE_INFO, &info);
	check_equal(-ENODEV, ret, "the device is gone by then, while it is used");
	check(events_read(fd) == ULDF_EVENTS_REMOVED, "that is what it is told");
	gone = true;
	pthread_join(user, NULL);
	check_equal(-ENODEV, region_read(fd, 0, 0, 4, &value), "read");
	check_equal(-ENODEV, io_batch(fd, &io, 1, NULL), "a batch");
	check_equal(-ENODEV, events_bind(fd, -1), "bind events");
	check_equal(-ENODEV, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSI, 0, 1), "enable");
	check_equal(-ENODEV, attach(fd, space), "attach");
	check_equal(-ENODEV, detach(fd), "detach");
	check_equal(-ENODEV, space_create(fd), "create a space");
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == ENODEV,
	      "map a region");
	check(device_open(device) == -ENOENT, "its node is gone");
	check_equal(0, unmap(space, 0x10000, PAGE), "its space still answers");
	check_equal(0, memory_unregister(space, id), "memory is unregistered");
	check_equal(-ENODEV, release(device, 0, NULL), "there is nothing to release");
	close(fd);
	close(event);
	close(space);
	check(pinned_becomes(0), "nothing is pinned");
}
