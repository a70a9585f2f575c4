// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings: batches of pieces made visible to, and taken from, the devices of a space.
 *
 * Pieces of a batch that follow each other in bus addresses become a row (row.c), which is found and
 * entered once, and are given to the IOMMU and taken from it together (batch.c). Each is unmapped whole.
 *
 * A piece of one page costs the kernel more than that page was charged for: a space has a bounded number.
 *
 * Takes uldf_space.lock. The caller's array is copied before, by words, since a copy that can be of any
 * size costs several times as much.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core/compat.h"
#include "core/trace.h"
#include "dma/space.h"

static unsigned int mappings_max = 65536;
module_param(mappings_max, uint, 0600);
MODULE_PARM_DESC(mappings_max, "how many mappings one space may have");

#define FEW    4   /* pieces, for which the stack is enough */
#define PIECES 128 /* for which a space keeps room */

/* ---- map ---------------------------------------------------------------------------------------- */

/* Is it well-formed? */
static __always_inline int piece_form(const struct uldf_ioc_mapping *piece, u64 *last)
{
	if (piece->flags & ~(ULDF_MAP_READ | ULDF_MAP_WRITE) || !piece->flags || !piece->size ||
	    !PAGE_ALIGNED(piece->address | piece->size | piece->offset))
		return -EINVAL;
	return check_add_overflow(piece->address, piece->size - 1, last) ? -ERANGE : 0;
}

/* A batch being mapped. Its last row is entered in the tree when it is whole. */
struct making {
	struct uldf_batch batch;
	struct uldf_row row; /* without mappings: none is begun */
	u64 free_first,
		free_last; /* known to be free and aside from the row; none if first > last */
};

static void row_enter(struct making *making)
{
	if (making->row.count)
		uldf_row_enter(making->batch.space, &making->row);
	making->row.count = making->row.room = 0;
}

static void free_forget(struct making *making)
{
	making->free_first = 1;
	making->free_last = 0;
}

/* Looks up what is free from @first on. Returns what has any of @first..@last, or NULL. */
static struct uldf_extent *free_find(struct making *making, u64 first, u64 last)
{
	struct uldf_extent *above;

	row_enter(making);
	free_forget(making);
	above = uldf_extent_above(&making->batch.space->extents, first);
	if (above && above->first <= last)
		return above;
	making->free_first = first;
	making->free_last = above ? above->first - 1 : U64_MAX;
	return NULL;
}

/* Is the piece, of which @taken has an address, NULL for none, one that can be mapped? */
static __always_inline int piece_check(struct uldf_space *space,
				       const struct uldf_ioc_mapping *piece, u64 last,
				       const struct uldf_extent *taken, struct uldf_pinned **out)
{
	const struct iommu_domain_geometry *geometry = &space->domain->geometry;
	struct uldf_pinned *memory;
	u64 end;

	if (piece->address < geometry->aperture_start || last > geometry->aperture_end ||
	    (taken && !taken->memory))
		return -ERANGE;
	memory = uldf_memory_find(space, piece->memory);
	if (!memory)
		return -ENOENT;
	if (check_add_overflow(piece->offset, piece->size, &end) || end > (u64)memory->count
										    << PAGE_SHIFT)
		return -ERANGE;
	if (memory->readonly && piece->flags & ULDF_MAP_WRITE)
		return -EPERM;
	if (taken)
		return -EEXIST;
	*out = memory;
	return 0;
}

/* Takes the addresses of a piece: for the row, or for one that begins with it. */
static int piece_take(struct making *making, u64 first, u64 last, struct uldf_pinned *memory)
{
	struct uldf_space *space = making->batch.space;
	struct uldf_row *row = &making->row;
	int ret;

	if (space->mappings_count + row->count >= READ_ONCE(mappings_max))
		return -ENOSPC;
	if (row->count == row->room || row->extent->last + 1 != first) {
		row_enter(making);
		ret = uldf_row_begin(space, row);
		if (ret)
			return ret;
	}
	uldf_row_add(row, first, last, memory);
	if (last == making->free_last)
		free_forget(making);
	else
		making->free_first = last + 1;
	return 0;
}

/* @made says whether the piece has to be undone. */
static int piece_map(struct making *making, const struct uldf_ioc_mapping *piece, bool *made)
{
	struct uldf_extent *taken = NULL;
	struct uldf_pinned *memory;
	u64 last;
	int ret;

	*made = false;
	ret = piece_form(piece, &last);
	if (ret)
		return ret;
	if (piece->address < making->free_first || last > making->free_last)
		taken = free_find(making, piece->address, last);
	ret = piece_check(making->batch.space, piece, last, taken, &memory);
	if (!ret)
		ret = piece_take(making, piece->address, last, memory);
	if (ret)
		return ret;
	*made = true;
	return uldf_batch_push(&making->batch, piece, memory);
}

/*
 * What most calls are: one piece, which is one run of the memory, at an address of the caller's. Where it
 * is not that, or fails, nothing is done and the batch has to tell.
 */
static bool map_alone(struct uldf_space *space, const struct uldf_ioc_mapping *piece)
{
	struct uldf_row row uldf_uninitialized;
	struct uldf_pinned *memory;
	struct uldf_extent *above;
	const struct uldf_run *run;
	u64 last, skip;

	if (!space->domain || piece_form(piece, &last))
		return false;
	above = uldf_extent_above(&space->extents, piece->address);
	if (piece_check(space, piece, last, above && above->first <= last ? above : NULL, &memory))
		return false;
	run = uldf_memory_run(memory, piece->offset >> PAGE_SHIFT);
	skip = piece->offset - ((u64)run->first << PAGE_SHIFT);
	if (((u64)(run[1].first - run->first) << PAGE_SHIFT) - skip < piece->size ||
	    space->mappings_count >= READ_ONCE(mappings_max) || uldf_row_begin(space, &row) ||
	    uldf_map(space->domain, piece->address, run->address + skip, piece->size,
		     uldf_prot(piece->flags)))
		return false;
	uldf_row_add(&row, piece->address, last, memory);
	uldf_row_enter(space, &row);
	return true;
}

/* ---- unmap -------------------------------------------------------------------------------------- */

/* Has the piece only what unmapping takes? */
static bool unmap_is_plain(const struct uldf_ioc_mapping *piece)
{
	return !piece->flags && !piece->memory && !piece->offset;
}

/* One mapping: which of a row's. */
struct place {
	struct uldf_extent *row;
	unsigned int index, count; /* of the row's */
};

static u64 place_last(const struct place *place)
{
	return place->index + 1 < place->count ? place->row[place->index + 1].first - 1
					       : place->row->last;
}

static bool place_find(struct uldf_space *space, const struct uldf_ioc_mapping *piece,
		       struct place *out)
{
	struct uldf_extent *row = uldf_extent_above(&space->extents, piece->address);

	if (!row || !row->memory || row->first > piece->address)
		return false;
	out->row = row;
	out->count = uldf_row_count(row);
	out->index = uldf_row_find(row, piece->address);
	return out->index < out->count && place_last(out) - piece->address == piece->size - 1;
}

/* The mapping that follows on at @address, if one does. */
static bool place_next(struct place *place, u64 address)
{
	struct uldf_extent *next;

	if (++place->index < place->count)
		return true;
	next = rb_entry_safe(rb_next(&place->row->node), struct uldf_extent, node);
	if (!next || !next->memory || next->first != address)
		return false;
	*place = (struct place){next, 0, uldf_row_count(next)};
	return true;
}

/* Ends @count mappings, which follow each other from @place on. */
static void places_remove(struct uldf_space *space, struct place place, unsigned int count)
{
	struct uldf_extent *next;
	unsigned int here;

	for (; count; count -= here) {
		here = min(count, place.count - place.index);
		next = rb_entry_safe(rb_next(&place.row->node), struct uldf_extent, node);
		uldf_row_remove(space, place.row, place.index, here);
		if (count > here)
			place = (struct place){next, 0, uldf_row_count(next)};
	}
}

/*
 * Ends the mappings of as many of @pieces as follow each other. Returns how many, or -EINVAL or -ENOENT for
 * the first, or -EIO.
 */
static int pieces_unmap(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
			struct iommu_iotlb_gather *gather)
{
	const u64 first = pieces[0].address;
	struct place place, at;
	u64 last, end;
	u32 found = 1;
	int ret;

	if (!unmap_is_plain(&pieces[0]) || !pieces[0].size || !PAGE_ALIGNED(first | pieces[0].size))
		return -EINVAL;
	if (!place_find(space, &pieces[0], &place))
		return -ENOENT;
	at = place;
	last = first + pieces[0].size - 1;
	for (; found < count && pieces[found].address == last + 1; found++) {
		if (!unmap_is_plain(&pieces[found]) || !place_next(&at, last + 1))
			break;
		end = place_last(&at);
		if (end - last != pieces[found].size)
			break;
		last = end;
	}
	ret = uldf_range_take(space, first, last, gather);
	if (ret)
		return ret;
	places_remove(space, place, found);
	return found;
}

/* As map_alone(): one piece, which is a row. */
static bool unmap_alone(struct uldf_space *space, const struct uldf_ioc_mapping *piece)
{
	struct uldf_extent *row = uldf_extent_above(&space->extents, piece->address);

	if (!row || !row->memory || row->first != piece->address ||
	    row->last - row->first != piece->size - 1 || uldf_row_count(row) != 1 ||
	    piece->size > ULDF_GATHER_MAX ||
	    iommu_unmap(space->domain, piece->address, piece->size) != piece->size)
		return false;
	uldf_row_remove(space, row, 0, 1);
	return true;
}

/* Ends the mappings of @pieces up to the first that cannot be; @done says how many were. */
static int pieces_end(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
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
	uldf_range_flush(space, &gather, *done);
	mutex_unlock(&space->lock);
	return min(ret, 0);
}

/* ---- batches ------------------------------------------------------------------------------------ */

/* Undoes the first @count pieces, of which @done bytes were given to the IOMMU. */
static void pieces_undo(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
			u64 done)
{
	struct place place;
	u64 size;
	u32 i;

	for (i = 0; i < count; i++) {
		size = min(done, pieces[i].size);
		if (size)
			iommu_unmap(space->domain, pieces[i].address, size);
		done -= size;
		if (!WARN_ON_ONCE(!place_find(space, &pieces[i], &place)))
			uldf_row_remove(space, place.row, place.index, 1);
	}
}

static int pieces_map(struct uldf_space *space, const struct uldf_ioc_map *map,
		      struct uldf_ioc_mapping *pieces)
{
	bool anywhere = map->flags & ULDF_MAP_ANYWHERE, together = false, made;
	struct making making uldf_uninitialized;
	u64 limit = map->limit ?: U64_MAX;
	u32 i, count = 0;
	int ret = 0;

	if (space->dma_device)
		return -EOPNOTSUPP;
	if (!space->domain)
		return -ENXIO;
	if (anywhere)
		together = uldf_choice_all(space, limit, pieces, map->count);
	uldf_batch_init(&making.batch, space);
	making.row.count = making.row.room = 0;
	free_forget(&making);
	for (i = 0; i < map->count && !ret; i++) {
		if (anywhere && !together) {
			row_enter(&making);
			ret = pieces[i].size ? uldf_choice_one(space, limit, pieces[i].size,
							       &pieces[i].address)
					     : -EINVAL;
			if (ret)
				break;
		}
		ret = piece_map(&making, &pieces[i], &made);
		count += made;
	}
	row_enter(&making);
	if (!ret)
		ret = uldf_batch_flush(&making.batch);
	if (ret)
		pieces_undo(space, pieces, count, making.batch.done);
	return ret;
}

/* ---- the calls ---------------------------------------------------------------------------------- */

/* Room for a batch: on the caller's stack, the space's own, or made for it. */
static struct uldf_ioc_mapping *pieces_get(struct uldf_space *space, u32 count)
{
	struct uldf_ioc_mapping *pieces = NULL;

	if (count <= PIECES)
		pieces = xchg(&space->pieces, NULL);
	return pieces
		       ?: kvmalloc_array(max_t(u32, count, PIECES), sizeof(*pieces),
					 GFP_KERNEL_ACCOUNT);
}

static void pieces_put(struct uldf_space *space, struct uldf_ioc_mapping *pieces, u32 count)
{
	if (count > PIECES || cmpxchg(&space->pieces, NULL, pieces))
		kvfree(pieces);
}

static __always_inline int pieces_read(struct uldf_ioc_mapping *pieces, u64 user, u32 count)
{
	const u64 __user *at = u64_to_user_ptr(user);
	u64 *to = (u64 *)pieces, *end = (u64 *)(pieces + count);

	BUILD_BUG_ON(sizeof(*pieces) != 4 * sizeof(*at));
	if (!user_read_access_begin(at, count * sizeof(*pieces)))
		return -EFAULT;
	for (; to < end; to += 4, at += 4) {
		unsafe_get_user(to[0], at, fault);
		unsafe_get_user(to[1], at + 1, fault);
		unsafe_get_user(to[2], at + 2, fault);
		unsafe_get_user(to[3], at + 3, fault);
	}
	user_read_access_end();
	return 0;

fault:
	user_read_access_end();
	return -EFAULT;
}

/* Tells the addresses that were chosen. */
static int pieces_write(const struct uldf_ioc_map *map, const struct uldf_ioc_mapping *pieces)
{
	struct uldf_ioc_mapping __user *to = u64_to_user_ptr(map->mappings);
	u32 i;

	if (!user_write_access_begin(to, map->count * sizeof(*to)))
		return -EFAULT;
	for (i = 0; i < map->count; i++)
		unsafe_put_user(pieces[i].address, &to[i].address, fault);
	user_write_access_end();
	return 0;

fault:
	user_write_access_end();
	return -EFAULT;
}

/* Ends what a call mapped that cannot be answered: nothing is mapped of which the caller does not know. */
static noinline int map_undo(struct uldf_space *space, const struct uldf_ioc_map *map,
			     struct uldf_ioc_mapping *pieces)
{
	u32 i;

	for (i = 0; i < map->count; i++)
		pieces[i].flags = pieces[i].memory = pieces[i].offset = 0;
	pieces_end(space, pieces, map->count, &i);
	return -EFAULT;
}

static __always_inline int map_answer(struct uldf_space *space, struct uldf_ioc_map *map,
				      struct uldf_ioc_mapping *pieces,
				      struct uldf_ioc_map __user *user)
{
	if ((map->flags && pieces_write(map, pieces)) || put_user(map->count, &user->done))
		return map_undo(space, map, pieces);
	map->done = map->count;
	return 0;
}

/* The calls are counted and traced by batch. */
static void map_told(struct uldf_space *space, const struct uldf_ioc_map *map, int ret)
{
	atomic64_add(map->done, &space->mapped);
	trace_uldf_map(space, map->count, map->done, ret);
}

static void unmap_told(struct uldf_space *space, const struct uldf_ioc_map *map, int ret)
{
	atomic64_add(map->done, &space->unmapped);
	trace_uldf_unmap(space, map->count, map->done, ret);
}

static int map_run(struct uldf_space *space, struct uldf_ioc_map *map,
		   struct uldf_ioc_mapping *pieces, struct uldf_ioc_map __user *user)
{
	int ret;

	mutex_lock(&space->lock);
	ret = pieces_map(space, map, pieces);
	mutex_unlock(&space->lock);
	return ret ?: map_answer(space, map, pieces, user);
}

/* All calls but those of old or new programs have this size. */
static __always_inline int map_read(struct uldf_ioc_map *map, struct uldf_ioc_map __user *from)
{
	if (!user_read_access_begin(from, sizeof(*from)))
		goto other;
	unsafe_get_user(map->argsz, &from->argsz, fault);
	unsafe_get_user(map->flags, &from->flags, fault);
	unsafe_get_user(map->count, &from->count, fault);
	unsafe_get_user(map->mappings, &from->mappings, fault);
	unsafe_get_user(map->limit, &from->limit, fault);
	user_read_access_end();
	if (map->argsz == sizeof(*map))
		return 0;
	goto other;

fault:
	user_read_access_end();
other:
	return uldf_args_read(map, from, offsetofend(struct uldf_ioc_map, mappings), sizeof(*map));
}

static int batch_run(struct uldf_space *space, struct uldf_ioc_map *map,
		     struct uldf_ioc_map __user *user, bool unmap)
{
	struct uldf_ioc_mapping few[FEW] uldf_uninitialized, *pieces = few;
	int ret;

	if (map->flags & ~(unmap ? 0 : ULDF_MAP_ANYWHERE) || (map->limit && !map->flags) ||
	    !map->count)
		return -EINVAL;
	if (map->count > ULDF_MAP_BATCH)
		return -E2BIG;
	if (map->count > FEW)
		pieces = pieces_get(space, map->count);
	if (!pieces)
		return -ENOMEM;
	ret = pieces_read(pieces, map->mappings, map->count);
	if (!ret)
		ret = unmap ? pieces_end(space, pieces, map->count, &map->done)
			    : map_run(space, map, pieces, user);
	if (pieces != few)
		pieces_put(space, pieces, map->count);
	return ret;
}

/* Is it one piece, at an address of the caller's? */
static __always_inline bool is_alone(const struct uldf_ioc_map *map, struct uldf_ioc_mapping *piece)
{
	return map->count == 1 && !(map->flags | map->limit) &&
	       !pieces_read(piece, map->mappings, 1);
}

/**
 * uldf_mapping_map - ULDF_SPACE_MAP, which takes its own arguments
 * @space: the space
 * @user: pointer to struct uldf_ioc_map
 *
 * Return: 0 or negative errno, see struct uldf_ioc_map
 */
long uldf_mapping_map(struct uldf_space *space, unsigned long user)
{
	struct uldf_ioc_map __user *from = (void __user *)user;
	struct uldf_ioc_mapping piece uldf_uninitialized;
	struct uldf_ioc_map map uldf_uninitialized;
	bool mapped = false;
	int ret;

	ret = map_read(&map, from);
	if (ret)
		return ret;
	map.done = 0;
	if (is_alone(&map, &piece)) {
		mutex_lock(&space->lock);
		mapped = map_alone(space, &piece);
		mutex_unlock(&space->lock);
	}
	ret = mapped ? map_answer(space, &map, &piece, from) : batch_run(space, &map, from, false);
	map_told(space, &map, ret);
	if (ret)
		put_user(0, &from->done);
	return ret;
}

/**
 * uldf_mapping_unmap - ULDF_SPACE_UNMAP, which takes its own arguments
 * @space: the space
 * @user: pointer to struct uldf_ioc_map
 *
 * Return: 0 or negative errno, see struct uldf_ioc_map
 */
long uldf_mapping_unmap(struct uldf_space *space, unsigned long user)
{
	struct uldf_ioc_map __user *from = (void __user *)user;
	struct uldf_ioc_mapping piece uldf_uninitialized;
	struct uldf_ioc_map map uldf_uninitialized;
	int ret;

	ret = map_read(&map, from);
	if (ret)
		return ret;
	map.done = 0;
	if (is_alone(&map, &piece) && unmap_is_plain(&piece)) {
		mutex_lock(&space->lock);
		map.done = unmap_alone(space, &piece);
		mutex_unlock(&space->lock);
	}
	if (!map.done)
		ret = batch_run(space, &map, from, true);
	unmap_told(space, &map, ret);
	if (put_user(map.done, &from->done))
		return ret ?: -EFAULT;
	return ret;
}

/* ---- the life of a space ------------------------------------------------------------------------ */

/* Takes away every mapping; no device is attached and nobody else knows the space. */
void uldf_mapping_clear(struct uldf_space *space)
{
	struct iommu_iotlb_gather gather;
	struct uldf_extent *extent, *next;
	bool taken = false;

	iommu_iotlb_gather_init(&gather);
	for (extent = rb_entry_safe(rb_first(&space->extents), struct uldf_extent, node); extent;
	     extent = next) {
		next = rb_entry_safe(rb_next(&extent->node), struct uldf_extent, node);
		/* the domain goes next, and with it what could not be taken */
		if (extent->memory) {
			taken |= !uldf_range_take(space, extent->first, extent->last, &gather);
			uldf_row_remove(space, extent, 0, uldf_row_count(extent));
		}
		cond_resched();
	}
	uldf_range_flush(space, &gather, taken);
}

/* Frees what is left: reserved ranges, and what was kept for new mappings. */
void uldf_mapping_forget(struct uldf_space *space)
{
	struct uldf_extent *extent, *next;

	rbtree_postorder_for_each_entry_safe(extent, next, &space->extents, node) kfree(extent);
	uldf_rows_forget(space);
	kfree(space->sg);
	kvfree(space->pieces);
}
