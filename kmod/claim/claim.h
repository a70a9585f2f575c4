/* SPDX-License-Identifier: GPL-2.0-only */
/* Claims and releases. */
#ifndef ULDF_CLAIM_H
#define ULDF_CLAIM_H

#include "device/device.h"

int uldf_claim(struct pci_dev *pdev, bool group, char *reason, u32 *reset);
int uldf_release(struct pci_dev *pdev, bool group, bool reprobe, u32 *reset);

int uldf_claim_admit(struct pci_dev *pdev, char *reason);
void uldf_claim_settle(struct pci_dev *pdev, int ret, const char *reason);
void uldf_claim_forget(struct uldf_device *udev);

#endif
