// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ends mappings: by piece, by range, and all of a space. Each mapping is ended whole.
 *
 * Guarded by uldf_space.lock. Each function flushes the IOTLB before the lock is dropped, because memory
 * without mappings can be unpinned from then on.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "dma/batch.h"
#include "dma/extent.h"
#include "dma/row.h"
#include "dma/unmap.h"

#define UNDO_CHUNK 64 /* pieces between two chances to reschedule */
#define ROWS_CHUNK 64 /* rows */

/* ---- pieces ------------------------------------------------------------------------------------- */

/* One mapping, by its row and its index in the row. */
struct place {
	struct uldf_extent *row;
	unsigned int index, count; /* of the mapping; of the row's mappings */
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

/* Moves @place to the next mapping if that begins at @address, right behind. Returns whether it does. */
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

/* Removes @count adjacent mappings, from @place on, from the tree. */
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
 * Ends the mappings of the first of @pieces and of those that are adjacent to it. Returns how many, or
 * -EINVAL or -ENOENT for the first, or -EIO.
 */
static int pieces_unmap(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
			struct iommu_iotlb_gather *gather)
{
	const u64 first = pieces[0].address;
	struct place place, at;
	u64 last, end;
	u32 found = 1;
	int ret;

	if (!uldf_unmap_is_plain(&pieces[0]) || !pieces[0].size ||
	    !PAGE_ALIGNED(first | pieces[0].size))
		return -EINVAL;
	if (!place_find(space, &pieces[0], &place))
		return -ENOENT;
	at = place;
	last = first + pieces[0].size - 1;
	for (; found < count && pieces[found].address == last + 1; found++) {
		if (!uldf_unmap_is_plain(&pieces[found]) || !place_next(&at, last + 1))
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

/**
 * uldf_unmap_pieces - end the mappings of pieces, up to the first one that fails
 * @space: the space
 * @pieces: the pieces
 * @count: how many pieces
 * @done: how many were ended
 *
 * Return: 0; -EINVAL, -ENOENT or -EIO for the piece that failed
 */
int uldf_unmap_pieces(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
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
	uldf_range_flush(space, &gather, *done);
	mutex_unlock(&space->lock);
	return min(ret, 0);
}

/**
 * uldf_unmap_undo - end the mappings of a batch that failed
 * @space: the space, its lock held
 * @pieces: the pieces
 * @count: how many of them became mappings
 * @done: how many bytes of these the IOMMU has mapped, in the order of the pieces
 */
void uldf_unmap_undo(struct uldf_space *space, const struct uldf_ioc_mapping *pieces, u32 count,
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
		if (!(i % UNDO_CHUNK))
			cond_resched();
	}
}

/* ---- ranges ------------------------------------------------------------------------------------- */

/* Does a mapping begin before @address and contain it? */
static bool is_cut(struct uldf_space *space, u64 address)
{
	struct uldf_extent *row = uldf_extent_above(&space->extents, address);

	if (!row || !row->memory || row->first >= address)
		return false;
	return uldf_row_find(row, address) == uldf_row_count(row);
}

/* Finds the lowest mapping that begins at @at or behind it and whose memory has ended. */
static bool place_of_ended(struct uldf_space *space, u64 at, struct place *out)
{
	struct uldf_extent *row = uldf_extent_above(&space->extents, at);
	unsigned int i, count;

	for (; row; row = rb_entry_safe(rb_next(&row->node), struct uldf_extent, node)) {
		count = row->memory ? uldf_row_count(row) : 0;
		for (i = 0; i < count; i++) {
			if (row[i].memory->count || row[i].first < at)
				continue;
			*out = (struct place){row, i, count};
			return true;
		}
	}
	return false;
}

/* Returns how many mappings of the row, from the one at @index on, begin at @last or before it. */
static unsigned int row_count_until(const struct uldf_extent *row, unsigned int index, u64 last)
{
	unsigned int count = uldf_row_count(row);

	return (row->last <= last ? count : uldf_row_find(row, last + 1)) - index;
}

/*
 * Ends the adjacent mappings from @first on, where one begins, up to @last at most. In a dying space it
 * does so even if the IOMMU fails to unmap them, as the domain is freed next. Returns the address behind
 * them, 0 if that wraps; @ret gets 0 or -EIO.
 */
static u64 run_end(struct uldf_space *space, struct uldf_extent *row, u64 first, u64 last,
		   bool dying, struct uldf_ended *ended, struct iommu_iotlb_gather *gather,
		   int *ret)
{
	struct place place = {row, uldf_row_find(row, first), uldf_row_count(row)};
	unsigned int count = row_count_until(row, place.index, last);
	u64 until = min(row->last, last);
	unsigned int rows = 1;

	for (; until < last && rows < ROWS_CHUNK; rows++) {
		row = rb_entry_safe(rb_next(&row->node), struct uldf_extent, node);
		if (!row || !row->memory || row->first != until + 1)
			break;
		count += row_count_until(row, 0, last);
		until = min(row->last, last);
	}
	*ret = uldf_range_take(space, first, until, gather);
	if (*ret && !dying)
		return 0;
	places_remove(space, place, count);
	ended->mappings += count;
	ended->bytes += until - first + 1;
	return until + 1;
}

/* Ends all mappings in a range whose ends cut no mapping; the caller flushes what it gathers. */
static int range_end(struct uldf_space *space, u64 first, u64 last, bool dying,
		     struct uldf_ended *ended, struct iommu_iotlb_gather *gather)
{
	struct uldf_extent *extent;
	int ret = 0;

	while ((!ret || dying) && (extent = uldf_extent_find(&space->extents, first, last))) {
		first = max(first, extent->first);
		first = extent->memory
				? run_end(space, extent, first, last, dying, ended, gather, &ret)
				: extent->last + 1;
		/* the range is done, or the address wrapped */
		if (!first || first > last)
			break;
		cond_resched();
	}
	return ret;
}

/**
 * uldf_unmap_ranges - end all mappings in ranges, up to the first one that fails
 * @space: the space
 * @ranges: ranges of whole pages
 * @count: how many
 * @ended: what was ended; set also on failure
 *
 * Return: 0; -ERANGE the range behind those that are done would cut a mapping, nothing in it was ended; -EIO
 */
int uldf_unmap_ranges(struct uldf_space *space, const struct uldf_ioc_space_range *ranges,
		      u32 count, struct uldf_ended *ended)
{
	const struct uldf_ioc_space_range *end = ranges + count;
	struct iommu_iotlb_gather gather;
	int ret = 0;

	*ended = (struct uldf_ended){};
	iommu_iotlb_gather_init(&gather);
	mutex_lock(&space->lock);
	for (; ranges < end; ranges++, ended->ranges++) {
		if (is_cut(space, ranges->first) ||
		    (ranges->last != U64_MAX && is_cut(space, ranges->last + 1)))
			ret = -ERANGE;
		else
			ret = range_end(space, ranges->first, ranges->last, false, ended, &gather);
		if (ret)
			break;
		cond_resched();
	}
	uldf_range_flush(space, &gather, ended->mappings);
	mutex_unlock(&space->lock);
	return ret;
}

/* Ends all mappings of memory that has no pages any more; the space's lock is held. */
void uldf_unmap_ended(struct uldf_space *space)
{
	struct iommu_iotlb_gather gather;
	struct place place;
	bool taken = false;
	u64 at = 0, last;

	iommu_iotlb_gather_init(&gather);
	while (place_of_ended(space, at, &place)) {
		at = place.row[place.index].first;
		last = place_last(&place);
		if (!uldf_range_take(space, at, last, &gather)) {
			uldf_row_remove(space, place.row, place.index, 1);
			taken = true;
		}
		at = last + 1;
		if (!at)
			break;
		cond_resched();
	}
	uldf_range_flush(space, &gather, taken);
}

/* Ends all mappings; the space's lock is held. A @dying space keeps none, whatever fails. Returns 0 or -EIO. */
int uldf_unmap_all(struct uldf_space *space, bool dying)
{
	struct iommu_iotlb_gather gather;
	struct uldf_ended ended = {};
	int ret;

	iommu_iotlb_gather_init(&gather);
	ret = range_end(space, 0, U64_MAX, dying, &ended, &gather);
	uldf_range_flush(space, &gather, ended.mappings);
	return ret;
}
