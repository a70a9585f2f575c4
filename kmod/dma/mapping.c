// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings: maps and unmaps batches of pieces of memory for the devices of a space.
 *
 * Pieces of a batch at adjacent bus addresses become one row (row.c), which is looked up and entered
 * once, and are mapped and unmapped in the IOMMU together (batch.c). Each mapping is unmapped whole.
 *
 * A mapping of one page costs the kernel more than that page was charged for, so mappings_max bounds how
 * many a space may have.
 *
 * Takes uldf_space.lock, after copying the caller's array: by words, since a copy of variable size costs
 * several times as much.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core/compat.h"
#include "core/trace.h"
#include "dma/batch.h"
#include "dma/choice.h"
#include "dma/extent.h"
#include "dma/mapping.h"
#include "dma/memory.h"
#include "dma/row.h"
#include "dma/unmap.h"

static unsigned int mappings_max = 65536;
module_param(mappings_max, uint, 0600);
MODULE_PARM_DESC(mappings_max, "how many mappings one space may have");

#define FEW    4   /* pieces that fit on the stack */
#define PIECES 128 /* pieces for which a space keeps room */

/* ---- map ---------------------------------------------------------------------------------------- */

/* Checks that a piece is well-formed; @last gets its last bus address. */
static __always_inline int piece_form(const struct uldf_ioc_mapping *piece, u64 *last)
{
	if (piece->flags & ~(ULDF_MAP_READ | ULDF_MAP_WRITE) || !piece->flags || !piece->size ||
	    !PAGE_ALIGNED(piece->address | piece->size | piece->offset))
		return -EINVAL;
	return check_add_overflow(piece->address, piece->size - 1, last) ? -ERANGE : 0;
}

/* A batch that is being mapped. Its row enters the space's tree when no more piece can be added to it. */
struct making {
	struct uldf_batch batch;
	struct uldf_row row; /* without mappings if none was begun */
	u64 free_first,
		free_last; /* addresses known to be free and not the row's; none if first > last */
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

/* Looks up the free addresses from @first on. Returns the extent that has any of @first..@last, or NULL. */
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

/* Checks that a piece can be mapped; @taken is an extent that has one of its addresses, or NULL. */
static __always_inline int piece_check(struct uldf_space *space,
				       const struct uldf_ioc_mapping *piece, u64 last,
				       const struct uldf_extent *taken, struct uldf_memory **out)
{
	const struct iommu_domain_geometry *geometry = &space->domain->geometry;
	struct uldf_memory *memory;
	u64 end;

	if (piece->address < geometry->aperture_start || last > geometry->aperture_end ||
	    (taken && !taken->memory))
		return -ERANGE;
	memory = uldf_memory_find(space, piece->memory);
	if (!memory)
		return -ENOENT;
	if (check_add_overflow(piece->offset, piece->size, &end) || end > (u64)memory->count
										    << PAGE_SHIFT)
		return memory->count ? -ERANGE : -ENODEV;
	if (memory->readonly && piece->flags & ULDF_MAP_WRITE)
		return -EPERM;
	if (taken)
		return -EEXIST;
	*out = memory;
	return 0;
}

/* Takes the addresses of a piece: adds them to the row, or to a new row that begins with the piece. */
static int piece_take(struct making *making, u64 first, u64 last, struct uldf_memory *memory)
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

/* Maps a piece. On failure @made says whether the caller has to undo it. */
static int piece_map(struct making *making, const struct uldf_ioc_mapping *piece, bool *made)
{
	struct uldf_extent *taken = NULL;
	struct uldf_memory *memory;
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
 * Maps what most calls map: one piece, in one run of the memory, at an address that the caller chose.
 * Returns false, with nothing mapped, if the piece is not such a one or fails; batch_run() then maps it
 * or tells the error.
 */
static bool map_alone(struct uldf_space *space, const struct uldf_ioc_mapping *piece)
{
	struct uldf_row row uldf_uninitialized;
	struct uldf_memory *memory;
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
	    space->mappings_count >= READ_ONCE(mappings_max) ||
	    uldf_tables_touch(&space->tables, piece->address, last) ||
	    uldf_row_begin(space, &row) ||
	    uldf_map(space->domain, piece->address, run->address + skip, piece->size,
		     uldf_prot(memory, piece->flags)))
		return false;
	uldf_row_add(&row, piece->address, last, memory);
	uldf_row_enter(space, &row);
	return true;
}

/* ---- batches ------------------------------------------------------------------------------------ */

static int pieces_map(struct uldf_space *space, const struct uldf_ioc_map *map,
		      struct uldf_ioc_mapping *pieces)
{
	bool anywhere = map->flags & ULDF_MAP_ANYWHERE, together = false, made;
	struct making making uldf_uninitialized;
	u64 limit = map->limit ?: U64_MAX;
	u32 i, count = 0;
	int ret = 0;

	if (!space->domain)
		return space->bare ? -EOPNOTSUPP : -ENXIO;
	if (space->revoked)
		return -ESHUTDOWN;
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
		uldf_unmap_undo(space, pieces, count, making.batch.done);
	return ret;
}

/* ---- the calls ---------------------------------------------------------------------------------- */

/* Returns room for a batch that does not fit on the stack: the space's own, or newly allocated. */
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

/* Writes the chosen addresses to the caller's array. */
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

/* Unmaps what a call mapped whose answer cannot be written, so that the caller knows of all mappings. */
static noinline int map_undo(struct uldf_space *space, const struct uldf_ioc_map *map,
			     struct uldf_ioc_mapping *pieces)
{
	u32 i, done;

	for (i = 0; i < map->count; i++)
		pieces[i].flags = pieces[i].memory = pieces[i].offset = 0;
	/* goes on behind a piece that somebody else has unmapped */
	for (i = 0; i < map->count; i += done + 1)
		uldf_unmap_pieces(space, pieces + i, map->count - i, &done);
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

/* Counts and traces the mappings of one call. */
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

/* Reads the arguments; the fast path is for the size that programs of this version pass. */
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
		ret = unmap ? uldf_unmap_pieces(space, pieces, map->count, &map->done)
			    : map_run(space, map, pieces, user);
	if (pieces != few)
		pieces_put(space, pieces, map->count);
	return ret;
}

/* Is the call for one piece, at an address that the caller chose? Reads the piece. */
static __always_inline bool is_alone(const struct uldf_ioc_map *map, struct uldf_ioc_mapping *piece)
{
	return map->count == 1 && !(map->flags | map->limit) &&
	       !pieces_read(piece, map->mappings, 1);
}

/**
 * uldf_mapping_map - run ULDF_SPACE_MAP, which copies its own arguments
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
 * uldf_mapping_unmap - run ULDF_SPACE_UNMAP, which copies its own arguments
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
	if (is_alone(&map, &piece) && uldf_unmap_is_plain(&piece)) {
		mutex_lock(&space->lock);
		map.done = uldf_unmap_alone(space, &piece);
		mutex_unlock(&space->lock);
	}
	if (!map.done)
		ret = batch_run(space, &map, from, true);
	unmap_told(space, &map, ret);
	if (put_user(map.done, &from->done))
		return ret ?: -EFAULT;
	return ret;
}

/* Ends ranges after all of them were judged, so that a wrong one changes nothing. */
static int ranges_run(struct uldf_space *space, struct uldf_ioc_unmap_range *arg,
		      const struct uldf_ioc_space_range *ranges, u32 count)
{
	struct uldf_ended ended;
	u32 i;
	int ret;

	for (i = 0; i < count; i++)
		if (ranges[i].first > ranges[i].last || !PAGE_ALIGNED(ranges[i].first) ||
		    !PAGE_ALIGNED(ranges[i].last + 1))
			return -EINVAL;
	ret = uldf_unmap_ranges(space, ranges, count, &ended);
	atomic64_add(ended.mappings, &space->unmapped);
	trace_uldf_unmap(space, ended.mappings, ended.mappings, ret);
	arg->mappings = ended.mappings;
	arg->bytes = ended.bytes;
	arg->done = ended.ranges;
	return ret;
}

static int range_call(void *object, void *args)
{
	struct uldf_ioc_unmap_range *arg = args;
	struct uldf_ioc_space_range few[FEW], *ranges = few;
	struct uldf_space *space = object;
	int ret = 0;

	arg->mappings = arg->bytes = arg->done = 0;
	if (arg->flags || (arg->count ? arg->first | arg->last : arg->ranges))
		return -EINVAL;
	if (!arg->count) {
		few[0] = (struct uldf_ioc_space_range){arg->first, arg->last};
		return ranges_run(space, arg, few, 1);
	}
	if (arg->count > ULDF_MAP_BATCH)
		return -E2BIG;
	if (arg->count > FEW)
		ranges = kvmalloc_array(arg->count, sizeof(*ranges), GFP_KERNEL_ACCOUNT);
	if (!ranges)
		return -ENOMEM;
	if (copy_from_user(ranges, u64_to_user_ptr(arg->ranges), arg->count * sizeof(*ranges)))
		ret = -EFAULT;
	ret = ret ?: ranges_run(space, arg, ranges, arg->count);
	if (ranges != few)
		kvfree(ranges);
	return ret;
}

static int revoke_call(void *object, void *args)
{
	struct uldf_ioc_revoke *arg = args;
	struct uldf_space *space = object;
	int ret;

	if (arg->flags)
		return -EINVAL;
	if (space->bare)
		return -EOPNOTSUPP;
	mutex_lock(&space->lock);
	space->revoked = true;
	/* map_alone() does not look at revoked, but fails once the tables are closed */
	uldf_tables_close(&space->tables);
	ret = uldf_unmap_all(space, false);
	mutex_unlock(&space->lock);
	return ret;
}

const struct uldf_call uldf_mapping_calls[] = {
	{ULDF_SPACE_UNMAP_RANGE, offsetofend(struct uldf_ioc_unmap_range, bytes),
	 .known = sizeof(struct uldf_ioc_unmap_range), .always = true, .run = range_call},
	{ULDF_SPACE_REVOKE, sizeof(struct uldf_ioc_revoke), .run = revoke_call},
	{},
};
