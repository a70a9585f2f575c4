// SPDX-License-Identifier: MIT
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "backend.h"

struct uldf_irq_event {
	struct uldf_device *device;
	struct event *event;
	unsigned int vector;
	unsigned int generation; /* of the vectors it is bound to */
	int fd;
	void (*fn)(uint64_t count, void *arg);
	void *arg;
};

static void irq_event_fired(evutil_socket_t fd, short what, void *arg)
{
	struct uldf_irq_event *event = arg;
	uint64_t count;

	/* Another loop of a forked process may have emptied it: then there is nothing to tell. */
	if (read(fd, &count, sizeof(count)) == sizeof(count))
		event->fn(count, event->arg);
}

int uldf_irq_event_new(struct event_base *base, struct uldf_device *device, unsigned int vector,
		       void (*fn)(uint64_t count, void *arg), void *arg,
		       struct uldf_irq_event **out)
{
	struct uldf_irq_event *event;
	int err;

	if (!base || !fn)
		return uldf_device_fail(device, -EINVAL, "an event needs a loop and a function");
	event = calloc(1, sizeof(*event));
	if (!event)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	event->device = device;
	event->vector = vector;
	event->generation = device->irq_generation;
	event->fn = fn;
	event->arg = arg;
	event->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event->fd < 0) {
		err = uldf_device_fail(device, -errno, "no eventfd for vector %u: %s", vector,
				       ctx_strerror(-errno));
		goto err_free;
	}
	event->event = event_new(base, event->fd, EV_READ | EV_PERSIST, irq_event_fired, event);
	if (!event->event || event_add(event->event, NULL)) {
		err = uldf_device_fail(device, -ENOMEM, "libevent refused vector %u", vector);
		goto err_event;
	}
	err = uldf_irq_bind(device, vector, 1, &event->fd);
	if (err)
		goto err_event;
	__atomic_add_fetch(&device->irq_events, 1, __ATOMIC_RELAXED);
	*out = event;
	return 0;
err_event:
	if (event->event)
		event_free(event->event);
	close(event->fd);
err_free:
	free(event);
	return err;
}

void uldf_irq_event_free(struct uldf_irq_event *event)
{
	struct uldf_device *device;
	int none = -1;

	if (!event)
		return;
	device = event->device;
	/* Vectors enabled since then are somebody else's to bind. */
	if (device->irq_count && device->irq_generation == event->generation)
		device->ops->irq_bind(device, event->vector, 1, &none);
	__atomic_sub_fetch(&device->irq_events, 1, __ATOMIC_RELAXED);
	event_free(event->event);
	close(event->fd);
	free(event);
}
