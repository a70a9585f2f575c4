// SPDX-License-Identifier: MIT
/* What happens to a device, told by an eventfd: it is released under its holder. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ioctl.h"

int events_bind(int fd, int event)
{
	struct uldf_ioc_events_bind arg = {.argsz = sizeof(arg), .fd = event};

	return call(fd, ULDF_EVENTS_BIND, &arg);
}

uint32_t events_read(int fd)
{
	struct uldf_ioc_events_read arg = {.argsz = sizeof(arg)};

	need(!call(fd, ULDF_EVENTS_READ, &arg), "read events");
	return arg.events;
}

void suite_events(const struct address *device)
{
	int fd = device_take(device), event = event_create(), other = event_create();
	int regular = open("/dev/null", O_RDWR);

	check_equal(-EINVAL, events_bind(fd, regular), "bind what is no eventfd");
	check_equal(-EBADF, events_bind(fd, 1000), "bind what is no file");
	check_equal(-EINVAL, events_bind(fd, -2), "bind a bad number");
	check_equal(0, events_bind(fd, event), "bind");
	check_equal(0, events_bind(fd, other), "bind another");
	check(!events_read(fd) && !event_wait(event, 0) && !event_wait(other, 0), "nothing yet");
	check_equal(0, events_bind(fd, -1), "bind none");
	check_equal(0, events_bind(fd, event), "bind again");
	check_equal(0, release(device, ULDF_RELEASE_FORCE, NULL), "release under its holder");
	check(event_wait(event, PATIENCE), "which is told");
	check(!event_wait(other, 0), "by the last one bound");
	check(events_read(fd) == ULDF_EVENTS_REMOVED, "that it is gone");
	check(!events_read(fd), "once");
	check_equal(-ENODEV, events_bind(fd, other), "bind after that");
	close(fd);
	fd = device_take(device);
	check(!events_read(fd), "nothing is left for the next holder");
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
	close(regular);
	close(event);
	close(other);
}
