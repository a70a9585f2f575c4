// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver of QEMU's edu device whose device strays: it writes to a page that is mapped for it, and once more
 * when the page is unmapped. The kernel's log says what the page held each time.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/iopoll.h>
#include <linux/module.h>
#include <linux/pci.h>

/* QEMU docs/specs/edu.rst */
#define EDU_SOURCE  0x80
#define EDU_TARGET  0x88
#define EDU_COUNT   0x90
#define EDU_COMMAND 0x98
#define EDU_START   0x1
#define EDU_TO_RAM  0x2
#define EDU_BUFFER  0x40000

#define PATTERN 0x12345678

/* The device writes a tenth of a second after it was told to. */
static int stray_write(void __iomem *registers, dma_addr_t address)
{
	u32 command;

	writeq(EDU_BUFFER, registers + EDU_SOURCE);
	writeq(address, registers + EDU_TARGET);
	writeq(sizeof(u32), registers + EDU_COUNT);
	writeq(EDU_START | EDU_TO_RAM, registers + EDU_COMMAND);
	return readl_poll_timeout(registers + EDU_COMMAND, command, !(command & EDU_START), 10000,
				  60000000);
}

static int stray_try(struct pci_dev *pdev, void __iomem *registers, u32 *page)
{
	dma_addr_t address;
	int ret;

	*page = PATTERN;
	address = dma_map_single(&pdev->dev, page, PAGE_SIZE, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(&pdev->dev, address))
		return -ENOMEM;
	ret = stray_write(registers, address);
	dma_unmap_single(&pdev->dev, address, PAGE_SIZE, DMA_BIDIRECTIONAL);
	if (ret)
		return ret;
	pci_info(pdev, "lab_stray: mapped, the page holds %#x\n", *page);
	*page = PATTERN;
	ret = stray_write(registers, address);
	if (!ret)
		pci_info(pdev, "lab_stray: unmapped, the page holds %#x\n", *page);
	return ret;
}

static int stray_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	void __iomem *registers;
	u32 *page;
	int ret = pcim_enable_device(pdev);

	if (ret)
		return ret;
	registers = pcim_iomap(pdev, 0, 0);
	page = (u32 *)devm_get_free_pages(&pdev->dev, GFP_KERNEL, 0);
	if (!registers || !page)
		return -ENOMEM;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(28));
	if (ret)
		return ret;
	pci_set_master(pdev);
	ret = stray_try(pdev, registers, page);
	pci_clear_master(pdev);
	return ret;
}

static const struct pci_device_id stray_ids[] = {
	{PCI_DEVICE(0x1234, 0x11e8)},
	{},
};
MODULE_DEVICE_TABLE(pci, stray_ids);

static struct pci_driver stray_driver = {
	.name = KBUILD_MODNAME,
	.id_table = stray_ids,
	.probe = stray_probe,
};
module_pci_driver(stray_driver);
MODULE_DESCRIPTION("lab: a device that writes to a page that was unmapped");
MODULE_LICENSE("GPL");
