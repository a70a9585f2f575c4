// SPDX-License-Identifier: GPL-2.0-only
#include <linux/interrupt.h>
#include <linux/interval_tree.h>
#include <linux/slab.h>
#include "compat.h"
#include "device.h"
#include "domain.h"
#include "endpoint.h"
#include "lazy.h"

/**
 * struct domain_mapping - a mapping, as the kernel made it in one call
 * @node: its first and last address
 * @phys: where @node.start leads to
 * @flags: VIRTIO_IOMMU_MAP_F_*
 * @refused: the device does not have it
 */
struct domain_mapping {
	struct interval_tree_node node;
	u64 phys;
	u32 flags;
	bool refused;
};

static struct guest_domain *domain_of(struct iommu_domain *domain)
{
	return container_of(domain, struct guest_domain, domain);
}

/* The first mapping that has an address in common with a range, or NULL. */
static struct domain_mapping *domain_find(struct guest_domain *domain, u64 first, u64 last)
{
	struct interval_tree_node *node = interval_tree_iter_first(&domain->mappings, first, last);

	return node ? container_of(node, struct domain_mapping, node) : NULL;
}

static struct domain_mapping *domain_next(struct domain_mapping *mapping, u64 first, u64 last)
{
	struct interval_tree_node *node = interval_tree_iter_next(&mapping->node, first, last);

	return node ? container_of(node, struct domain_mapping, node) : NULL;
}

struct iommu_domain *guest_domain_alloc(guest_alloc_arg arg)
{
	struct guest_device *device = guest_device();
	const struct virtio_iommu_config *config = &device->config;
	struct xa_limit numbers = XA_LIMIT(le32_to_cpu(config->domain_range.start),
					   le32_to_cpu(config->domain_range.end));
	struct guest_domain *domain;

	if (!guest_alloc_translates(arg))
		return NULL;
	domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	if (!domain)
		return NULL;
	domain->mappings = RB_ROOT_CACHED;
	domain->domain.ops = &guest_domain_ops;
	domain->domain.geometry = (struct iommu_domain_geometry){
		.aperture_start = le64_to_cpu(config->input_range.start),
		.aperture_end = le64_to_cpu(config->input_range.end),
		.force_aperture = true,
	};
	/* The kernel gives runs of any size in one call then, and each becomes one request. */
	domain->domain.pgsize_bitmap = PAGE_SIZE;
	if (!xa_alloc(&device->domains, &domain->number, domain, numbers, GFP_KERNEL))
		return &domain->domain;
	kfree(domain);
	return NULL;
}

static void domain_forget(struct guest_domain *domain, u64 first, u64 last)
{
	struct domain_mapping *mapping;

	while ((mapping = domain_find(domain, first, last))) {
		interval_tree_remove(&mapping->node, &domain->mappings);
		kfree(mapping);
	}
}

/* MAP, or UNMAP, which has the same members up to @last. */
static int domain_request(const struct guest_domain *domain, u8 type, u64 first, u64 last, u64 phys,
			  u32 flags)
{
	const union guest_request request = {
		.map.head.type = type,
		.map.domain = cpu_to_le32(domain->number),
		.map.virt_start = cpu_to_le64(first),
		.map.virt_end = cpu_to_le64(last),
		.map.phys_start = cpu_to_le64(phys),
		.map.flags = cpu_to_le32(flags),
	};

	return guest_queue_add(&guest_device()->queue, &request);
}

static int domain_request_map(const struct guest_domain *domain,
			      const struct domain_mapping *mapping)
{
	return domain_request(domain, VIRTIO_IOMMU_T_MAP, mapping->node.start, mapping->node.last,
			      mapping->phys, mapping->flags);
}

/* ATTACH, or DETACH, which has the same members. */
static int domain_call(const struct guest_domain *domain, u8 type,
		       const struct guest_endpoint *endpoint)
{
	const union guest_request request = {
		.attach.head.type = type,
		.attach.domain = cpu_to_le32(domain->number),
		.attach.endpoint = cpu_to_le32(endpoint->number),
	};

	return guest_queue_call(&guest_device()->queue, &request, NULL, 0);
}

/* A kernel that was told that an endpoint could not leave frees the domain all the same: what is left maps nothing. */
static void domain_free(struct iommu_domain *iommu)
{
	struct guest_domain *domain = domain_of(iommu);
	struct guest_device *device = guest_device();
	unsigned long flags;
	bool stays;

	spin_lock_irqsave(&device->queue.lock, flags);
	stays = domain->endpoints;
	domain_forget(domain, 0, ULONG_MAX);
	if (stays)
		domain_request(domain, VIRTIO_IOMMU_T_UNMAP, 0, iommu->geometry.aperture_end, 0, 0);
	/* No request names the domain afterwards. */
	guest_queue_ring(&device->queue);
	spin_unlock_irqrestore(&device->queue.lock, flags);
	if (stays)
		return;
	/* Nor does a fault. */
	synchronize_irq(device->events.irq);
	xa_erase(&device->domains, domain->number);
	kfree(domain);
}

/*
 * The device forgot what the domain maps when the last endpoint left it, or never knew. When it refused to let that
 * endpoint go it may know some of it.
 */
static int domain_replay(struct guest_domain *domain)
{
	unsigned int failures = domain->failures;
	struct domain_mapping *mapping = domain_find(domain, 0, ULONG_MAX);
	u64 last = domain->domain.geometry.aperture_end;
	int ret = domain_request(domain, VIRTIO_IOMMU_T_UNMAP, 0, last, 0, 0);

	for (; mapping && !ret; mapping = domain_next(mapping, 0, ULONG_MAX)) {
		mapping->refused = false;
		ret = domain_request_map(domain, mapping);
	}
	guest_queue_ring(&guest_device()->queue);
	return ret || domain->failures == failures ? ret : -EIO;
}

/* After an error, endpoint->domain tells whether it is in the domain, and the device refused some of the mappings. */
static int domain_enter(struct guest_domain *domain, struct guest_endpoint *endpoint)
{
	int ret = domain_call(domain, VIRTIO_IOMMU_T_ATTACH, endpoint);

	if (ret)
		return ret;
	endpoint->domain = domain;
	return domain->endpoints++ ? 0 : domain_replay(domain);
}

static void domain_leave(struct guest_endpoint *endpoint)
{
	if (endpoint->domain)
		endpoint->domain->endpoints--;
	endpoint->domain = NULL;
}

void guest_domain_detach(struct guest_endpoint *endpoint)
{
	if (endpoint->domain)
		domain_call(endpoint->domain, VIRTIO_IOMMU_T_DETACH, endpoint);
	domain_leave(endpoint);
}

/*
 * The kernel goes on to believe that an endpoint is in its old domain after a failure. The device may have it there or
 * nowhere when it refused ATTACH, and in the new one when it refused mappings: so the endpoint goes back.
 */
static int domain_move(struct guest_domain *domain, struct guest_endpoint *endpoint)
{
	struct guest_domain *old = endpoint->domain;
	int ret;

	if (old == domain)
		return 0;
	domain_leave(endpoint);
	ret = domain_enter(domain, endpoint);
	if (!ret)
		return 0;
	if (!old) {
		guest_domain_detach(endpoint);
		return ret;
	}
	domain_leave(endpoint);
	if (domain_enter(old, endpoint))
		pr_err("uldf_guest: endpoint %#x could not go back to its domain, and reaches %s\n",
		       endpoint->number, endpoint->domain ? "only a part of it" : "nothing");
	return ret;
}

static int domain_attach(struct iommu_domain *iommu, struct device *dev guest_attach_old)
{
	struct guest_queue *queue = &guest_device()->queue;
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&queue->lock, flags);
	ret = domain_move(domain_of(iommu), dev_iommu_priv_get(dev));
	spin_unlock_irqrestore(&queue->lock, flags);
	return ret;
}

/* Adds a mapping, and asks the device for it if it knows the domain. */
static int domain_add(struct guest_domain *domain, struct domain_mapping *mapping)
{
	int ret = domain->endpoints ? domain_request_map(domain, mapping) : 0;

	if (ret)
		return ret;
	interval_tree_insert(&mapping->node, &domain->mappings);
	if (guest_sync_map_tells || (domain->domain.type & __IOMMU_DOMAIN_DMA_API &&
				     !(mapping->flags & VIRTIO_IOMMU_MAP_F_MMIO)))
		return 0;
	/* checked.c does not look whether the device refused it. */
	guest_queue_ring(&guest_device()->queue);
	if (!mapping->refused)
		return 0;
	interval_tree_remove(&mapping->node, &domain->mappings);
	return -ENOMEM;
}

static int domain_map_pages(struct iommu_domain *iommu, unsigned long address, phys_addr_t phys,
			    size_t page, size_t pages, int prot, gfp_t gfp, size_t *mapped)
{
	struct guest_queue *queue = &guest_device()->queue;
	struct domain_mapping *mapping;
	unsigned long flags;
	int ret;

	if (!(prot & (IOMMU_READ | IOMMU_WRITE)))
		return -EINVAL;
	mapping = kmalloc(sizeof(*mapping), gfp);
	if (!mapping)
		return -ENOMEM;
	*mapping = (struct domain_mapping){
		.node = {.start = address, .last = address + pages * page - 1},
		.phys = phys,
		.flags = (prot & IOMMU_READ ? VIRTIO_IOMMU_MAP_F_READ : 0) |
			 (prot & IOMMU_WRITE ? VIRTIO_IOMMU_MAP_F_WRITE : 0) |
			 (prot & IOMMU_MMIO ? VIRTIO_IOMMU_MAP_F_MMIO : 0),
	};
	spin_lock_irqsave(&queue->lock, flags);
	ret = domain_add(domain_of(iommu), mapping);
	spin_unlock_irqrestore(&queue->lock, flags);
	if (ret)
		kfree(mapping);
	else
		*mapped = pages * page;
	return ret;
}

void guest_domain_refused(const struct virtio_iommu_req_map *request)
{
	struct guest_domain *domain =
		xa_load(&guest_device()->domains, le32_to_cpu(request->domain));
	struct domain_mapping *mapping = domain_find(domain, le64_to_cpu(request->virt_start),
						     le64_to_cpu(request->virt_end));

	/* The kernel took it back if it failed to map what followed. */
	if (mapping)
		mapping->refused = true;
	WRITE_ONCE(domain->failures, domain->failures + 1);
}

bool guest_domain_failed(struct guest_domain *domain, u64 address, size_t size)
{
	struct guest_queue *queue = &guest_device()->queue;
	u64 last = address + size - 1;
	struct domain_mapping *mapping;
	unsigned long flags;

	/* Its device could not be attached, which the kernel may have ignored. */
	if (unlikely(!READ_ONCE(domain->endpoints)))
		return domain->domain.type & __IOMMU_DOMAIN_DMA_API;
	if (likely(!READ_ONCE(domain->failures)))
		return false;
	spin_lock_irqsave(&queue->lock, flags);
	mapping = domain_find(domain, address, last);
	while (mapping && !mapping->refused)
		mapping = domain_next(mapping, address, last);
	spin_unlock_irqrestore(&queue->lock, flags);
	return mapping;
}

static guest_sync_map_result domain_sync_map(struct iommu_domain *iommu, unsigned long address,
					     size_t size)
{
	guest_queue_flush(&guest_device()->queue);
	guest_sync_map_return(guest_domain_failed(domain_of(iommu), address, size) ? -ENOMEM : 0);
}

/* The device refuses to end a part of a mapping. */
static bool domain_splits(struct guest_domain *domain, u64 first, u64 last)
{
	const struct domain_mapping *head = domain_find(domain, first, first);
	const struct domain_mapping *tail = domain_find(domain, last, last);

	return (head && head->node.start < first) || (tail && tail->node.last > last);
}

static size_t domain_unmap_pages(struct iommu_domain *iommu, unsigned long address, size_t page,
				 size_t pages, struct iommu_iotlb_gather *gather)
{
	struct guest_queue *queue = &guest_device()->queue;
	struct guest_domain *domain = domain_of(iommu);
	u64 last = address + pages * page - 1;
	unsigned long flags;
	bool splits;

	spin_lock_irqsave(&queue->lock, flags);
	splits = domain_splits(domain, address, last);
	if (!splits) {
		domain_forget(domain, address, last);
		/* A device that does not answer any more has said so. */
		if (domain->endpoints)
			domain_request(domain, VIRTIO_IOMMU_T_UNMAP, address, last, 0, 0);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return splits ? 0 : pages * page;
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
	struct guest_queue *queue = &guest_device()->queue;
	const struct domain_mapping *mapping;
	phys_addr_t phys = 0;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	mapping = domain_find(domain_of(iommu), address, address);
	if (mapping)
		phys = mapping->phys + (address - mapping->node.start);
	spin_unlock_irqrestore(&queue->lock, flags);
	return phys;
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
