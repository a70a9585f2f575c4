// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings: batches of pieces made visible to, and taken from, the devices of a space.
 *
 * Pieces that follow each other in bus addresses are given to the IOMMU together, but never where
 * their memory follows on as well: it could then join them in one large page, and unmapping one
 * would take away the other. Each piece is a node of its own and is unmapped whole.
 *
 * A piece of one page costs the kernel more than the page it maps was charged for, so a space has a
 * bounded number of them.
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

#define RUNS	128	/* a page of scatterlist entries */
#define RUN_MAX (SZ_1G) /* bytes in one entry */

#define GATHER_MAX (SZ_1T) /* Intel's driver on 6.1 cannot flush 8 TiB at once */

struct mapping {
	struct interval_tree_node node; /* in uldf_space.mappings */
	struct uldf_pinned *memory;
};

/* What was pushed and not given to the IOMMU yet: one range of bus addresses of one kind. */
struct runs {
	struct iommu_domain *domain;
	struct scatterlist *sg;
	unsigned int count;
	u64 first; /* bus address of the first */
	u64 size;
	int prot;
	u64 done; /* bytes mapped since the batch began, in the order of pushing */
};

static u64 mapping_size(const struct mapping *mapping)
{
	return mapping->node.last - mapping->node.start + 1;
}

static struct mapping *mapping_find(struct uldf_space *space, u64 first, u64 last)
{
	struct interval_tree_node *node = interval_tree_iter_first(&space->mappings, first, last);

	return node ? container_of(node, struct mapping, node) : NULL;
}

/* ---- giving runs of pages to the IOMMU --------------------------------------------------------- */

static int runs_flush(struct runs *runs)
{
	ssize_t mapped;

	if (!runs->count)
		return 0;
	sg_mark_end(&runs->sg[runs->count - 1]);
	mapped = uldf_map_sg(runs->domain, runs->first, runs->sg, runs->count, runs->prot);
	if (mapped != runs->size) {
		if (mapped > 0)
			iommu_unmap(runs->domain, runs->first, mapped);
		/* Intel's driver says so when its hardware has fewer bits than the aperture */
		return mapped == -EFAULT ? -ERANGE : mapped < 0 ? mapped : -ENOMEM;
	}
	runs->done += runs->size;
	runs->count = 0;
	return 0;
}

static int runs_push(struct runs *runs, u64 address, struct page *page, unsigned int length,
		     int prot)
{
	int ret;

	if (runs->count == RUNS ||
	    (runs->count && (runs->prot != prot || runs->first + runs->size != address))) {
		ret = runs_flush(runs);
		if (ret)
			return ret;
	}
	if (!runs->count) {
		sg_init_table(runs->sg, RUNS);
		runs->first = address;
		runs->size = 0;
		runs->prot = prot;
	}
	sg_set_page(&runs->sg[runs->count++], page, length, 0);
	runs->size += length;
	return 0;
}

/* Does @page follow in memory on the last that was pushed? */
static bool runs_followed_by(struct runs *runs, struct page *page)
{
	struct scatterlist *last;

	if (!runs->count)
		return false;
	last = &runs->sg[runs->count - 1];
	return sg_phys(last) + last->length == page_to_phys(page);
}

static int runs_push_piece(struct runs *runs, struct mapping *mapping, u64 offset, int prot)
{
	struct page **page = mapping->memory->pages + (offset >> PAGE_SHIFT);
	unsigned long left = mapping_size(mapping) >> PAGE_SHIFT, pages;
	u64 address = mapping->node.start;
	int ret;

	if (runs_followed_by(runs, *page)) {
		ret = runs_flush(runs);
		if (ret)
			return ret;
	}
	while (left) {
		for (pages = 1; pages < left && pages < RUN_MAX >> PAGE_SHIFT; pages++)
			if (page_to_pfn(page[pages]) != page_to_pfn(page[0]) + pages)
				break;
		ret = runs_push(runs, address, *page, pages << PAGE_SHIFT, prot);
		if (ret)
			return ret;
		page += pages;
		address += (u64)pages << PAGE_SHIFT;
		left -= pages;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/* ---- choosing addresses --------------------------------------------------------------------------- */

/* Where does what stands in the way of @first..@last begin? */
static bool range_is_taken(struct uldf_space *space, u64 first, u64 last, u64 *begin)
{
	struct mapping *mapping = mapping_find(space, first, last);
	u32 i;

	if (mapping) {
		*begin = mapping->node.start;
		return true;
	}
	for (i = 0; i < space->reserved_count; i++)
		if (first <= space->reserved[i].last && space->reserved[i].first <= last) {
			*begin = ALIGN_DOWN(space->reserved[i].first, PAGE_SIZE);
			return true;
		}
	return false;
}

/* The highest free range of @size bytes up to @limit. */
static int range_choose(struct uldf_space *space, u64 limit, u64 size, u64 *out)
{
	struct iommu_domain_geometry *geometry = &space->domain->geometry;
	/* drivers take address 0 for none */
	u64 lowest = max_t(u64, PAGE_ALIGN(geometry->aperture_start), PAGE_SIZE);
	u64 end = ALIGN_DOWN(min_t(u64, limit, geometry->aperture_end - 1) + 1, PAGE_SIZE);

	while (end > lowest && size <= end - lowest) {
		*out = end - size;
		if (!range_is_taken(space, end - size, end - 1, &end))
			return 0;
		cond_resched();
	}
	return -ENOSPC;
}

/* Addresses for all pieces in one range if there is one; otherwise none. */
static bool batch_choose(struct uldf_space *space, u64 limit, struct uldf_ioc_mapping *pieces,
			 u32 count)
{
	u64 size = 0, address;
	u32 i;

	for (i = 0; i < count; i++)
		if (check_add_overflow(size, pieces[i].size, &size))
			return false;
	if (range_choose(space, limit, size, &address))
		return false;
	for (i = 0; i < count; i++) {
		pieces[i].address = address;
		address += pieces[i].size;
	}
	return true;
}

/* ---- map ------------------------------------------------------------------------------------------ */

static int piece_check(struct uldf_space *space, const struct uldf_ioc_mapping *piece,
		       struct uldf_pinned **out)
{
	struct iommu_domain_geometry *geometry = &space->domain->geometry;
	struct uldf_pinned *memory;
	u64 last, end, i;

	if (piece->flags & ~(ULDF_MAP_READ | ULDF_MAP_WRITE) || !piece->flags || !piece->size ||
	    !PAGE_ALIGNED(piece->address | piece->size | piece->offset))
		return -EINVAL;
	if (check_add_overflow(piece->address, piece->size - 1, &last) ||
	    piece->address < geometry->aperture_start || last > geometry->aperture_end)
		return -ERANGE;
	for (i = 0; i < space->reserved_count; i++)
		if (piece->address <= space->reserved[i].last && space->reserved[i].first <= last)
			return -ERANGE;
	memory = xa_load(&space->memories, piece->memory);
	if (!memory)
		return -ENOENT;
	if (check_add_overflow(piece->offset, piece->size, &end) || end > (u64)memory->count
										    << PAGE_SHIFT)
		return -ERANGE;
	if (memory->readonly && piece->flags & ULDF_MAP_WRITE)
		return -EPERM;
	if (mapping_find(space, piece->address, last))
		return -EEXIST;
	*out = memory;
	return 0;
}

static int piece_map(struct uldf_space *space, struct runs *runs,
		     const struct uldf_ioc_mapping *piece, struct mapping **out)
{
	struct uldf_pinned *memory;
	struct mapping *mapping;
	int prot = IOMMU_CACHE, ret;

	ret = piece_check(space, piece, &memory);
	if (ret)
		return ret;
	if (space->mappings_count >= READ_ONCE(uldf_mappings_max))
		return -ENOSPC;
	mapping = kzalloc(sizeof(*mapping), GFP_KERNEL_ACCOUNT);
	if (!mapping)
		return -ENOMEM;
	mapping->node.start = piece->address;
	mapping->node.last = piece->address + piece->size - 1;
	mapping->memory = memory;
	memory->mappings++;
	space->mappings_count++;
	interval_tree_insert(&mapping->node, &space->mappings);
	*out = mapping;

	if (piece->flags & ULDF_MAP_READ)
		prot |= IOMMU_READ;
	if (piece->flags & ULDF_MAP_WRITE)
		prot |= IOMMU_WRITE;
	return runs_push_piece(runs, mapping, piece->offset, prot);
}

static void mapping_free(struct uldf_space *space, struct mapping *mapping)
{
	interval_tree_remove(&mapping->node, &space->mappings);
	mapping->memory->mappings--;
	space->mappings_count--;
	kfree(mapping);
}

/* Undoes a batch of which the first @done bytes were given to the IOMMU. */
static void batch_undo(struct uldf_space *space, struct mapping **made, u32 count, u64 done)
{
	u64 size;
	u32 i;

	for (i = 0; i < count; i++) {
		size = min(done, mapping_size(made[i]));
		if (size)
			iommu_unmap(space->domain, made[i]->node.start, size);
		done -= size;
		mapping_free(space, made[i]);
	}
}

static int batch_map(struct uldf_space *space, const struct uldf_ioc_map *map,
		     struct uldf_ioc_mapping *pieces, struct mapping **made, struct runs *runs)
{
	bool anywhere = map->flags & ULDF_MAP_ANYWHERE, together = false;
	u64 limit = map->limit ?: U64_MAX;
	u32 count = map->count, i;
	int ret = 0;

	if (!space->domain)
		return -ENXIO;
	runs->domain = space->domain;
	if (anywhere)
		together = batch_choose(space, limit, pieces, count);
	for (i = 0; i < count && !ret; i++) {
		if (anywhere && !together)
			ret = range_choose(space, limit, pieces[i].size, &pieces[i].address);
		if (!ret)
			ret = piece_map(space, runs, &pieces[i], &made[i]);
	}
	if (!ret)
		ret = runs_flush(runs);
	if (!ret)
		return 0;
	/* the last piece was made or not */
	batch_undo(space, made, i && made[i - 1] ? i : i - 1, runs->done);
	return ret;
}

/* ---- the calls --------------------------------------------------------------------------------- */

static int batch_read(struct uldf_ioc_map *map, u32 flags, struct uldf_ioc_mapping **out)
{
	struct uldf_ioc_mapping *pieces;

	map->done = 0;
	if (map->flags & ~flags || (map->limit && !map->flags) || !map->count)
		return -EINVAL;
	if (map->count > ULDF_MAP_BATCH)
		return -E2BIG;
	pieces = vmemdup_user(u64_to_user_ptr(map->mappings), map->count * sizeof(*pieces));
	if (IS_ERR(pieces))
		return PTR_ERR(pieces);
	*out = pieces;
	return 0;
}

static bool gather_empty(const struct iommu_iotlb_gather *gather)
{
	return gather->start > gather->end;
}

/* Takes @mapping from the IOMMU, all of it or -EIO; what may be cached of it goes to @gather. */
static int mapping_take(struct uldf_space *space, struct mapping *mapping,
			struct iommu_iotlb_gather *gather)
{
	u64 first = mapping->node.start, last = mapping->node.last, size = mapping_size(mapping);

	if (!gather_empty(gather) &&
	    max_t(u64, last, gather->end) - min_t(u64, first, gather->start) >= GATHER_MAX)
		iommu_iotlb_sync(space->domain, gather);
	return WARN_ON_ONCE(iommu_unmap_fast(space->domain, first, size, gather) != size) ? -EIO
											  : 0;
}

static int piece_unmap(struct uldf_space *space, const struct uldf_ioc_mapping *piece,
		       struct iommu_iotlb_gather *gather)
{
	struct mapping *mapping;
	u64 last;
	int ret;

	if (check_add_overflow(piece->address, piece->size - 1, &last))
		return -ENOENT;
	mapping = mapping_find(space, piece->address, last);
	if (!mapping || mapping->node.start != piece->address || mapping->node.last != last)
		return -ENOENT;
	ret = mapping_take(space, mapping, gather);
	/* what the IOMMU may still have must neither be unpinned nor mapped anew */
	if (!ret)
		mapping_free(space, mapping);
	return ret;
}

/* Ends the mappings of @pieces up to the first that cannot be; @done says how many were. */
static int batch_unmap(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
		       u32 *done)
{
	struct iommu_iotlb_gather gather;
	int ret = 0;

	iommu_iotlb_gather_init(&gather);
	mutex_lock(&space->lock);
	for (*done = 0; *done < count; ++*done) {
		ret = piece_unmap(space, &pieces[*done], &gather);
		if (ret)
			break;
		cond_resched();
	}
	/* before the lock is dropped: memory without mappings can be unpinned from then on */
	if (!gather_empty(&gather))
		iommu_iotlb_sync(space->domain, &gather);
	mutex_unlock(&space->lock);
	return ret;
}

static bool unmap_is_valid(const struct uldf_ioc_mapping *piece)
{
	return !piece->flags && !piece->memory && !piece->offset && piece->size &&
	       PAGE_ALIGNED(piece->address | piece->size);
}

int uldf_mapping_unmap(void *object, union uldf_args *args)
{
	struct uldf_ioc_map *map = &args->map;
	struct uldf_ioc_mapping *pieces;
	u32 valid = 0;
	int ret;

	ret = batch_read(map, 0, &pieces);
	if (ret)
		return ret;
	while (valid < map->count && unmap_is_valid(&pieces[valid]))
		valid++;
	ret = batch_unmap(object, pieces, valid, &map->done);
	if (!ret && valid < map->count)
		ret = -EINVAL;
	kvfree(pieces);
	return ret;
}

/* Tells the addresses that were chosen. */
static int batch_write(const struct uldf_ioc_map *map, const struct uldf_ioc_mapping *pieces)
{
	if (!(map->flags & ULDF_MAP_ANYWHERE))
		return 0;
	return copy_to_user(u64_to_user_ptr(map->mappings), pieces, map->count * sizeof(*pieces))
		       ? -EFAULT
		       : 0;
}

int uldf_mapping_map(void *object, union uldf_args *args)
{
	struct uldf_ioc_map *map = &args->map;
	struct uldf_space *space = object;
	struct uldf_ioc_mapping *pieces;
	struct mapping **made;
	struct runs runs = {};
	u32 done;
	int ret;

	ret = batch_read(map, ULDF_MAP_ANYWHERE, &pieces);
	if (ret)
		return ret;
	made = kvcalloc(map->count, sizeof(struct mapping *), GFP_KERNEL_ACCOUNT);
	runs.sg = kmalloc_array(RUNS, sizeof(*runs.sg), GFP_KERNEL_ACCOUNT);
	ret = -ENOMEM;
	if (made && runs.sg) {
		mutex_lock(&space->lock);
		ret = batch_map(space, map, pieces, made, &runs);
		mutex_unlock(&space->lock);
	}
	if (!ret && batch_write(map, pieces)) {
		batch_unmap(space, pieces, map->count, &done);
		ret = -EFAULT;
	}
	if (!ret)
		map->done = map->count;
	kfree(runs.sg);
	kvfree(made);
	kvfree(pieces);
	return ret;
}

/* Takes away every mapping; no device is attached and nobody else knows the space. */
void uldf_mapping_clear(struct uldf_space *space)
{
	struct iommu_iotlb_gather gather;
	struct mapping *mapping;

	if (!space->domain)
		return;
	iommu_iotlb_gather_init(&gather);
	while ((mapping = mapping_find(space, 0, ULONG_MAX))) {
		/* the domain goes next, and with it what could not be taken */
		mapping_take(space, mapping, &gather);
		mapping_free(space, mapping);
		cond_resched();
	}
	if (!gather_empty(&gather))
		iommu_iotlb_sync(space->domain, &gather);
}
