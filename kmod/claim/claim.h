/* SPDX-License-Identifier: GPL-2.0-only */
/* Claims and releases. */
#ifndef ULDF_CLAIM_H
#define ULDF_CLAIM_H

#include "device/device.h"

struct uldf_members;

int uldf_claim(const struct uldf_members *members, bool group, char *reason, u32 *reset);
int uldf_release(const struct uldf_members *members, u32 flags, char *reason, u32 *reset);

int uldf_claim_admit(struct pci_dev *pdev, char *reason);
void uldf_claim_settle(struct pci_dev *pdev, int ret, const char *reason);
void uldf_claim_forget(struct uldf_device *udev);

#endif
