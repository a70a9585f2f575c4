/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of a claimed device. */
#ifndef ULDF_LIFE_H
#define ULDF_LIFE_H

#include "device/device.h"

int uldf_life_begin(struct pci_dev *pdev, char *reason);
void uldf_life_end(struct uldf_device *udev);

#endif
