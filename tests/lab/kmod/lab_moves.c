// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver of QEMU's edu device that moves its device to a domain of its own, which the IOMMU may refuse: 'beyond=1'
 * maps an address there that is no memory. 'last=ADDRESS' maps the last page of RAM, which the kernel leaves alone, and
 * pages behind it, as dma-iommu pads lists. The kernel's log says where the device's writes arrive before, then, and when
 * it is back.
 */
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/version.h>
#include "edu.h"

#define PATTERN 0x12345678

/* Addresses of the domain, below those that dma-iommu uses first. */
#define OWN    0x100000
#define BEYOND 0x200000

/* A physical address that no machine of the lab has. */
#define NOWHERE (1ULL << 38)

#define PADDED (4 * PAGE_SIZE)

static bool beyond;
module_param(beyond, bool, 0444);

static unsigned long last;
module_param(last, ulong, 0444);

/* 6.3: maps are told how to allocate; 6.11: domains are for a device, not for a bus */
static int moves_map(struct iommu_domain *domain, unsigned long address, phys_addr_t phys,
		     size_t size)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return iommu_map(domain, address, phys, size, IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
#else
	return iommu_map(domain, address, phys, size, IOMMU_READ | IOMMU_WRITE);
#endif
}

static struct iommu_domain *moves_domain(struct device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	struct iommu_domain *domain = iommu_paging_domain_alloc(dev);

	return IS_ERR(domain) ? NULL : domain;
#else
	return iommu_domain_alloc(dev->bus);
#endif
}

static int moves_write(struct pci_dev *pdev, void __iomem *registers, u32 *page, dma_addr_t address,
		       const char *when)
{
	int ret;

	*page = PATTERN;
	ret = edu_write(registers, address);
	if (!ret)
		pci_info(pdev, "lab_moves: %s, the page holds %#x\n", when, *page);
	return ret;
}

/* What the IOMMU's driver tells of accesses that were refused. */
static int moves_hear(struct iommu_domain *domain, struct device *dev, unsigned long address,
		      int flags, void *unused)
{
	dev_info(dev, "lab_moves: hears that a %s at %#lx was refused\n",
		 flags & IOMMU_FAULT_WRITE ? "write" : "read", address);
	return 0;
}

/* In the domain: the device writes to what is mapped there, and again when it is mapped no more. */
static int moves_stay(struct pci_dev *pdev, void __iomem *registers, u32 *page,
		      struct iommu_domain *domain)
{
	int ret = moves_write(pdev, registers, page, OWN, "moved");

	if (!ret && last)
		ret = moves_write(pdev, registers, page, OWN + PAGE_SIZE, "behind RAM");
	iommu_unmap(domain, OWN, last ? PADDED : PAGE_SIZE);
	return ret ?: moves_write(pdev, registers, page, OWN, "unmapped");
}

/* The same with the last page of RAM. */
static int moves_stay_last(struct pci_dev *pdev, void __iomem *registers,
			   struct iommu_domain *domain)
{
	u32 *page = memremap(last, PAGE_SIZE, MEMREMAP_WB);
	int ret = page ? moves_stay(pdev, registers, page, domain) : -ENOMEM;

	if (page)
		memunmap(page);
	return ret;
}

static int moves_try(struct pci_dev *pdev, void __iomem *registers, u32 *page, dma_addr_t address,
		     struct iommu_domain *domain)
{
	int moved, ret;

	if (last)
		ret = moves_map(domain, OWN, last, PADDED);
	else
		ret = moves_map(domain, OWN, virt_to_phys(page), PAGE_SIZE);
	if (!ret && beyond)
		ret = moves_map(domain, BEYOND, NOWHERE, PAGE_SIZE);
	if (!ret)
		ret = moves_write(pdev, registers, page, address, "before");
	if (ret)
		return ret;
	moved = iommu_attach_device(domain, &pdev->dev);
	pci_info(pdev, "lab_moves: the move is answered %s\n", moved ? "with an error" : "with 0");
	if (!moved) {
		ret = last ? moves_stay_last(pdev, registers, domain)
			   : moves_stay(pdev, registers, page, domain);
		iommu_detach_device(domain, &pdev->dev);
	}
	return ret ?: moves_write(pdev, registers, page, address, "back");
}

static int moves_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct iommu_domain *domain;
	void __iomem *registers;
	dma_addr_t address;
	u32 *page;
	int ret = edu_open(pdev, &registers, &page);

	if (ret)
		return ret;
	domain = moves_domain(&pdev->dev);
	if (!domain)
		return -ENOMEM;
	iommu_set_fault_handler(domain, moves_hear, NULL);
	address = dma_map_single(&pdev->dev, page, PAGE_SIZE, DMA_BIDIRECTIONAL);
	ret = dma_mapping_error(&pdev->dev, address);
	if (!ret) {
		ret = moves_try(pdev, registers, page, address, domain);
		dma_unmap_single(&pdev->dev, address, PAGE_SIZE, DMA_BIDIRECTIONAL);
	}
	iommu_domain_free(domain);
	pci_clear_master(pdev);
	return ret;
}

static const struct pci_device_id moves_ids[] = {
	{PCI_DEVICE(0x1234, 0x11e8)},
	{},
};
MODULE_DEVICE_TABLE(pci, moves_ids);

static struct pci_driver moves_driver = {
	.name = KBUILD_MODNAME,
	.id_table = moves_ids,
	.probe = moves_probe,
};
module_pci_driver(moves_driver);
MODULE_DESCRIPTION("lab: a driver whose device moves to a domain that the IOMMU may refuse");
MODULE_LICENSE("GPL");
