/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtual functions of claimed physical functions. */
#ifndef ULDF_FUNCTIONS_H
#define ULDF_FUNCTIONS_H

#include "core/call.h"
#include "device/device.h"

extern const struct uldf_call uldf_functions_calls[];

int uldf_functions_init(void);
void uldf_functions_fini(void);
bool uldf_functions_ours(struct pci_dev *pdev);
void uldf_functions_end(struct uldf_device *udev);
void uldf_functions_drop(struct uldf_device *udev);

#endif
