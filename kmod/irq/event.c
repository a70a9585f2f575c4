// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to a device besides its interrupts, told to its holder by an eventfd: unplug and
 * release, errors that the bus reports, and resets by others. What happened is kept until it is read,
 * and can be read when the device is gone.
 *
 * Takes uldf_events.lock, held while the eventfd is signalled.
 */
#include <linux/eventfd.h>

#include "core/compat.h"
#include "irq/event.h"

/* Connects @event, or nothing; one that comes after something happened is signalled at once. */
static void events_connect(struct uldf_device *udev, struct eventfd_ctx *event)
{
	struct uldf_events *events = &udev->events;

	spin_lock_irq(&events->lock);
	swap(events->event, event);
	if (events->event && events->happened)
		uldf_eventfd_signal(events->event);
	spin_unlock_irq(&events->lock);
	if (event)
		eventfd_ctx_put(event);
}

/* Begins anew for a new holder. */
void uldf_events_open(struct uldf_device *udev)
{
	udev->events.happened = 0;
}

/* The file is closed; the device may be gone. */
void uldf_events_close(struct uldf_device *udev)
{
	events_connect(udev, NULL);
}

/**
 * uldf_events_tell - tell the holder what happened
 * @udev: the device
 * @what: ULDF_EVENTS_* bits; whatever the holder does when it hears of it must find it done
 */
void uldf_events_tell(struct uldf_device *udev, u32 what)
{
	struct uldf_events *events = &udev->events;
	unsigned long flags;

	spin_lock_irqsave(&events->lock, flags);
	events->happened |= what;
	if (events->event)
		uldf_eventfd_signal(events->event);
	spin_unlock_irqrestore(&events->lock, flags);
}

static int events_bind(void *object, void *arg)
{
	struct uldf_ioc_events_bind *bind = arg;
	struct uldf_device *udev = object;
	struct eventfd_ctx *event = NULL;
	int ret;

	if (bind->flags || bind->pad || bind->fd < -1)
		return -EINVAL;
	if (bind->fd != -1)
		event = eventfd_ctx_fdget(bind->fd);
	if (IS_ERR(event))
		return PTR_ERR(event);
	ret = uldf_device_enter(udev);
	if (!ret) {
		events_connect(udev, event);
		uldf_device_leave(udev);
	} else if (event) {
		eventfd_ctx_put(event);
	}
	return ret;
}

static int events_read(void *object, void *arg)
{
	struct uldf_ioc_events_read *read = arg;
	struct uldf_events *events = &((struct uldf_device *)object)->events;

	if (read->flags)
		return -EINVAL;
	spin_lock_irq(&events->lock);
	read->events = events->happened;
	events->happened = 0;
	spin_unlock_irq(&events->lock);
	return 0;
}

/* What could not be told is kept for the next call. */
static void events_unread(void *object, void *arg)
{
	struct uldf_ioc_events_read *read = arg;
	struct uldf_events *events = &((struct uldf_device *)object)->events;

	spin_lock_irq(&events->lock);
	events->happened |= read->events;
	spin_unlock_irq(&events->lock);
}

const struct uldf_call uldf_event_calls[] = {
	{ULDF_EVENTS_BIND, offsetofend(struct uldf_ioc_events_bind, pad), .run = events_bind},
	{ULDF_EVENTS_READ, offsetofend(struct uldf_ioc_events_read, events), .run = events_read,
	 .undo = events_unread},
	{},
};
