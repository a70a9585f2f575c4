// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings: batches of pieces made visible to, and taken from, the devices of a space.
 *
 * Pieces that follow each other in bus addresses are given to the IOMMU together, but never where
 * their memory follows on as well so far that it could join them in one large page: unmapping one
 * would take away the other. Each piece is an extent of its own and is unmapped whole; those that
 * follow each other are taken from the IOMMU together.
 *
 * A piece of one page costs the kernel more than the page it maps was charged for, so a space has a
 * bounded number of them. It keeps a few that ended, charged as they were, for the next.
 *
 * Takes uldf_space.lock. The caller's array is copied before.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/scatterlist.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "uldf.h"

#define RUNS	   128	 /* a page of scatterlist entries */
#define FEW	   4	 /* pieces, for which the stack is enough */
#define SPARE_MAX  64	 /* extents of ended mappings that a space keeps */
#define GATHER_MAX SZ_1T /* Intel's driver on 6.1 cannot flush 8 TiB at once */

static u64 extent_size(const struct uldf_extent *extent)
{
	return extent->last - extent->first + 1;
}

/* ---- extents of mappings ------------------------------------------------------------------------ */

static struct uldf_extent *mapping_alloc(struct uldf_space *space)
{
	struct uldf_extent *extent = space->spare;

	if (!extent)
		return kmalloc(sizeof(*extent), GFP_KERNEL_ACCOUNT);
	space->spare = extent->next;
	space->spare_count--;
	return extent;
}

static void mapping_free(struct uldf_space *space, struct uldf_extent *extent)
{
	extent->memory->mappings--;
	space->mappings_count--;
	uldf_extent_remove(&space->extents, extent);
	if (space->spare_count == SPARE_MAX) {
		kfree(extent);
		return;
	}
	extent->next = space->spare;
	space->spare = extent;
	space->spare_count++;
}

/* ---- giving runs of pages to the IOMMU ---------------------------------------------------------- */

/* What was pushed and not given to the IOMMU yet: one range of bus addresses of one kind. */
struct batch {
	struct uldf_space *space;
	struct scatterlist *sg; /* NULL until a second run is pushed */
	unsigned int runs;
	u64 physical; /* of the first run */
	u64 first;    /* bus address of the first run */
	u64 size;
	int prot;
	u64 end;    /* physical address behind the last run */
	u64 joined; /* bytes before it that follow each other */
	u64 done;   /* bytes mapped since the batch began, in the order of pushing */
};

static int batch_flush(struct batch *batch)
{
	struct iommu_domain *domain = batch->space->domain;
	ssize_t mapped;

	if (!batch->runs)
		return 0;
	if (batch->runs == 1) {
		mapped = uldf_map(domain, batch->first, batch->physical, batch->size, batch->prot);
		mapped = mapped ?: batch->size;
	} else {
		sg_mark_end(&batch->sg[batch->runs - 1]);
		mapped = uldf_map_sg(domain, batch->first, batch->sg, batch->runs, batch->prot);
		sg_unmark_end(&batch->sg[batch->runs - 1]);
	}
	if (mapped != batch->size) {
		if (mapped > 0)
			iommu_unmap(domain, batch->first, mapped);
		/* Intel's driver says so when its hardware has fewer bits than the aperture */
		return mapped == -EFAULT ? -ERANGE : mapped < 0 ? mapped : -ENOMEM;
	}
	batch->done += batch->size;
	batch->runs = 0;
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static void batch_set_run(struct batch *batch, unsigned int i, u64 physical, u64 size)
{
	sg_set_page(&batch->sg[i], pfn_to_page(PHYS_PFN(physical)), size, 0);
}

static int batch_push(struct batch *batch, u64 address, u64 physical, u64 size, int prot)
{
	int ret;

	if (batch->runs == RUNS ||
	    (batch->runs && (batch->prot != prot || batch->first + batch->size != address))) {
		ret = batch_flush(batch);
		if (ret)
			return ret;
	}
	if (!batch->runs) {
		batch->first = address;
		batch->physical = physical;
		batch->size = 0;
		batch->prot = prot;
	} else {
		if (!batch->sg) {
			batch->sg = kcalloc(RUNS, sizeof(*batch->sg), GFP_KERNEL_ACCOUNT);
			if (!batch->sg)
				return -ENOMEM;
			sg_init_marker(batch->sg, RUNS);
			sg_unmark_end(&batch->sg[RUNS - 1]);
		}
		if (batch->runs == 1)
			batch_set_run(batch, 0, batch->physical, batch->size);
		batch_set_run(batch, batch->runs, physical, size);
	}
	batch->runs++;
	batch->size += size;
	batch->joined = physical == batch->end ? batch->joined + size : size;
	batch->end = physical + size;
	return 0;
}

/* Could the IOMMU make one page of what was pushed last and @size bytes at @physical? */
static bool batch_joins(const struct batch *batch, u64 physical, u64 size)
{
	return batch->runs && batch->end == physical && batch->space->page_joined &&
	       batch->joined + size >= batch->space->page_joined;
}

static int batch_push_piece(struct batch *batch, const struct uldf_extent *extent, u64 offset,
			    int prot)
{
	u64 address = extent->first, left = extent_size(extent), skip, size;
	struct uldf_run *run = uldf_memory_run(extent->memory, offset >> PAGE_SHIFT);
	int ret = 0;

	skip = offset - ((u64)run->first << PAGE_SHIFT);
	size = min(left, ((u64)(run[1].first - run->first) << PAGE_SHIFT) - skip);
	if (batch_joins(batch, run->address + skip, size))
		ret = batch_flush(batch);
	while (!ret) {
		ret = batch_push(batch, address, run->address + skip, size, prot);
		left -= size;
		if (!left)
			break;
		address += size;
		run++;
		skip = 0;
		size = min(left, (u64)(run[1].first - run->first) << PAGE_SHIFT);
	}
	return ret;
}

/* ---- choosing addresses ------------------------------------------------------------------------- */

static int range_choose(struct uldf_space *space, u64 limit, u64 size, u64 *out)
{
	struct iommu_domain_geometry *geometry = &space->domain->geometry;
	/* drivers take address 0 for none */
	u64 first = max_t(u64, PAGE_ALIGN(geometry->aperture_start), PAGE_SIZE);
	u64 last = min_t(u64, limit, geometry->aperture_end);

	/* the page that ends before its last byte is left out */
	if (last < PAGE_SIZE - 1)
		return -ENOSPC;
	last -= (last + 1) & ~PAGE_MASK;
	if (last < first)
		return -ENOSPC;
	return uldf_extent_choose(&space->extents, first, last, size, out);
}

/*
 * Addresses for all pieces in one range if there is one; otherwise none. Where large pages could be
 * used, those that the memory has are at the same place in the range.
 */
static bool batch_choose(struct uldf_space *space, u64 limit, struct uldf_ioc_mapping *pieces,
			 u32 count)
{
	struct uldf_pinned *memory;
	u64 size = 0, address, offset, physical;
	bool chosen = false;
	u32 i;

	for (i = 0; i < count; i++)
		if (!pieces[i].size || !PAGE_ALIGNED(pieces[i].size) ||
		    check_add_overflow(size, pieces[i].size, &size))
			return false;
	memory = xa_load(&space->memories, pieces[0].memory);
	offset = pieces[0].offset >> PAGE_SHIFT;
	if (size >= PMD_SIZE && size <= U64_MAX - PMD_SIZE && memory && offset < memory->count) {
		physical = page_to_phys(memory->pages[offset]);
		chosen = !range_choose(space, limit, size + PMD_SIZE - PAGE_SIZE, &address);
		if (chosen)
			address += (physical - address) & ~PMD_MASK;
	}
	if (!chosen && range_choose(space, limit, size, &address))
		return false;
	for (i = 0; i < count; i++) {
		pieces[i].address = address;
		address += pieces[i].size;
	}
	return true;
}

/* ---- map ---------------------------------------------------------------------------------------- */

static int piece_check(struct uldf_space *space, const struct uldf_ioc_mapping *piece,
		       struct uldf_pinned **out)
{
	struct iommu_domain_geometry *geometry = &space->domain->geometry;
	struct uldf_extent *extent;
	struct uldf_pinned *memory;
	u64 last, end;

	if (piece->flags & ~(ULDF_MAP_READ | ULDF_MAP_WRITE) || !piece->flags || !piece->size ||
	    !PAGE_ALIGNED(piece->address | piece->size | piece->offset))
		return -EINVAL;
	if (check_add_overflow(piece->address, piece->size - 1, &last) ||
	    piece->address < geometry->aperture_start || last > geometry->aperture_end)
		return -ERANGE;
	extent = uldf_extent_find(&space->extents, piece->address, last);
	if (extent && !extent->memory)
		return -ERANGE;
	memory = xa_load(&space->memories, piece->memory);
	if (!memory)
		return -ENOENT;
	if (check_add_overflow(piece->offset, piece->size, &end) || end > (u64)memory->count
										    << PAGE_SHIFT)
		return -ERANGE;
	if (memory->readonly && piece->flags & ULDF_MAP_WRITE)
		return -EPERM;
	if (extent)
		return -EEXIST;
	*out = memory;
	return 0;
}

static int piece_map(struct batch *batch, const struct uldf_ioc_mapping *piece,
		     struct uldf_extent **out)
{
	struct uldf_space *space = batch->space;
	struct uldf_pinned *memory;
	struct uldf_extent *extent;
	int prot = IOMMU_CACHE, ret;

	ret = piece_check(space, piece, &memory);
	if (ret)
		return ret;
	if (space->mappings_count >= READ_ONCE(uldf_mappings_max))
		return -ENOSPC;
	extent = mapping_alloc(space);
	if (!extent)
		return -ENOMEM;
	extent->first = piece->address;
	extent->last = piece->address + piece->size - 1;
	extent->memory = memory;
	memory->mappings++;
	space->mappings_count++;
	uldf_extent_insert(&space->extents, extent);
	*out = extent;

	if (piece->flags & ULDF_MAP_READ)
		prot |= IOMMU_READ;
	if (piece->flags & ULDF_MAP_WRITE)
		prot |= IOMMU_WRITE;
	return batch_push_piece(batch, extent, piece->offset, prot);
}

/* Undoes a batch of which the first @done bytes were given to the IOMMU. */
static void batch_undo(struct uldf_space *space, struct uldf_extent **made, u32 count, u64 done)
{
	u64 size;
	u32 i;

	for (i = 0; i < count; i++) {
		size = min(done, extent_size(made[i]));
		if (size)
			iommu_unmap(space->domain, made[i]->first, size);
		done -= size;
		mapping_free(space, made[i]);
	}
}

static int batch_map(struct batch *batch, const struct uldf_ioc_map *map,
		     struct uldf_ioc_mapping *pieces, struct uldf_extent **made)
{
	bool anywhere = map->flags & ULDF_MAP_ANYWHERE, together = false;
	struct uldf_space *space = batch->space;
	u64 limit = map->limit ?: U64_MAX;
	u32 i, count = 0;
	int ret = 0;

	if (space->maker)
		return -EOPNOTSUPP;
	if (!space->domain)
		return -ENXIO;
	if (anywhere)
		together = batch_choose(space, limit, pieces, map->count);
	for (i = 0; i < map->count && !ret; i++) {
		made[i] = NULL;
		if (anywhere && !together)
			ret = pieces[i].size ? range_choose(space, limit, pieces[i].size,
							    &pieces[i].address)
					     : -EINVAL;
		if (!ret)
			ret = piece_map(batch, &pieces[i], &made[i]);
		if (made[i])
			count++;
	}
	if (!ret)
		ret = batch_flush(batch);
	if (ret)
		batch_undo(space, made, count, batch->done);
	return ret;
}

/* ---- unmap -------------------------------------------------------------------------------------- */

static bool gather_empty(const struct iommu_iotlb_gather *gather)
{
	return gather->start > gather->end;
}

/* Takes addresses from the IOMMU, all of them or -EIO; what may be cached goes to @gather. */
static int range_take(struct uldf_space *space, u64 first, u64 last,
		      struct iommu_iotlb_gather *gather)
{
	u64 size = last - first + 1;

	if (!gather_empty(gather) &&
	    max_t(u64, last, gather->end) - min_t(u64, first, gather->start) >= GATHER_MAX)
		iommu_iotlb_sync(space->domain, gather);
	return WARN_ON_ONCE(iommu_unmap_fast(space->domain, first, size, gather) != size) ? -EIO
											  : 0;
}

static struct uldf_extent *piece_find(struct uldf_space *space,
				      const struct uldf_ioc_mapping *piece)
{
	struct uldf_extent *extent;
	u64 last;

	if (check_add_overflow(piece->address, piece->size - 1, &last))
		return NULL;
	extent = uldf_extent_find(&space->extents, piece->address, last);
	if (!extent || !extent->memory || extent->first != piece->address || extent->last != last)
		return NULL;
	return extent;
}

/*
 * Ends the mappings of as many of @pieces as follow each other. Returns how many, or -ENOENT for the
 * first, or -EIO: what the IOMMU may still have must neither be unpinned nor mapped anew.
 */
static int pieces_unmap(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
			struct iommu_iotlb_gather *gather)
{
	struct uldf_extent *extent = piece_find(space, &pieces[0]), *next;
	u64 first = pieces[0].address, last;
	u32 i, found = 1;
	int ret;

	if (!extent)
		return -ENOENT;
	last = extent->last;
	while (found < count && last != U64_MAX && pieces[found].address == last + 1 &&
	       last - first < GATHER_MAX) {
		next = rb_entry_safe(rb_next(&extent->node), struct uldf_extent, node);
		if (!next || !next->memory || next->first != last + 1 ||
		    extent_size(next) != pieces[found].size)
			break;
		extent = next;
		last = next->last;
		found++;
	}
	ret = range_take(space, first, last, gather);
	if (ret)
		return ret;
	for (i = 0; i < found; i++) {
		next = rb_entry_safe(rb_prev(&extent->node), struct uldf_extent, node);
		mapping_free(space, extent);
		extent = next;
	}
	return found;
}

/* Ends the mappings of @pieces up to the first that cannot be; @done says how many were. */
static int batch_unmap(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
		       u32 *done)
{
	struct iommu_iotlb_gather gather;
	int ret = 0;

	iommu_iotlb_gather_init(&gather);
	mutex_lock(&space->lock);
	for (*done = 0; *done < count; *done += ret) {
		ret = pieces_unmap(space, pieces + *done, count - *done, &gather);
		if (ret < 0)
			break;
		cond_resched();
	}
	/* before the lock is dropped: memory without mappings can be unpinned from then on */
	if (!gather_empty(&gather))
		iommu_iotlb_sync(space->domain, &gather);
	mutex_unlock(&space->lock);
	return min(ret, 0);
}

/* ---- the calls ---------------------------------------------------------------------------------- */

/* What a call has in its hands; the caller's few pieces are on the stack. */
struct pieces {
	struct uldf_ioc_mapping *list;
	struct uldf_ioc_mapping few[FEW];
};

static int pieces_read(struct uldf_ioc_map *map, u32 flags, struct pieces *pieces)
{
	const void __user *from = u64_to_user_ptr(map->mappings);

	map->done = 0;
	if (map->flags & ~flags || (map->limit && !map->flags) || !map->count)
		return -EINVAL;
	if (map->count > ULDF_MAP_BATCH)
		return -E2BIG;
	pieces->list = pieces->few;
	if (map->count <= FEW)
		return copy_from_user(pieces->few, from, map->count * sizeof(*pieces->list))
			       ? -EFAULT
			       : 0;
	pieces->list = vmemdup_user(from, map->count * sizeof(*pieces->list));
	return PTR_ERR_OR_ZERO(pieces->list);
}

static void pieces_free(struct pieces *pieces)
{
	if (pieces->list != pieces->few)
		kvfree(pieces->list);
}

static bool unmap_is_valid(const struct uldf_ioc_mapping *piece)
{
	return !piece->flags && !piece->memory && !piece->offset && piece->size &&
	       PAGE_ALIGNED(piece->address | piece->size);
}

int uldf_mapping_unmap(void *object, union uldf_args *args)
{
	struct uldf_ioc_map *map = &args->map;
	struct pieces pieces;
	u32 valid = 0;
	int ret;

	ret = pieces_read(map, 0, &pieces);
	if (ret)
		return ret;
	while (valid < map->count && unmap_is_valid(&pieces.list[valid]))
		valid++;
	ret = batch_unmap(object, pieces.list, valid, &map->done);
	if (!ret && valid < map->count)
		ret = -EINVAL;
	pieces_free(&pieces);
	return ret;
}

/* Tells the addresses that were chosen. */
static int pieces_write(const struct uldf_ioc_map *map, const struct pieces *pieces)
{
	if (!(map->flags & ULDF_MAP_ANYWHERE))
		return 0;
	return copy_to_user(u64_to_user_ptr(map->mappings), pieces->list,
			    map->count * sizeof(*pieces->list))
		       ? -EFAULT
		       : 0;
}

int uldf_mapping_map(void *object, union uldf_args *args)
{
	struct uldf_ioc_map *map = &args->map;
	struct uldf_space *space = object;
	struct uldf_extent *few[FEW], **made = few;
	struct batch batch = {.space = space};
	struct pieces pieces;
	u32 done;
	int ret;

	ret = pieces_read(map, ULDF_MAP_ANYWHERE, &pieces);
	if (ret)
		return ret;
	if (map->count > FEW) {
		made = kvmalloc_array(map->count, sizeof(*made), GFP_KERNEL_ACCOUNT);
		if (!made) {
			ret = -ENOMEM;
			goto out_pieces;
		}
	}
	mutex_lock(&space->lock);
	ret = batch_map(&batch, map, pieces.list, made);
	mutex_unlock(&space->lock);
	if (!ret && pieces_write(map, &pieces)) {
		batch_unmap(space, pieces.list, map->count, &done);
		ret = -EFAULT;
	}
	if (!ret)
		map->done = map->count;
	kfree(batch.sg);
	if (made != few)
		kvfree(made);
out_pieces:
	pieces_free(&pieces);
	return ret;
}

/* ---- the life of a space ------------------------------------------------------------------------ */

/* The space has its domain. */
void uldf_mapping_init(struct uldf_space *space)
{
	unsigned long larger = space->domain->pgsize_bitmap & ~(unsigned long)(2 * PAGE_SIZE - 1);

	space->page_joined = larger ? BIT_ULL(__ffs(larger)) : 0;
}

/* Takes away every mapping; no device is attached and nobody else knows the space. */
void uldf_mapping_clear(struct uldf_space *space)
{
	struct iommu_iotlb_gather gather;
	struct uldf_extent *extent, *next;

	iommu_iotlb_gather_init(&gather);
	for (extent = rb_entry_safe(rb_first(&space->extents), struct uldf_extent, node); extent;
	     extent = next) {
		next = rb_entry_safe(rb_next(&extent->node), struct uldf_extent, node);
		/* the domain goes next, and with it what could not be taken */
		if (extent->memory) {
			range_take(space, extent->first, extent->last, &gather);
			mapping_free(space, extent);
		}
		cond_resched();
	}
	if (!gather_empty(&gather))
		iommu_iotlb_sync(space->domain, &gather);
}

/* Frees the extents that are left: reserved ones, and those kept for new mappings. */
void uldf_mapping_forget(struct uldf_space *space)
{
	struct uldf_extent *extent, *next;

	rbtree_postorder_for_each_entry_safe(extent, next, &space->extents, node) kfree(extent);
	for (extent = space->spare; extent; extent = next) {
		next = extent->next;
		kfree(extent);
	}
}
