// SPDX-License-Identifier: MIT
/* Intel 82576: nothing of it but that it can have virtual functions (datasheet, section 7.10). */
#include <linux/pci_regs.h>
#include "conform.h"

static const struct constant igb_constants[] = {{}};

const struct model igb_model = {
	.name = "igb",
	.id = 0x10c98086,
	.decode = PCI_COMMAND_MEMORY,
	.vectors = {[ULDF_IRQ_INTX] = 1, [ULDF_IRQ_MSI] = 1, [ULDF_IRQ_MSIX] = 10},
	.constants = igb_constants,
};
