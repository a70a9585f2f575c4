/* SPDX-License-Identifier: GPL-2.0-only */
/* The command register of a device, and what is noted of it. */
#ifndef ULDF_COMMAND_H
#define ULDF_COMMAND_H

#include "device/device.h"

/* Does the device decode I/O or memory, so that accesses are answered? memory_lock is held. */
static inline bool uldf_command_decodes(const struct uldf_device *udev, u16 bit)
{
	return udev->command.decodes & bit;
}

void uldf_command_init(struct uldf_device *udev);
u16 uldf_command_decoders(const struct uldf_device *udev);
void uldf_command_read(struct uldf_device *udev);
void uldf_command_change(struct uldf_device *udev, u16 clear, u16 set);
bool uldf_command_masters(const struct uldf_device *udev);
void uldf_command_start_master(struct uldf_device *udev);
void uldf_command_stop_master(struct uldf_device *udev);
u16 uldf_command_decode_begin(struct uldf_device *udev);
void uldf_command_decode_end(struct uldf_device *udev, u16 before);
void uldf_command_forget_master(struct uldf_device *udev);
void uldf_command_sleep(struct uldf_device *udev);
void uldf_command_wake(struct uldf_device *udev);
void uldf_command_set_intx(struct uldf_device *udev, bool on);
void uldf_command_switch_intx(struct uldf_device *udev, bool on);

#endif
