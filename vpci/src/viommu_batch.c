// SPDX-License-Identifier: MIT
/*
 * Requests to map and unmap. The engine collects requests of one kind for one domain that follow each
 * other, and carries them out by one call of the VMM. Whether a mapping stands in the way, and which
 * ones a range has, the VMM knows.
 */
#include <errno.h>
#include <linux/virtio_iommu.h>
#include "viommu.h"

static void batch_count(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain,
			uint64_t mappings)
{
	domain->mappings += mappings;
	vpci_viommu_add(&viommu->counters.mappings, mappings);
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
		*batch->results[i] = err;
	if (err)
		return;
	vpci_viommu_add(&viommu->counters.maps, count);
	batch_count(viommu, batch->domain, count);
}

/* Goes on behind a range that would cut a mapping. A domain that the VMM failed to unmap dies. */
static void batch_call_unmap(struct vpci_viommu *viommu)
{
	struct vpci_viommu_batch *batch = &viommu->batch;
	struct vpci_viommu_domain *domain = batch->domain;
	unsigned int at = 0;
	int err = 0;

	while (at < batch->count && (!err || err == -ERANGE)) {
		size_t done = 0, ended = 0;

		err = viommu->ops->unmap(viommu->host, domain->handle, &batch->ranges[at],
					 batch->count - at, &done, &ended);
		vpci_viommu_add(&viommu->counters.unmap_calls, 1);
		/* A VMM that failed to undo a map may end more than it has told. */
		ended = ended < domain->mappings ? ended : domain->mappings;
		vpci_viommu_add(&viommu->counters.unmaps, ended);
		batch_count(viommu, domain, -(uint64_t)ended);
		for (done = err ? done : batch->count; done && at < batch->count; done--)
			*batch->results[at++] = 0;
		if (err == -ERANGE && at < batch->count)
			*batch->results[at++] = err;
	}
	if (!err || err == -ERANGE)
		return;
	while (at < batch->count)
		*batch->results[at++] = -EIO;
	vpci_viommu_kill(viommu, domain, err);
}

void vpci_viommu_flush(struct vpci_viommu *viommu)
{
	struct vpci_viommu_batch *batch = &viommu->batch;

	if (batch->count && batch->unmap)
		batch_call_unmap(viommu);
	else if (batch->count)
		batch_call_map(viommu, 0, batch->count);
	batch->count = 0;
}

/* Adds a request to a batch that suits, see batch_suit(). Returns its place. */
static unsigned int batch_add(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain,
			      bool unmap, int *result)
{
	struct vpci_viommu_batch *batch = &viommu->batch;

	batch->domain = domain;
	batch->unmap = unmap;
	batch->results[batch->count] = result;
	return batch->count++;
}

/* Carries the batch out unless a request of the kind can be added to it. */
static void batch_suit(struct vpci_viommu *viommu, const struct vpci_viommu_domain *domain,
		       bool unmap)
{
	const struct vpci_viommu_batch *batch = &viommu->batch;

	if (batch->domain != domain || batch->unmap != unmap || batch->count == VPCI_VIOMMU_BATCH)
		vpci_viommu_flush(viommu);
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

/* Those of the batch count as if they were made: else they are made first, and some may fail. */
static bool batch_is_full(struct vpci_viommu *viommu)
{
	if (viommu->counters.mappings + viommu->batch.count < viommu->most_mappings)
		return false;
	vpci_viommu_flush(viommu);
	return viommu->counters.mappings >= viommu->most_mappings;
}

static void batch_map(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain,
		      const struct vpci_viommu_request *request, int *result)
{
	batch_suit(viommu, domain, false);
	/* The batch before may have killed the domain. */
	if (domain->dead) {
		*result = -EIO;
		return;
	}
	if (batch_is_full(viommu)) {
		*result = -ENOSPC;
		vpci_viommu_add(&viommu->counters.quota, 1);
		vpci_viommu_note(viommu, VPCI_VIOMMU_CAUSE_QUOTA, domain->number, -ENOSPC);
		return;
	}
	viommu->batch.list[batch_add(viommu, domain, false, result)] = (struct vpci_viommu_mapping){
		.address = request->first,
		.target = request->target,
		.size = request->last - request->first + 1,
		.access = (request->flags & VIRTIO_IOMMU_MAP_F_READ ? VPCI_VIOMMU_READ : 0) |
			  (request->flags & VIRTIO_IOMMU_MAP_F_WRITE ? VPCI_VIOMMU_WRITE : 0) |
			  (request->flags & VIRTIO_IOMMU_MAP_F_MMIO ? VPCI_VIOMMU_MMIO : 0),
	};
}

static int batch_check_unmap(const struct vpci_viommu *viommu,
			     const struct vpci_viommu_domain *domain,
			     const struct vpci_viommu_request *request)
{
	if (!domain)
		return -ENOENT;
	if (domain->bypass || request->last < request->first)
		return -EINVAL;
	/* Mappings have whole pages. Such a range may cut none, but nobody asks for it. */
	return (request->first | (request->last + 1)) & (viommu->page - 1) ? -ERANGE : 0;
}

static void batch_unmap(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain,
			const struct vpci_viommu_request *request, int *result)
{
	batch_suit(viommu, domain, true);
	if (domain->dead)
		*result = 0; /* and nobody reaches anything */
	else
		viommu->batch.ranges[batch_add(viommu, domain, true, result)] =
			(struct vpci_viommu_range){request->first, request->last};
}

void vpci_viommu_batch_submit(struct vpci_viommu *viommu, const struct vpci_viommu_request *request,
			      int *result)
{
	struct vpci_viommu_domain *domain = vpci_viommu_domain(viommu, request->domain);
	bool unmap = request->type == VIRTIO_IOMMU_T_UNMAP;
	int err = unmap ? batch_check_unmap(viommu, domain, request)
			: batch_check_map(viommu, domain, request);

	if (err)
		*result = err;
	else if (unmap)
		batch_unmap(viommu, domain, request, result);
	else
		batch_map(viommu, domain, request, result);
}
