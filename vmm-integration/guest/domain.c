// SPDX-License-Identifier: GPL-2.0-only
#include <linux/slab.h>
#include "compat.h"
#include "device.h"
#include "domain.h"
#include "endpoint.h"
#include "lazy.h"

static struct guest_domain *domain_of(struct iommu_domain *domain)
{
	return container_of(domain, struct guest_domain, domain);
}

struct iommu_domain *guest_domain_alloc(void)
{
	struct guest_device *device = guest_device();
	const struct virtio_iommu_config *config = &device->config;
	struct guest_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	int number;

	if (!domain)
		return NULL;
	number = ida_alloc_range(&device->domains, le32_to_cpu(config->domain_range.start),
				 le32_to_cpu(config->domain_range.end), GFP_KERNEL);
	if (number < 0)
		goto err_free;
	if (guest_table_init(&domain->table))
		goto err_number;
	domain->number = number;
	domain->domain.ops = &guest_domain_ops;
	domain->domain.geometry = (struct iommu_domain_geometry){
		.aperture_start = le64_to_cpu(config->input_range.start),
		.aperture_end = min_t(u64, le64_to_cpu(config->input_range.end), GUEST_TABLE_LAST),
		.force_aperture = true,
	};
	/* The kernel gives runs of any size in one call then, and each becomes one request. */
	domain->domain.pgsize_bitmap = PAGE_SIZE;
	return &domain->domain;
err_number:
	ida_free(&device->domains, number);
err_free:
	kfree(domain);
	return NULL;
}

static void domain_free(struct iommu_domain *iommu)
{
	struct guest_domain *domain = domain_of(iommu);

	/* No request names the domain afterwards. */
	guest_queue_flush(&guest_device()->queue);
	guest_table_fini(&domain->table);
	ida_free(&guest_device()->domains, domain->number);
	kfree(domain);
}

static int domain_request_map(struct guest_domain *domain, u64 address, u64 phys, size_t pages,
			      u32 flags)
{
	union guest_request request;
	size_t size = guest_encode_map(&request, domain->number, address,
				       address + ((u64)pages << PAGE_SHIFT) - 1, phys, flags);

	return guest_queue_add(&guest_device()->queue, &request, size, domain);
}

/* The device forgot what the domain maps when the last endpoint left it, or never knew. */
static int domain_replay(struct guest_domain *domain)
{
	unsigned int failures = domain->failures;
	u64 address = 0, entry;
	size_t pages;

	while ((pages = guest_table_next(&domain->table, &address, &entry))) {
		int ret = domain_request_map(domain, address, entry & PAGE_MASK, pages,
					     entry & GUEST_ENTRY_FLAGS);

		if (ret)
			return ret;
		address += (u64)pages << PAGE_SHIFT;
	}
	guest_queue_ring(&guest_device()->queue);
	return domain->failures == failures ? 0 : -EIO;
}

static int domain_attach(struct iommu_domain *iommu, struct device *dev guest_attach_old)
{
	struct guest_queue *queue = &guest_device()->queue;
	struct guest_endpoint *endpoint = dev_iommu_priv_get(dev);
	struct guest_domain *domain = domain_of(iommu);
	union guest_request request;
	unsigned long flags;
	size_t size;
	int ret = 0;

	spin_lock_irqsave(&queue->lock, flags);
	if (endpoint->domain == domain)
		goto out;
	size = guest_encode_move(&request, VIRTIO_IOMMU_T_ATTACH, domain->number, endpoint->number);
	ret = guest_queue_call(queue, &request, size, NULL, 0);
	if (ret)
		goto out;
	if (endpoint->domain)
		endpoint->domain->endpoints--;
	endpoint->domain = domain;
	if (!domain->endpoints++)
		ret = domain_replay(domain);
out:
	spin_unlock_irqrestore(&queue->lock, flags);
	return ret;
}

static u32 domain_flags(int prot)
{
	return (prot & IOMMU_READ ? VIRTIO_IOMMU_MAP_F_READ : 0) |
	       (prot & IOMMU_WRITE ? VIRTIO_IOMMU_MAP_F_WRITE : 0) |
	       (prot & IOMMU_MMIO ? VIRTIO_IOMMU_MAP_F_MMIO : 0);
}

static int domain_map_pages(struct iommu_domain *iommu, unsigned long address, phys_addr_t phys,
			    size_t page, size_t pages, int prot, gfp_t gfp, size_t *mapped)
{
	struct guest_queue *queue = &guest_device()->queue;
	struct guest_domain *domain = domain_of(iommu);
	u32 access = domain_flags(prot);
	unsigned long flags;
	int ret = 0;

	if (!(access & (VIRTIO_IOMMU_MAP_F_READ | VIRTIO_IOMMU_MAP_F_WRITE)))
		return -EINVAL;
	if (guest_table_reserve(&domain->table, address, pages, gfp))
		return -ENOMEM;
	spin_lock_irqsave(&queue->lock, flags);
	guest_table_set(&domain->table, address, phys, pages, access);
	if (domain->endpoints)
		ret = domain_request_map(domain, address, phys, pages, access);
	if (ret)
		guest_table_clear(&domain->table, address, pages);
	spin_unlock_irqrestore(&queue->lock, flags);
	if (!ret)
		*mapped = pages * page;
	return ret;
}

void guest_domain_not_mapped(struct guest_domain *domain,
			     const struct virtio_iommu_req_map *request)
{
	u64 first = le64_to_cpu(request->virt_start), last = le64_to_cpu(request->virt_end);

	guest_table_fail(&domain->table, first, (last - first + 1) >> PAGE_SHIFT);
	WRITE_ONCE(domain->failures, domain->failures + 1);
}

bool guest_domain_failed(const struct guest_domain *domain, u64 address, size_t size)
{
	return unlikely(READ_ONCE(domain->failures)) &&
	       guest_table_failed(&domain->table, address & PAGE_MASK,
				  PAGE_ALIGN(offset_in_page(address) + size) >> PAGE_SHIFT);
}

static guest_sync_map_result domain_sync_map(struct iommu_domain *iommu, unsigned long address,
					     size_t size)
{
	guest_queue_flush(&guest_device()->queue);
	guest_sync_map_return(guest_domain_failed(domain_of(iommu), address, size) ? -ENOMEM : 0);
}

/* The device refuses to end a part of a mapping. */
static bool domain_splits(const struct guest_domain *domain, u64 address, size_t pages)
{
	u64 last = address + ((u64)(pages - 1) << PAGE_SHIFT);

	return guest_table_entry(&domain->table, last) & GUEST_ENTRY_MORE ||
	       (address &&
		guest_table_entry(&domain->table, address - PAGE_SIZE) & GUEST_ENTRY_MORE);
}

static size_t domain_unmap_pages(struct iommu_domain *iommu, unsigned long address, size_t page,
				 size_t pages, struct iommu_iotlb_gather *gather)
{
	struct guest_queue *queue = &guest_device()->queue;
	struct guest_domain *domain = domain_of(iommu);
	size_t size = pages * page, bytes;
	union guest_request request;
	unsigned long flags;
	bool splits;

	spin_lock_irqsave(&queue->lock, flags);
	splits = domain_splits(domain, address, pages);
	if (!splits) {
		guest_table_clear(&domain->table, address, pages);
		bytes = guest_encode_unmap(&request, domain->number, address, address + size - 1);
		/* A device that does not answer any more has said so. */
		if (domain->endpoints)
			guest_queue_add(queue, &request, bytes, NULL);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return splits ? 0 : size;
}

static void domain_sync(struct iommu_domain *iommu, struct iommu_iotlb_gather *gather)
{
	if (guest_lazy_may_wait(iommu))
		guest_lazy_wait();
	else
		guest_queue_flush(&guest_device()->queue);
}

static void domain_flush(struct iommu_domain *iommu)
{
	guest_queue_flush(&guest_device()->queue);
}

static phys_addr_t domain_phys(struct iommu_domain *iommu, dma_addr_t address)
{
	u64 entry = guest_table_entry(&domain_of(iommu)->table, address);

	return entry ? (entry & PAGE_MASK) | offset_in_page(address) : 0;
}

const struct iommu_domain_ops guest_domain_ops = {
	.attach_dev = domain_attach,
	.map_pages = domain_map_pages,
	.unmap_pages = domain_unmap_pages,
	.flush_iotlb_all = domain_flush,
	.iotlb_sync_map = domain_sync_map,
	.iotlb_sync = domain_sync,
	.iova_to_phys = domain_phys,
	.free = domain_free,
};
