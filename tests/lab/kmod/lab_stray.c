// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver of QEMU's edu device whose device strays: it writes to a page that is mapped for it, and once more
 * when the page is unmapped. The kernel's log says what the page held each time.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include "edu.h"

#define PATTERN 0x12345678

static int stray_try(struct pci_dev *pdev, void __iomem *registers, u32 *page)
{
	dma_addr_t address;
	int ret;

	*page = PATTERN;
	address = dma_map_single(&pdev->dev, page, PAGE_SIZE, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(&pdev->dev, address))
		return -ENOMEM;
	ret = edu_write(registers, address);
	dma_unmap_single(&pdev->dev, address, PAGE_SIZE, DMA_BIDIRECTIONAL);
	if (ret)
		return ret;
	pci_info(pdev, "lab_stray: mapped, the page holds %#x\n", *page);
	*page = PATTERN;
	ret = edu_write(registers, address);
	if (!ret)
		pci_info(pdev, "lab_stray: unmapped, the page holds %#x\n", *page);
	return ret;
}

static int stray_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	void __iomem *registers;
	u32 *page;
	int ret = edu_open(pdev, &registers, &page);

	if (ret)
		return ret;
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
