/* SPDX-License-Identifier: GPL-2.0-only */
/* QEMU's edu device (QEMU docs/specs/edu.rst), as far as it writes to memory. */
#ifndef LAB_EDU_H
#define LAB_EDU_H

#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/iopoll.h>
#include <linux/pci.h>

#define EDU_SOURCE  0x80
#define EDU_TARGET  0x88
#define EDU_COUNT   0x90
#define EDU_COMMAND 0x98
#define EDU_START   0x1
#define EDU_TO_RAM  0x2
#define EDU_BUFFER  0x40000

/* Has the device write 0 to an address. It does so a tenth of a second after it was told to. */
static inline int edu_write(void __iomem *registers, dma_addr_t address)
{
	u32 command;

	writeq(EDU_BUFFER, registers + EDU_SOURCE);
	writeq(address, registers + EDU_TARGET);
	writeq(sizeof(u32), registers + EDU_COUNT);
	writeq(EDU_START | EDU_TO_RAM, registers + EDU_COMMAND);
	return readl_poll_timeout(registers + EDU_COMMAND, command, !(command & EDU_START), 10000,
				  60000000);
}

/* Makes the device ready, with a page that it is to write to. */
static inline int edu_open(struct pci_dev *pdev, void __iomem **registers, u32 **page)
{
	int ret = pcim_enable_device(pdev);

	if (ret)
		return ret;
	*registers = pcim_iomap(pdev, 0, 0);
	*page = (u32 *)devm_get_free_pages(&pdev->dev, GFP_KERNEL, 0);
	if (!*registers || !*page)
		return -ENOMEM;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(28));
	if (!ret)
		pci_set_master(pdev);
	return ret;
}

#endif
