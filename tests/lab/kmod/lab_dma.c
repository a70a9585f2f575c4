// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver of QEMU's edu device that counts what the kernel takes to map pages for it and to unmap them, in ticks of the
 * time stamp counter: one page, and a list of 256 that lie apart. The kernel's log has the least of 'rounds' each.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include "edu.h"

#define LIST 256

static unsigned int rounds = 100;
module_param(rounds, uint, 0444);

/* Every second page of memory that hangs together, so that no two of them do. */
static void dma_fill(struct scatterlist *list, struct page *pages, unsigned int count)
{
	sg_init_table(list, count);
	for (unsigned int i = 0; i < count; i++)
		sg_set_page(&list[i], pages + 2 * i, PAGE_SIZE, 0);
}

static int dma_count(struct pci_dev *pdev, struct scatterlist *list, unsigned int count)
{
	u64 begin, mapped, ended, map = U64_MAX, unmap = U64_MAX;

	for (unsigned int i = 0; i < rounds; i++) {
		begin = rdtsc_ordered();
		if (!dma_map_sg(&pdev->dev, list, count, DMA_FROM_DEVICE))
			return -ENOMEM;
		mapped = rdtsc_ordered();
		dma_unmap_sg(&pdev->dev, list, count, DMA_FROM_DEVICE);
		ended = rdtsc_ordered();
		map = min(map, mapped - begin);
		unmap = min(unmap, ended - mapped);
	}
	pci_info(pdev, "lab_dma: %u pages take %llu to map, %llu to unmap\n", count, map, unmap);
	return 0;
}

static int dma_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct scatterlist *list = kvcalloc(LIST, sizeof(*list), GFP_KERNEL);
	struct page *pages = alloc_pages(GFP_KERNEL, order_base_2(2 * LIST));
	void __iomem *registers;
	u32 *page;
	int ret = list && pages ? edu_open(pdev, &registers, &page) : -ENOMEM;

	if (!ret)
		ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	for (unsigned int count = 1; !ret && count <= LIST; count *= 16) {
		dma_fill(list, pages, count);
		ret = dma_count(pdev, list, count);
	}
	if (pages)
		__free_pages(pages, order_base_2(2 * LIST));
	kvfree(list);
	pci_clear_master(pdev);
	return ret;
}

static const struct pci_device_id dma_ids[] = {
	{PCI_DEVICE(0x1234, 0x11e8)},
	{},
};
MODULE_DEVICE_TABLE(pci, dma_ids);

static struct pci_driver dma_driver = {
	.name = KBUILD_MODNAME,
	.id_table = dma_ids,
	.probe = dma_probe,
};
module_pci_driver(dma_driver);
MODULE_DESCRIPTION("lab: a driver that counts what mapping takes");
MODULE_LICENSE("GPL");
