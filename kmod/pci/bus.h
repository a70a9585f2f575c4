/* SPDX-License-Identifier: GPL-2.0-only */
/* Resets of a bus, with all that is on it. */
#ifndef ULDF_BUS_H
#define ULDF_BUS_H

#include "device/device.h"

int uldf_bus_reset(struct pci_dev *pdev, struct uldf_device *holder);

#endif
