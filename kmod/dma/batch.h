/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps and unmaps adjacent bus addresses in the IOMMU together. */
#ifndef ULDF_DMA_BATCH_H
#define ULDF_DMA_BATCH_H

#include <linux/iommu.h>

#include "dma/memory.h"
#include "dma/space.h"

#define ULDF_GATHER_MAX SZ_1T /* Intel's driver on 6.1 cannot flush 8 TiB at once */

/* What was pushed and not mapped in the IOMMU yet: one range of bus addresses with one protection. */
struct uldf_batch {
	struct uldf_space *space;
	unsigned int runs; /* in the space's scatterlist if there are several */
	u64 physical;	   /* address of the first run */
	u64 first;	   /* bus address of the first run */
	u64 size;
	int prot;
	u64 end;	 /* physical address behind the last run */
	u64 joined;	 /* bytes before @end that are physically adjacent */
	u64 page_joined; /* bytes of the smallest IOMMU page above PAGE_SIZE; U64_MAX: none */
	u64 done;	 /* bytes mapped since the batch began, in the order of pushing */
};

int uldf_batch_prepare(struct uldf_space *space);
void uldf_batch_init(struct uldf_batch *batch, struct uldf_space *space);
int uldf_batch_push(struct uldf_batch *batch, const struct uldf_ioc_mapping *piece,
		    const struct uldf_memory *memory);
int uldf_batch_flush(struct uldf_batch *batch);
int uldf_range_take(struct uldf_space *space, u64 first, u64 last,
		    struct iommu_iotlb_gather *gather);
void uldf_range_flush(struct uldf_space *space, struct iommu_iotlb_gather *gather, bool taken);

static inline int uldf_prot(const struct uldf_memory *memory, u32 flags)
{
	int prot = memory->prot;

	if (flags & ULDF_MAP_READ)
		prot |= IOMMU_READ;
	if (flags & ULDF_MAP_WRITE)
		prot |= IOMMU_WRITE;
	return prot;
}

#endif
