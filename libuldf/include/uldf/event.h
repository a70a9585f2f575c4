/* SPDX-License-Identifier: MIT */
#ifndef ULDF_EVENT_H
#define ULDF_EVENT_H

#include <uldf/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/** enum - what can happen to a device besides its interrupts */
enum {
	ULDF_EVENT_REMOVED = 1 << 0, /* unplugged, or released by the admin: close it */
	ULDF_EVENT_ERROR =
		1 << 1, /* the bus reported an uncorrectable error (AER): regions are shut */
	ULDF_EVENT_RESET =
		1 << 2, /* reset by others: the kernel after an error, then open it anew, or
				    * the admin, then its registers have their reset values */
};

/**
 * uldf_event_bind() - have an eventfd signalled when something happens to the device
 * @device: device
 * @fd: eventfd, -1 to end it; the caller keeps it, and may close it
 *
 * Return: 0, -EINVAL not an eventfd, -ENOTSUP the backend tells nothing, -ENODEV gone.
 */
int uldf_event_bind(struct uldf_device *device, int fd);

/**
 * uldf_event_read() - what happened since the last call
 * @device: device; this call works after it is gone, too
 * @events: out: ULDF_EVENT_* bits; untouched on failure
 *
 * Return: 0, -ENOTSUP the backend tells nothing.
 */
int uldf_event_read(struct uldf_device *device, unsigned int *events);

#ifdef __cplusplus
}
#endif

#endif
