// SPDX-License-Identifier: MIT
#include <errno.h>
#include "kmod/abi.h"

_Static_assert((int)ULDF_EVENT_REMOVED == ULDF_EVENTS_REMOVED &&
		       (int)ULDF_EVENT_ERROR == ULDF_EVENTS_ERROR &&
		       (int)ULDF_EVENT_RESET == ULDF_EVENTS_RESET,
	       "events have the ABI's bits");

int kmod_event_bind(struct uldf_device *device, int fd)
{
	struct uldf_ioc_events_bind bind = {.argsz = sizeof(bind), .fd = fd};
	int err =
		kmod_device_call(device, ULDF_EVENTS_BIND, &bind, "bind an eventfd to its events");

	/* To the caller a descriptor that is none is as wrong as one that is no eventfd. */
	return err == -EBADF ? -EINVAL : err;
}

int kmod_event_read(struct uldf_device *device, unsigned int *events)
{
	struct uldf_ioc_events_read read = {.argsz = sizeof(read)};
	int err = kmod_device_call(device, ULDF_EVENTS_READ, &read, "read its events");

	if (!err)
		*events = read.events;
	return err;
}
