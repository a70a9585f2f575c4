/* SPDX-License-Identifier: GPL-2.0-only */
/* The PCI driver that claimed devices are bound to. */
#ifndef ULDF_DRIVER_H
#define ULDF_DRIVER_H

#include <linux/pci.h>

extern struct pci_driver uldf_pci_driver;

#endif
