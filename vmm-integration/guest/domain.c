// SPDX-License-Identifier: GPL-2.0-only
#include <linux/interrupt.h>
#include <linux/slab.h>
#include "compat.h"
#include "device.h"
#include "domain.h"
#include "endpoint.h"
#include "lazy.h"

#define DOMAIN_ACCESS (VIRTIO_IOMMU_MAP_F_READ | VIRTIO_IOMMU_MAP_F_WRITE | VIRTIO_IOMMU_MAP_F_MMIO)

static struct guest_domain *domain_of(struct iommu_domain *domain)
{
	return container_of(domain, struct guest_domain, domain);
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
	if (guest_table_init(&domain->table))
		goto err_free;
	domain->domain.ops = &guest_domain_ops;
	domain->domain.geometry = (struct iommu_domain_geometry){
		.aperture_start = le64_to_cpu(config->input_range.start),
		.aperture_end = min(le64_to_cpu(config->input_range.end), GUEST_TABLE_LAST),
		.force_aperture = true,
	};
	/* The kernel gives runs of any size in one call then, and each becomes one request. */
	domain->domain.pgsize_bitmap = PAGE_SIZE;
	if (!xa_alloc(&device->domains, &domain->number, domain, numbers, GFP_KERNEL))
		return &domain->domain;
	guest_table_fini(&domain->table);
err_free:
	kfree(domain);
	return NULL;
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

static int domain_request_map(const struct guest_domain *domain, u64 first, u64 last, u64 entry)
{
	return domain_request(domain, VIRTIO_IOMMU_T_MAP, first, last, entry & ~GUEST_TABLE_FLAGS,
			      entry & DOMAIN_ACCESS);
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

/*
 * A kernel that was told that an endpoint could not leave frees the domain all the same: what is left maps nothing, also
 * for an endpoint that comes back.
 */
static void domain_free(struct iommu_domain *iommu)
{
	struct guest_domain *domain = domain_of(iommu);
	struct guest_device *device = guest_device();
	struct guest_table empty;
	bool stays, emptied = !guest_table_init(&empty);
	unsigned long flags;

	spin_lock_irqsave(&device->queue.lock, flags);
	stays = domain->endpoints;
	if (stays && emptied)
		swap(empty, domain->table);
	else if (stays)
		guest_table_change(&domain->table, 0, iommu->geometry.aperture_end, 0, 0);
	if (stays)
		domain_request(domain, VIRTIO_IOMMU_T_UNMAP, 0, iommu->geometry.aperture_end, 0, 0);
	/* No request names the domain afterwards. */
	guest_queue_ring(&device->queue);
	spin_unlock_irqrestore(&device->queue.lock, flags);
	if (emptied)
		guest_table_fini(&empty);
	if (stays)
		return;
	/* Nor does a fault. */
	synchronize_irq(device->events.irq);
	xa_erase(&device->domains, domain->number);
	guest_table_fini(&domain->table);
	kfree(domain);
}

static int domain_request_again(void *arg, u64 first, u64 last, u64 entry)
{
	struct guest_domain *domain = arg;

	guest_table_change(&domain->table, first, last, ~GUEST_TABLE_REFUSED, 0);
	return domain_request_map(domain, first, last, entry);
}

/*
 * The device forgot what the domain maps when the last endpoint left it, or never knew. When it refused to let that
 * endpoint go it may know some of it.
 */
static int domain_replay(struct guest_domain *domain)
{
	unsigned int failures = domain->failures;
	u64 last = domain->domain.geometry.aperture_end;
	int ret = domain_request(domain, VIRTIO_IOMMU_T_UNMAP, 0, last, 0, 0);

	ret = ret ?: guest_table_each(&domain->table, domain_request_again, domain);
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

static int domain_forget(struct guest_domain *domain, u64 first, u64 last, int ret)
{
	guest_table_change(&domain->table, first, last, 0, 0);
	return ret;
}

/* Enters pages, and asks the device for them if it knows the domain. */
static int domain_add(struct guest_domain *domain, u64 first, u64 last, u64 entry)
{
	int ret = guest_table_set(&domain->table, first, last, entry);

	if (ret)
		return ret;
	ret = domain->endpoints ? domain_request_map(domain, first, last, entry) : 0;
	if (ret)
		return domain_forget(domain, first, last, ret);
	if (guest_sync_map_tells ||
	    (domain->domain.type & __IOMMU_DOMAIN_DMA_API && !(entry & VIRTIO_IOMMU_MAP_F_MMIO)))
		return 0;
	/* checked.c does not look whether the device refused it. */
	guest_queue_ring(&guest_device()->queue);
	if (!(guest_table_get(&domain->table, first) & GUEST_TABLE_REFUSED))
		return 0;
	return domain_forget(domain, first, last, -ENOMEM);
}

static bool domain_has(const struct guest_domain *domain, u64 first, u64 last)
{
	const struct iommu_domain_geometry *geometry = &domain->domain.geometry;

	return geometry->aperture_start <= first && first <= last && last <= geometry->aperture_end;
}

static int domain_map_pages(struct iommu_domain *iommu, unsigned long address, phys_addr_t phys,
			    size_t page, size_t pages, int prot, gfp_t gfp, size_t *mapped)
{
	u64 entry = phys | (prot & IOMMU_READ ? VIRTIO_IOMMU_MAP_F_READ : 0) |
		    (prot & IOMMU_WRITE ? VIRTIO_IOMMU_MAP_F_WRITE : 0) |
		    (prot & IOMMU_MMIO ? VIRTIO_IOMMU_MAP_F_MMIO : 0);
	struct guest_queue *queue = &guest_device()->queue;
	struct guest_domain *domain = domain_of(iommu);
	u64 last = address + pages * page - 1;
	unsigned long flags;
	int ret;

	if (!(prot & (IOMMU_READ | IOMMU_WRITE)))
		return -EINVAL;
	if (!domain_has(domain, address, last))
		return -ERANGE;
	ret = guest_table_grow(&domain->table, address, last, gfp);
	if (ret)
		return ret;
	spin_lock_irqsave(&queue->lock, flags);
	ret = domain_add(domain, address, last, entry);
	spin_unlock_irqrestore(&queue->lock, flags);
	if (!ret)
		*mapped = pages * page;
	return ret;
}

void guest_domain_refused(const struct virtio_iommu_req_map *request)
{
	struct guest_domain *domain =
		xa_load(&guest_device()->domains, le32_to_cpu(request->domain));

	/* The kernel took it back if it failed to map what followed. */
	guest_table_change(&domain->table, le64_to_cpu(request->virt_start),
			   le64_to_cpu(request->virt_end), ~0ULL, GUEST_TABLE_REFUSED);
	WRITE_ONCE(domain->failures, domain->failures + 1);
}

bool guest_domain_failed(struct guest_domain *domain, u64 address, size_t size)
{
	/* Its device could not be attached, which the kernel may have ignored. */
	if (unlikely(!READ_ONCE(domain->endpoints)))
		return domain->domain.type & __IOMMU_DOMAIN_DMA_API;
	if (likely(!READ_ONCE(domain->failures)))
		return false;
	return guest_table_has(&domain->table, address, address + size - 1, GUEST_TABLE_REFUSED);
}

static guest_sync_map_result domain_sync_map(struct iommu_domain *iommu, unsigned long address,
					     size_t size)
{
	guest_queue_flush(&guest_device()->queue);
	guest_sync_map_return(guest_domain_failed(domain_of(iommu), address, size) ? -ENOMEM : 0);
}

/* The device ends a request to map whole: what a range cuts at its end goes, too, and the caller is told so. */
static size_t domain_unmap_pages(struct iommu_domain *iommu, unsigned long address, size_t page,
				 size_t pages, struct iommu_iotlb_gather *gather)
{
	struct guest_queue *queue = &guest_device()->queue;
	struct guest_domain *domain = domain_of(iommu);
	u64 last = address + pages * page - 1;
	size_t size = 0;
	unsigned long flags;

	if (!domain_has(domain, address, last))
		return 0;
	spin_lock_irqsave(&queue->lock, flags);
	if (guest_table_get(&domain->table, address) & GUEST_TABLE_FIRST) {
		last = guest_table_end(&domain->table, last);
		size = last - address + 1;
		guest_table_change(&domain->table, address, last, 0, 0);
		iommu_iotlb_gather_add_range(gather, address, size);
		/* A device that does not answer any more has said so. */
		if (domain->endpoints)
			domain_request(domain, VIRTIO_IOMMU_T_UNMAP, address, last, 0, 0);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return size;
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
	const struct guest_domain *domain = domain_of(iommu);
	u64 entry = 0;

	if (domain_has(domain, address, address))
		entry = guest_table_get(&domain->table, address);
	return entry ? (entry & ~GUEST_TABLE_FLAGS) + offset_in_page(address) : 0;
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
