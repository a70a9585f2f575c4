/* SPDX-License-Identifier: GPL-2.0-only */
/* Batches of register accesses. */
#ifndef ULDF_PCI_BATCH_H
#define ULDF_PCI_BATCH_H

#include "device/device.h"

long uldf_batch_run(struct uldf_device *udev, unsigned long user);

#endif
