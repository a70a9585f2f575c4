/* SPDX-License-Identifier: GPL-2.0-only */
/* Events of a device besides its interrupts, such as its removal, and how its holder learns of them. */
#ifndef ULDF_EVENT_H
#define ULDF_EVENT_H

#include "core/call.h"
#include "device/device.h"

extern const struct uldf_call uldf_event_calls[];

void uldf_events_open(struct uldf_device *udev);
void uldf_events_close(struct uldf_device *udev);
void uldf_events_note(struct uldf_device *udev, u32 what);
void uldf_events_tell(struct uldf_device *udev, u32 what);

#endif
