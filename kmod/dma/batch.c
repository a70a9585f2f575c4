// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps memory in the IOMMU and unmaps it, by one call of the IOMMU core for adjacent bus addresses.
 *
 * Adjacent pieces are mapped together, unless their memory is adjacent as well and so long that the IOMMU
 * could join them in one large page: unmapping one piece would then unmap the other.
 *
 * Guarded by uldf_space.lock.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "core/compat.h"
#include "dma/batch.h"

#define RUNS 256 /* entries of a space's scatterlist */

/**
 * uldf_batch_prepare - make a space ready for batches
 * @space: the space
 *
 * Allocates the space's scatterlist once: clearing it costs more than filling it.
 *
 * Return: 0 or -ENOMEM
 */
int uldf_batch_prepare(struct uldf_space *space)
{
	if (!space->sg)
		space->sg = kcalloc(RUNS, sizeof(*space->sg), GFP_KERNEL_ACCOUNT);
	if (!space->sg)
		return -ENOMEM;
	sg_init_marker(space->sg, RUNS);
	return 0;
}

/**
 * uldf_batch_init - begin a batch
 * @batch: the batch
 * @space: the space, which has a domain
 */
void uldf_batch_init(struct uldf_batch *batch, struct uldf_space *space)
{
	/* pgsize_bitmap changes with the IOMMUs to which the domain is attached */
	unsigned long larger = space->domain->pgsize_bitmap & ~(unsigned long)(2 * PAGE_SIZE - 1);

	batch->space = space;
	batch->runs = 0;
	batch->end = 0;
	batch->done = 0;
	batch->page_joined = larger ? BIT_ULL(__ffs(larger)) : U64_MAX;
}

/**
 * uldf_batch_flush - map in the IOMMU what was pushed
 * @batch: the batch
 *
 * Return: 0; -ERANGE the IOMMU has fewer bits than the addresses; -ENOSPC the space has too many tables;
 * -ENOMEM; -EINTR the caller was killed
 */
int uldf_batch_flush(struct uldf_batch *batch)
{
	struct iommu_domain *domain = batch->space->domain;
	ssize_t mapped;

	if (!batch->runs)
		return 0;
	mapped = uldf_tables_touch(&batch->space->tables, batch->first,
				   batch->first + batch->size - 1);
	if (mapped)
		return mapped;
	if (batch->runs == 1) {
		mapped = uldf_map(domain, batch->first, batch->physical, batch->size, batch->prot);
		mapped = mapped ?: batch->size;
	} else {
		mapped = uldf_map_sg(domain, batch->first, batch->space->sg, batch->runs,
				     batch->prot);
	}
	if (mapped != batch->size) {
		if (mapped > 0)
			iommu_unmap(domain, batch->first, mapped);
		/* Intel's driver returns -EFAULT if its hardware has fewer bits than the aperture */
		return mapped == -EFAULT ? -ERANGE : mapped < 0 ? mapped : -ENOMEM;
	}
	batch->done += batch->size;
	batch->runs = 0;
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static void batch_set_run(struct scatterlist *sg, u64 physical, u64 size)
{
	sg_set_page(sg, pfn_to_page(PHYS_PFN(physical)), size, 0);
}

/* Begins a range with its first run, for which no scatterlist is needed. */
static void batch_begin(struct uldf_batch *batch, u64 address, u64 physical, u64 size, int prot)
{
	batch->runs = 1;
	batch->first = address;
	batch->physical = physical;
	batch->size = size;
	batch->prot = prot;
}

/* Adds a run to the range if the IOMMU can map both together. Returns whether it was added. */
static bool batch_add(struct uldf_batch *batch, u64 address, u64 physical, u64 size, int prot)
{
	struct scatterlist *sg = batch->space->sg;

	/* registers have no struct page, which a scatterlist needs */
	if (!batch->runs || batch->runs == RUNS || batch->prot != prot || prot & IOMMU_MMIO ||
	    batch->first + batch->size != address)
		return false;
	if (batch->runs == 1)
		batch_set_run(sg, batch->physical, batch->size);
	batch_set_run(sg + batch->runs, physical, size);
	batch->runs++;
	batch->size += size;
	return true;
}

/*
 * Could the IOMMU make one page of the last run pushed and @size bytes at @physical? Two runs of one
 * piece may be adjacent, too: runs have a maximum length.
 */
static bool batch_joins(const struct uldf_batch *batch, u64 physical, u64 size)
{
	return batch->runs && batch->end == physical && batch->joined + size >= batch->page_joined;
}

/**
 * uldf_batch_push - map part of a memory, now or with the next flush
 * @batch: the batch
 * @piece: the part, which lies in the memory
 * @memory: the memory
 *
 * Return: 0 or what uldf_batch_flush() returns
 */
int uldf_batch_push(struct uldf_batch *batch, const struct uldf_ioc_mapping *piece,
		    const struct uldf_memory *memory)
{
	const struct uldf_run *run = uldf_memory_run(memory, piece->offset >> PAGE_SHIFT);
	u64 skip = piece->offset - ((u64)run->first << PAGE_SHIFT);
	u64 address = piece->address, left = piece->size, physical, size;
	int prot = uldf_prot(memory, piece->flags), ret;

	for (;; run++, skip = 0) {
		physical = run->address + skip;
		size = min(left, ((u64)(run[1].first - run->first) << PAGE_SHIFT) - skip);
		if (batch_joins(batch, physical, size) ||
		    !batch_add(batch, address, physical, size, prot)) {
			ret = uldf_batch_flush(batch);
			if (ret)
				return ret;
			batch_begin(batch, address, physical, size, prot);
		}
		batch->joined = physical == batch->end ? batch->joined + size : size;
		batch->end = physical + size;
		left -= size;
		if (!left)
			return 0;
		address += size;
	}
}

/* ---- unmapping ---------------------------------------------------------------------------------- */

static bool gather_empty(const struct iommu_iotlb_gather *gather)
{
	return gather->start > gather->end;
}

/* Drivers flush when what comes does not touch what was gathered: to flush what lies between costs less. */
static void gather_widen(struct iommu_iotlb_gather *gather, u64 first, u64 last)
{
	if (gather_empty(gather))
		return;
	gather->start = min_t(unsigned long, gather->start, first);
	gather->end = max_t(unsigned long, gather->end, last);
}

/**
 * uldf_range_take - unmap a range of addresses in the IOMMU
 * @space: the space
 * @first: first bus address
 * @last: last bus address; the whole range is mapped
 * @gather: collects what uldf_range_flush() has to flush from the IOTLB
 *
 * Return: 0; -EIO: the IOMMU may still map part of the range, which must neither be unpinned nor mapped anew
 */
int uldf_range_take(struct uldf_space *space, u64 first, u64 last,
		    struct iommu_iotlb_gather *gather)
{
	u64 until;

	for (;; first = until + 1) {
		/* no page of the IOMMU is so large that this boundary would cut it */
		until = min(last, first | (ULDF_GATHER_MAX - 1));
		if (!gather_empty(gather) &&
		    max_t(u64, until, gather->end) - min_t(u64, first, gather->start) >=
			    ULDF_GATHER_MAX)
			iommu_iotlb_sync(space->domain, gather);
		gather_widen(gather, first, until);
		if (WARN_ON_ONCE(iommu_unmap_fast(space->domain, first, until - first + 1,
						  gather) != until - first + 1))
			return -EIO;
		if (until == last)
			return 0;
	}
}

/*
 * Flushes what was gathered. @taken: something was unmapped; a driver with a queue of its own, such as
 * virtio's, then needs the flush although it gathers nothing.
 */
void uldf_range_flush(struct uldf_space *space, struct iommu_iotlb_gather *gather, bool taken)
{
	if (taken || !gather_empty(gather))
		iommu_iotlb_sync(space->domain, gather);
}
