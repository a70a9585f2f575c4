/* SPDX-License-Identifier: GPL-2.0-only */
/* INTx: the level-triggered interrupt of a device. */
#ifndef ULDF_INTX_H
#define ULDF_INTX_H

#include "device/device.h"

void uldf_intx_init(struct uldf_device *udev);
int uldf_intx_request(struct uldf_device *udev);
void uldf_intx_free(struct uldf_device *udev);
void uldf_intx_mask(struct uldf_device *udev);
void uldf_intx_unmask(struct uldf_device *udev);
int uldf_intx_bind_unmasker(struct uldf_device *udev, int fd);
void uldf_intx_quiet(struct uldf_device *udev);
void uldf_intx_suspend(struct uldf_device *udev);
void uldf_intx_resume(struct uldf_device *udev);
int uldf_intx_silence(struct uldf_device *udev);
void uldf_intx_end_silence(struct uldf_device *udev, int line);

#endif
