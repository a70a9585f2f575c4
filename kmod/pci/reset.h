/* SPDX-License-Identifier: GPL-2.0-only */
/* Resets of a device by its own methods. */
#ifndef ULDF_RESET_H
#define ULDF_RESET_H

#include "device/device.h"

const char *uldf_reset_name(u32 method);
int uldf_reset(struct uldf_device *udev, u32 *method);
bool uldf_reset_is_own(const struct pci_dev *pdev);
int uldf_reset_with_slot(struct uldf_device *udev);
void uldf_reset_begin(struct uldf_device *udev);
void uldf_reset_end(struct uldf_device *udev);
void uldf_reset_prepare(struct pci_dev *pdev);
void uldf_reset_done(struct pci_dev *pdev);

#endif
