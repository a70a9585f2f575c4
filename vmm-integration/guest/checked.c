// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the kernel has no way to report that a map failed when it was synced: stands between drivers
 * and dma-iommu, looks at what dma-iommu mapped, and takes it back when some of it failed. The maps of
 * registers and of user space do not come by here; domain.c reports theirs.
 */
#include <linux/dma-map-ops.h>
#include "compat.h"
#include "domain.h"
#include "endpoint.h"

static const struct dma_map_ops *inner; /* dma-iommu's, which all devices have */

static bool checked_failed(struct device *dev, dma_addr_t address, size_t size)
{
	const struct guest_endpoint *endpoint = dev_iommu_priv_get(dev);
	struct guest_domain *domain = READ_ONCE(endpoint->domain);

	return !domain || guest_domain_failed(domain, address, size);
}

static dma_addr_t checked_map_page(struct device *dev, struct page *page, unsigned long offset,
				   size_t size, enum dma_data_direction dir, unsigned long attrs)
{
	dma_addr_t address = inner->map_page(dev, page, offset, size, dir, attrs);

	if (address == DMA_MAPPING_ERROR || !checked_failed(dev, address, size))
		return address;
	inner->unmap_page(dev, address, size, dir, attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return DMA_MAPPING_ERROR;
}

static int checked_map_sg(struct device *dev, struct scatterlist *list, int count,
			  enum dma_data_direction dir, unsigned long attrs)
{
	int mapped = inner->map_sg(dev, list, count, dir, attrs);
	struct scatterlist *entry;
	int i;

	for_each_sg(list, entry, mapped, i)
	{
		if (checked_failed(dev, sg_dma_address(entry), sg_dma_len(entry))) {
			inner->unmap_sg(dev, list, count, dir, attrs | DMA_ATTR_SKIP_CPU_SYNC);
			return -ENOMEM;
		}
	}
	return mapped;
}

static void *checked_alloc(struct device *dev, size_t size, dma_addr_t *address, gfp_t gfp,
			   unsigned long attrs)
{
	void *memory = inner->alloc(dev, size, address, gfp, attrs);

	if (!memory || !checked_failed(dev, *address, size))
		return memory;
	inner->free(dev, size, memory, *address, attrs);
	return NULL;
}

static struct sg_table *checked_alloc_noncontiguous(struct device *dev, size_t size,
						    enum dma_data_direction dir, gfp_t gfp,
						    unsigned long attrs)
{
	struct sg_table *table = inner->alloc_noncontiguous(dev, size, dir, gfp, attrs);

	if (!table || !checked_failed(dev, sg_dma_address(table->sgl), size))
		return table;
	inner->free_noncontiguous(dev, size, table, dir);
	return NULL;
}

void guest_checked_setup(struct device *dev)
{
	static struct dma_map_ops checked;

	if (!dev->dma_ops || dev->dma_ops == &checked)
		return;
	if (!inner) {
		inner = dev->dma_ops;
		checked = *inner;
		checked.map_page = checked_map_page;
		checked.map_sg = checked_map_sg;
		checked.alloc = checked_alloc;
		checked.alloc_noncontiguous = checked_alloc_noncontiguous;
	}
	dev->dma_ops = &checked;
}
