// SPDX-License-Identifier: MIT
/* What happens to a device besides its interrupts; its being lost is told of in lost.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "conform.h"

/* The admin resets it. */
static void sysfs_reset(struct conform *c)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", c->address);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	require("the file to reset it by", fd >= 0 && write(fd, "1", 1) == 1);
	close(fd);
}

static void check_bind(struct conform *c, int fd)
{
	unsigned int events = 0x55;
	int other = eventfd_new();

	expect(c, "bind what is no eventfd", uldf_event_bind(c->device, STDIN_FILENO), -EINVAL);
	expect(c, "bind what is no descriptor", uldf_event_bind(c->device, 999), -EINVAL);
	expect(c, "end what was not bound", uldf_event_bind(c->device, -1), 0);
	expect(c, "bind", uldf_event_bind(c->device, other), 0);
	expect(c, "bind another", uldf_event_bind(c->device, fd), 0);
	expect(c, "read when nothing has happened", uldf_event_read(c->device, &events), 0);
	require("nothing is told", !events);
	expect_count("nor signalled", fd, 0);
	expect_count("nor to one that was bound before", other, 0);
	close(other);
}

static void check_told(struct conform *c, int fd)
{
	unsigned int events = 0x55;

	sysfs_reset(c);
	expect_count("a reset by others is signalled, where it is told", fd, c->able->tells_resets);
	expect(c, "read", uldf_event_read(c->device, &events), 0);
	require("it is told that it was a reset",
		events == (c->able->tells_resets ? ULDF_EVENT_RESET : 0));
	expect(c, "read again", uldf_event_read(c->device, &events), 0);
	require("once", !events);
	expect(c, "end that", uldf_event_bind(c->device, -1), 0);
	sysfs_reset(c);
	expect_count("another signals nothing", fd, 0);
	expect(c, "bind again", uldf_event_bind(c->device, fd), 0);
	expect_count("what happened meanwhile is signalled", fd, c->able->tells_resets);
	expect(c, "reset it ourselves", uldf_device_reset(c->device, NULL), 0);
	expect(c, "read", uldf_event_read(c->device, &events), 0);
	require("a reset of our own is none of it",
		events == (c->able->tells_resets ? ULDF_EVENT_RESET : 0));
	expect_count("nor signalled", fd, 0);
}

void check_events(struct conform *c)
{
	int fd = eventfd_new();

	printf("== events\n");
	check_bind(c, fd);
	if (uldf_device_info(c->device)->resets && c->able->host)
		check_told(c, fd);
	expect(c, "bind none", uldf_event_bind(c->device, -1), 0);
	close(fd);
}
