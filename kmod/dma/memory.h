/* SPDX-License-Identifier: GPL-2.0-only */
/* Registered memory of a space. */
#ifndef ULDF_DMA_MEMORY_H
#define ULDF_DMA_MEMORY_H

#include <linux/mm.h>
#include <linux/types.h>

#include "core/call.h"
#include "dma/space.h"

/* Adjacent pages of registered memory that are physically adjacent as well. */
struct uldf_run {
	unsigned long first; /* index of the first page */
	u64 address;	     /* its physical address; its bus address in a bare space */
};

/* In place of a bus address: a bare space's devices cannot reach the run. */
#define ULDF_UNREACHABLE U64_MAX

struct uldf_pinned;

/*
 * Registered memory, or registers of a device (peer.c), as one space knows it. Owned by its space's xarray; count and
 * mappings are guarded by uldf_space.lock, the rest is constant.
 */
struct uldf_memory {
	u32 id;
	bool readonly;
	unsigned long count; /* pages; 0: registers whose device was closed */
	int prot;	     /* IOMMU_CACHE, or IOMMU_MMIO of registers */
	unsigned long mappings;
	struct uldf_run *runs; /* runs_count of them, and an end marker whose first is count */
	unsigned long runs_count;
	void (*end)(struct uldf_memory *memory); /* frees it and what it holds, under no lock */
	struct uldf_pinned *pinned;		 /* may be shared; NULL of registers */
	struct list_head pinned_node;		 /* in uldf_pinned.memories */
	const struct uldf_space *space;		 /* of pinned pages: tells spaces apart */
	struct list_head bare_node;		 /* in uldf_bare.memories, or empty */
};

extern const struct uldf_call uldf_memory_calls[];

void uldf_memory_clear(struct uldf_space *space);
int uldf_memory_share(struct uldf_space *from, u32 memory, struct uldf_space *to, u32 *id);
int uldf_memory_enter(struct uldf_space *space, struct uldf_memory *memory, u32 *id);
int uldf_memory_unregister(struct uldf_space *space, u32 id);
struct uldf_run *uldf_memory_search(const struct uldf_memory *memory, unsigned long page);

/* Returns the bytes of a run. */
static inline u64 uldf_run_size(const struct uldf_run *run)
{
	return (u64)(run[1].first - run[0].first) << PAGE_SHIFT;
}

/* Returns the run that has @page, a page of the memory. */
static inline struct uldf_run *uldf_memory_run(const struct uldf_memory *memory, unsigned long page)
{
	/* each run is one page */
	if (memory->runs_count == memory->count)
		return &memory->runs[page];
	return uldf_memory_search(memory, page);
}

/* Returns the physical address of @page, a page of the memory, in a translated space. */
static inline u64 uldf_memory_physical(const struct uldf_memory *memory, unsigned long page)
{
	const struct uldf_run *run = uldf_memory_run(memory, page);

	return run->address + ((u64)(page - run->first) << PAGE_SHIFT);
}

/* Returns the memory with an id, or NULL; the space's lock is held. */
static inline struct uldf_memory *uldf_memory_find(struct uldf_space *space, u32 id)
{
	if (!space->recent || space->recent->id != id)
		space->recent = xa_load(&space->memories, id);
	return space->recent;
}

#endif
