/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that make a space share. */
#ifndef ULDF_DMA_SPACE_H
#define ULDF_DMA_SPACE_H

#include <linux/iommu.h>

#include "core/call.h"
#include "device/device.h"

/* ---- memory (memory.c) -------------------------------------------------------------------- */

/* Pages of registered memory that follow each other, also in the machine. */
struct uldf_run {
	unsigned long first; /* index of the first page */
	u64 address;	     /* its physical address; its bus address in a bare space */
};

/* Registered memory. Owned by its space's xarray; mappings is guarded by uldf_space.lock. */
struct uldf_pinned {
	u32 id;
	struct mm_struct *mm; /* charged */
	struct page **pages;
	unsigned long count;
	struct uldf_run *runs; /* and one behind the last, which begins at count */
	unsigned long runs_count;
	unsigned long mappings;
	bool readonly;
};

/* ---- taken addresses (extent.c) ----------------------------------------------------------- */

/* Taken addresses of a space: a row of mappings, or a reserved range. */
struct uldf_extent {
	struct rb_node node;
	u64 first, last;
	u64 gap, gap_max; /* free addresses before it; the most before any below it in the tree */
	union {
		struct uldf_pinned *memory; /* the first mapping's; NULL: reserved */
		struct uldf_extent *next;   /* while in no tree */
	};
};

void uldf_extent_insert(struct rb_root *root, struct uldf_extent *extent);
void uldf_extent_remove(struct rb_root *root, struct uldf_extent *extent);
void uldf_extent_shorten(struct uldf_extent *extent, u64 last);
void uldf_extent_replace(struct rb_root *root, struct uldf_extent *old, struct uldf_extent *new);
struct uldf_extent *uldf_extent_above(const struct rb_root *root, u64 first);
struct uldf_extent *uldf_extent_find(const struct rb_root *root, u64 first, u64 last);
int uldf_extent_choose(const struct rb_root *root, u64 first, u64 last, u64 size, u64 *out);

/* ---- spaces (space.c) --------------------------------------------------------------------- */

/*
 * A DMA address space. References: its file, and each attached device. Dies with the last one, so
 * after every device was detached.
 */
struct uldf_space {
	struct kref refs;
	struct work_struct end;
	atomic64_t mapped, unmapped;	 /* statistics: pieces */
	struct uldf_ioc_mapping *pieces; /* room for a batch, to be taken by xchg(), or NULL */

	struct mutex lock; /* everything below */
	struct iommu_domain *domain;
	struct uldf_ioc_space_range *reserved;
	u32 reserved_count;
	struct rb_root extents; /* mappings and reserved ranges */
	struct list_head slots; /* pages that have room for more mappings */
	u32 slots_idle;		/* of these, that have none */
	u32 mappings_count;
	struct scatterlist *sg; /* for batches; NULL without domain */
	struct xarray memories;
	struct uldf_pinned *recent; /* of these, that was looked up last, or NULL */

	/* bare spaces; fixed from creation on, but for buffers */
	struct uldf_device
		*dma_device; /* the DMA API is used in its name; NULL: a translated space */
	u64 mask;
	struct xarray buffers;
};

extern const struct uldf_call uldf_space_calls[];

struct uldf_space *uldf_space_detach(struct uldf_device *udev);
void uldf_space_put(struct uldf_space *space);
void uldf_space_put_later(struct uldf_space *space);
int uldf_spaces_init(void);
void uldf_spaces_fini(void);

struct uldf_run *uldf_memory_search(const struct uldf_pinned *memory, unsigned long page);

/* The run that has @page, which is one of the memory's. */
static inline struct uldf_run *uldf_memory_run(const struct uldf_pinned *memory, unsigned long page)
{
	/* no two pages follow each other */
	if (memory->runs_count == memory->count)
		return &memory->runs[page];
	return uldf_memory_search(memory, page);
}

/* The space's lock is held. */
static inline struct uldf_pinned *uldf_memory_find(struct uldf_space *space, u32 id)
{
	if (!space->recent || space->recent->id != id)
		space->recent = xa_load(&space->memories, id);
	return space->recent;
}

extern const struct uldf_call uldf_memory_calls[];

void uldf_memory_clear(struct uldf_space *space);
void uldf_memory_account(long pages);
u64 uldf_memory_pinned_bytes(void);

/* ---- addresses of our choice (choice.c) --------------------------------------------------- */

int uldf_choice_one(struct uldf_space *space, u64 limit, u64 size, u64 *out);
bool uldf_choice_all(struct uldf_space *space, u64 limit, struct uldf_ioc_mapping *pieces,
		     u32 count);

/* ---- rows of mappings (row.c) ------------------------------------------------------------- */

#define ULDF_SLOTS 63

/* A page of mappings. */
struct uldf_slots {
	struct list_head node; /* of the space's pages that have free slots, or empty */
	u64 free;	       /* a bit for each slot */
	u64 rows;	       /* a bit for the first slot of each row */
	struct uldf_extent slot[ULDF_SLOTS];
};
static_assert(sizeof(struct uldf_slots) <= PAGE_SIZE);

static inline struct uldf_slots *uldf_slots_of(const struct uldf_extent *extent)
{
	return (struct uldf_slots *)((unsigned long)extent & PAGE_MASK);
}

static inline unsigned int uldf_slot_index(const struct uldf_extent *extent)
{
	return extent - uldf_slots_of(extent)->slot;
}

/* How many mappings a row has. */
static inline unsigned int uldf_row_count(const struct uldf_extent *row)
{
	struct uldf_slots *slots = uldf_slots_of(row);
	u64 ends = slots->free | slots->rows | BIT_ULL(ULDF_SLOTS);

	return __ffs64(ends >> uldf_slot_index(row) >> 1) + 1;
}

/* A row of mappings that is being made. */
struct uldf_row {
	struct uldf_extent *extent; /* the first mapping's, and theirs */
	unsigned int count, room;   /* mappings: that it has, and could have */
};

int uldf_row_begin(struct uldf_space *space, struct uldf_row *row);
void uldf_row_enter(struct uldf_space *space, const struct uldf_row *row);

/* Adds a mapping of @memory at @first..@last, which follows on; there is room. */
static inline void uldf_row_add(struct uldf_row *row, u64 first, u64 last,
				struct uldf_pinned *memory)
{
	struct uldf_extent *slot = &row->extent[row->count++];

	slot->first = first;
	slot->memory = memory;
	row->extent->last = last;
	memory->mappings++;
}

unsigned int uldf_row_find(const struct uldf_extent *row, u64 address);
void uldf_row_remove(struct uldf_space *space, struct uldf_extent *row, unsigned int from,
		     unsigned int count);
void uldf_rows_forget(struct uldf_space *space);

/* ---- giving to the IOMMU (batch.c) -------------------------------------------------------- */

#define ULDF_GATHER_MAX SZ_1T /* Intel's driver on 6.1 cannot flush 8 TiB at once */

/* What was pushed and not given to the IOMMU yet: one range of bus addresses of one kind. */
struct uldf_batch {
	struct uldf_space *space;
	unsigned int runs; /* in the space's scatterlist if there are several */
	u64 physical;	   /* of the first */
	u64 first;	   /* its bus address */
	u64 size;
	int prot;
	u64 end;	 /* physical address behind the last run */
	u64 joined;	 /* bytes before it that follow each other */
	u64 page_joined; /* the smallest page of the IOMMU that is made of several */
	u64 done;	 /* bytes mapped since the batch began, in the order of pushing */
};

int uldf_batch_prepare(struct uldf_space *space);
void uldf_batch_init(struct uldf_batch *batch, struct uldf_space *space);
int uldf_batch_push(struct uldf_batch *batch, const struct uldf_ioc_mapping *piece,
		    const struct uldf_pinned *memory);
int uldf_batch_flush(struct uldf_batch *batch);
int uldf_range_take(struct uldf_space *space, u64 first, u64 last,
		    struct iommu_iotlb_gather *gather);
void uldf_range_flush(struct uldf_space *space, struct iommu_iotlb_gather *gather, bool taken);

static inline int uldf_prot(u32 flags)
{
	int prot = IOMMU_CACHE;

	if (flags & ULDF_MAP_READ)
		prot |= IOMMU_READ;
	if (flags & ULDF_MAP_WRITE)
		prot |= IOMMU_WRITE;
	return prot;
}

/* ---- mappings (mapping.c) ----------------------------------------------------------------- */

long uldf_mapping_map(struct uldf_space *space, unsigned long user);
long uldf_mapping_unmap(struct uldf_space *space, unsigned long user);
void uldf_mapping_clear(struct uldf_space *space);
void uldf_mapping_forget(struct uldf_space *space);

/* ---- bare spaces (bare.c) ----------------------------------------------------------------- */

int uldf_bare_create(struct uldf_space *space, struct uldf_device *udev, u64 mask);
int uldf_bare_attach(struct uldf_space *space, struct uldf_device *udev);
int uldf_bare_memory_map(struct uldf_space *space, struct uldf_pinned *memory);
void uldf_bare_memory_unmap(struct uldf_space *space, struct uldf_pinned *memory);
extern const struct uldf_call uldf_bare_calls[];

int uldf_bare_mmap(struct uldf_space *space, struct vm_area_struct *vma);
void uldf_bare_clear(struct uldf_space *space);
void uldf_bare_end(struct uldf_space *space);

#endif
