// SPDX-License-Identifier: MIT
#include <errno.h>
#include "backend.h"

static int event_unsupported(const struct uldf_device *device)
{
	return uldf_device_fail(device, -ENOTSUP, "backend %s tells of no events",
				device->ops->name);
}

int uldf_event_bind(struct uldf_device *device, int fd)
{
	if (!device->ops->event_bind)
		return event_unsupported(device);
	return device->ops->event_bind(device, fd);
}

int uldf_event_read(struct uldf_device *device, unsigned int *events)
{
	if (!device->ops->event_read)
		return event_unsupported(device);
	return device->ops->event_read(device, events);
}
