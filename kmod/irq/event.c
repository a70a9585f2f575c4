// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: an eventfd tells the holder what happens to a device besides interrupts: its unplug or release,
 * errors that the bus reports, and resets by others. Each event is kept until the holder reads it, also
 * when the device is gone.
 *
 * Takes uldf_device.lock, then uldf_events.lock, and signals the eventfd under the latter.
 */
#include <linux/eventfd.h>

#include "core/compat.h"
#include "irq/event.h"

/* Connects @event, or none if NULL. Signals it at once if an event has happened and was not read. */
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

/* Drops the events of the previous holder. */
void uldf_events_open(struct uldf_device *udev)
{
	udev->events.happened = 0;
}

/* Disconnects the eventfd when the file is closed; the device may be gone. */
void uldf_events_close(struct uldf_device *udev)
{
	events_connect(udev, NULL);
}

static void events_add(struct uldf_device *udev, u32 what, bool signal)
{
	struct uldf_events *events = &udev->events;
	unsigned long flags;

	spin_lock_irqsave(&events->lock, flags);
	events->happened |= what;
	if (events->event && signal)
		uldf_eventfd_signal(events->event);
	spin_unlock_irqrestore(&events->lock, flags);
}

/**
 * uldf_events_note - let the holder find what is about to happen, if it asks
 * @udev: the device
 * @what: ULDF_EVENTS_* bits; uldf_events_tell() follows
 *
 * So that a holder whose access fails because of it can tell why.
 */
void uldf_events_note(struct uldf_device *udev, u32 what)
{
	events_add(udev, what, false);
}

/**
 * uldf_events_tell - tell the holder what happened
 * @udev: the device
 * @what: ULDF_EVENTS_* bits; it has happened already, since the holder may act on it at once
 */
void uldf_events_tell(struct uldf_device *udev, u32 what)
{
	events_add(udev, what, true);
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

/* Keeps for the next call the events that could not be copied to the caller. */
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
