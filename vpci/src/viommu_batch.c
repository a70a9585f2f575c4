// SPDX-License-Identifier: MIT
/*
 * Requests to map and unmap. The engine collects requests of one kind for one domain that follow
 * each other, checks each against the domain's mappings, and carries them all out by one call of
 * the VMM.
 */
#include <errno.h>
#include <linux/virtio_iommu.h>
#include "viommu.h"

static void batch_forget(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain,
			 const struct vpci_viommu_mapping *mapping)
{
	vpci_viommu_mappings_remove(&domain->mappings, mapping);
	vpci_viommu_add(&viommu->counters.mappings, (uint64_t)-1);
}

/* A request to map that failed leaves no mapping. */
static void batch_answer_map(struct vpci_viommu *viommu, unsigned int index, int err)
{
	struct vpci_viommu_batch *batch = &viommu->batch;
	const struct vpci_viommu_mapping *piece = &batch->list[index];
	uint64_t last = piece->address + (piece->size - 1);

	*batch->results[index] = err;
	if (!err) {
		vpci_viommu_add(&viommu->counters.maps, 1);
		return;
	}
	batch_forget(viommu, batch->domain,
		     vpci_viommu_mappings_find(&batch->domain->mappings, piece->address, last));
}

/* The VMM makes all mappings of a call or none. After a failure the engine tries the halves. */
static void batch_call_map(struct vpci_viommu *viommu, unsigned int first, unsigned int count)
{
	struct vpci_viommu_batch *batch = &viommu->batch;
	int err = viommu->ops->map(viommu->host, batch->domain->handle, &batch->list[first], count);

	vpci_viommu_add(&viommu->counters.map_calls, 1);
	if (err && count > 1) {
		batch_call_map(viommu, first, count / 2);
		batch_call_map(viommu, first + count / 2, count - count / 2);
		return;
	}
	for (unsigned int i = first; i < first + count; i++)
		batch_answer_map(viommu, i, err);
}

static void batch_call_unmap(struct vpci_viommu *viommu)
{
	struct vpci_viommu_batch *batch = &viommu->batch;
	int err;

	if (!batch->pieces)
		return;
	err = viommu->ops->unmap(viommu->host, batch->domain->handle, batch->list, batch->pieces);
	vpci_viommu_add(&viommu->counters.unmap_calls, 1);
	batch->pieces = 0;
	if (!err)
		return;
	batch->failed = true;
	vpci_viommu_kill(viommu, batch->domain, err);
}

/* The VMM does not say which mapping it failed to end, so all requests of the batch get the error. */
static void batch_finish_unmap(struct vpci_viommu *viommu)
{
	struct vpci_viommu_batch *batch = &viommu->batch;

	batch_call_unmap(viommu);
	for (unsigned int i = 0; i < batch->requests; i++)
		*batch->results[i] = batch->failed ? -EIO : 0;
	batch->failed = false;
}

void vpci_viommu_flush(struct vpci_viommu *viommu)
{
	struct vpci_viommu_batch *batch = &viommu->batch;

	if (batch->requests && batch->unmap)
		batch_finish_unmap(viommu);
	else if (batch->requests)
		batch_call_map(viommu, 0, batch->pieces);
	batch->requests = batch->pieces = 0;
	batch->domain = NULL;
}

/* Begins a batch, or goes on with the present one if it suits and has room. */
static void batch_open(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain, bool unmap)
{
	struct vpci_viommu_batch *batch = &viommu->batch;

	if (batch->domain != domain || batch->unmap != unmap ||
	    batch->requests == VPCI_VIOMMU_BATCH)
		vpci_viommu_flush(viommu);
	batch->domain = domain;
	batch->unmap = unmap;
}

/* Checks of a range what does not depend on the domain's mappings (virtio 1.2 section 5.13.6.5.2). */
static int batch_check_range(const struct vpci_viommu *viommu,
			     const struct vpci_viommu_request *request)
{
	uint64_t target_last;

	if (request->last < request->first)
		return -EINVAL;
	if ((request->first | request->target | (request->last + 1)) & (viommu->page - 1))
		return -ERANGE;
	if (request->first < viommu->config.input_first ||
	    request->last > viommu->config.input_last ||
	    __builtin_add_overflow(request->target, request->last - request->first, &target_last) ||
	    target_last == UINT64_MAX)
		return -ERANGE;
	return 0;
}

static bool batch_is_reserved(const struct vpci_viommu_domain *domain, uint64_t first,
			      uint64_t last)
{
	const struct vpci_viommu_endpoint *endpoint;

	LIST_FOREACH(endpoint, &domain->endpoints, peers)
		for (size_t i = 0; i < endpoint->count; i++)
			if (endpoint->reserved[i].first <= last &&
			    first <= endpoint->reserved[i].last)
				return true;
	return false;
}

static int batch_check_map(const struct vpci_viommu *viommu,
			   const struct vpci_viommu_domain *domain,
			   const struct vpci_viommu_request *request)
{
	uint32_t access = VIRTIO_IOMMU_MAP_F_READ | VIRTIO_IOMMU_MAP_F_WRITE;
	int err;

	if (!(request->flags & access) || (request->flags & ~(access | VIRTIO_IOMMU_MAP_F_MMIO)))
		return -EINVAL;
	if (!domain)
		return -ENOENT;
	if (domain->bypass)
		return -EINVAL;
	if (domain->dead)
		return -EIO;
	err = batch_check_range(viommu, request);
	if (err)
		return err;
	return batch_is_reserved(domain, request->first, request->last) ? -EINVAL : 0;
}

static int batch_add_map(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain,
			 const struct vpci_viommu_mapping *mapping)
{
	if (viommu->counters.mappings >= viommu->most_mappings)
		return -ENOSPC;
	return vpci_viommu_mappings_add(&domain->mappings, mapping);
}

static void batch_map(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain,
		      const struct vpci_viommu_request *request, int *result)
{
	struct vpci_viommu_mapping mapping = {
		.address = request->first,
		.target = request->target,
		.size = request->last - request->first + 1,
		.access = (request->flags & VIRTIO_IOMMU_MAP_F_READ ? VPCI_VIOMMU_READ : 0) |
			  (request->flags & VIRTIO_IOMMU_MAP_F_WRITE ? VPCI_VIOMMU_WRITE : 0) |
			  (request->flags & VIRTIO_IOMMU_MAP_F_MMIO ? VPCI_VIOMMU_MMIO : 0),
	};
	struct vpci_viommu_batch *batch = &viommu->batch;
	int err;

	batch_open(viommu, domain, false);
	/* The batch before may have killed the domain. */
	err = domain->dead ? -EIO : batch_add_map(viommu, domain, &mapping);
	/* A mapping of the batch may stand in the way, and fail: makes it before it refuses the request. */
	if (err && batch->requests) {
		vpci_viommu_flush(viommu);
		batch_open(viommu, domain, false);
		err = batch_add_map(viommu, domain, &mapping);
	}
	if (err) {
		*result = err;
		if (err == -ENOSPC) {
			vpci_viommu_add(&viommu->counters.quota, 1);
			vpci_viommu_note(viommu, VPCI_VIOMMU_CAUSE_QUOTA, domain->number, err);
		}
		return;
	}
	vpci_viommu_add(&viommu->counters.mappings, 1);
	batch->list[batch->pieces++] = mapping;
	batch->results[batch->requests++] = result;
}

static int batch_check_unmap(const struct vpci_viommu_domain *domain,
			     const struct vpci_viommu_request *request)
{
	if (!domain)
		return -ENOENT;
	if (domain->bypass || request->last < request->first)
		return -EINVAL;
	return vpci_viommu_mappings_splits(&domain->mappings, request->first, request->last)
		       ? -ERANGE
		       : 0;
}

/* Adds the mappings in the range. A call of the VMM ends those that find no room in the batch. */
static void batch_unmap(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain,
			const struct vpci_viommu_request *request, int *result)
{
	struct vpci_viommu_batch *batch = &viommu->batch;
	const struct vpci_viommu_mapping *mapping;
	uint64_t covered = 0;

	batch->results[batch->requests++] = result;
	while ((mapping = vpci_viommu_mappings_find(&domain->mappings, request->first,
						    request->last))) {
		batch->list[batch->pieces++] = *mapping;
		covered += mapping->size;
		batch_forget(viommu, domain, mapping);
		vpci_viommu_add(&viommu->counters.unmaps, 1);
		if (batch->pieces == VPCI_VIOMMU_BATCH)
			batch_call_unmap(viommu);
		/* Mappings that fill the range leave no room for another. */
		if (covered - 1 == request->last - request->first)
			break;
	}
}

void vpci_viommu_batch_submit(struct vpci_viommu *viommu, const struct vpci_viommu_request *request,
			      int *result)
{
	struct vpci_viommu_domain *domain = vpci_viommu_domain(viommu, request->domain);
	int err;

	if (request->type == VIRTIO_IOMMU_T_MAP) {
		err = batch_check_map(viommu, domain, request);
		if (err)
			*result = err;
		else
			batch_map(viommu, domain, request, result);
		return;
	}
	/* Mappings of the batch may fail: makes them before it checks the range. */
	if (viommu->batch.requests && !viommu->batch.unmap)
		vpci_viommu_flush(viommu);
	err = batch_check_unmap(domain, request);
	if (err) {
		*result = err;
		return;
	}
	batch_open(viommu, domain, true);
	batch_unmap(viommu, domain, request, result);
}
