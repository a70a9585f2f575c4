// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which addresses of a space are taken: a tree of extents, ordered by address, which do not overlap. Each
 * extent records the gap of free addresses before it and the largest gap in its subtree, so that free
 * addresses are found in as many steps as the tree is high. An extent is a reserved range, or a row of
 * adjacent mappings (row.c).
 *
 * Guarded by uldf_space.lock.
 */
#include <linux/rbtree_augmented.h>

#include "dma/extent.h"

static struct uldf_extent *extent_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct uldf_extent, node);
}

#define extent_gap(extent) ((extent)->gap)
RB_DECLARE_CALLBACKS_MAX(static, gaps, struct uldf_extent, node, u64, gap_max, extent_gap)

/* Sets how many free addresses are before @extent to @gap. */
static void extent_set_gap(struct uldf_extent *extent, u64 gap)
{
	extent->gap = gap;
	gaps_propagate(&extent->node, NULL);
}

/**
 * uldf_extent_insert - take addresses
 * @root: the taken addresses
 * @extent: its first and last are set and overlap with no other extent
 */
void uldf_extent_insert(struct rb_root *root, struct uldf_extent *extent)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;
	struct uldf_extent *before = NULL, *after = NULL, *at;

	while (*link) {
		parent = *link;
		at = extent_of(parent);
		if (extent->first < at->first) {
			after = at;
			link = &parent->rb_left;
		} else {
			before = at;
			link = &parent->rb_right;
		}
	}
	extent->gap = extent->first - (before ? before->last + 1 : 0);
	extent->gap_max = extent->gap;
	rb_link_node(&extent->node, parent, link);
	gaps_propagate(parent, NULL);
	rb_insert_augmented(&extent->node, root, &gaps);
	if (after)
		extent_set_gap(after, after->first - extent->last - 1);
}

void uldf_extent_remove(struct rb_root *root, struct uldf_extent *extent)
{
	struct uldf_extent *after = extent_of(rb_next(&extent->node));

	rb_erase_augmented(&extent->node, root, &gaps);
	if (after)
		extent_set_gap(after, after->first - (extent->first - extent->gap));
}

/**
 * uldf_extent_shorten - give addresses at the end of an extent back
 * @extent: the extent
 * @last: the last of its addresses from now on
 */
void uldf_extent_shorten(struct uldf_extent *extent, u64 last)
{
	struct uldf_extent *after = extent_of(rb_next(&extent->node));

	extent->last = last;
	if (after)
		extent_set_gap(after, after->first - last - 1);
}

/**
 * uldf_extent_replace - give addresses at the beginning of an extent back
 * @root: the taken addresses
 * @old: the extent
 * @new: takes the place of @old; its first is set, and lies in @old
 */
void uldf_extent_replace(struct rb_root *root, struct uldf_extent *old, struct uldf_extent *new)
{
	new->last = old->last;
	new->gap = old->gap + (new->first - old->first);
	new->gap_max = old->gap_max;
	rb_replace_node(&old->node, &new->node, root);
	gaps_propagate(&new->node, NULL);
}

/* Returns the lowest extent that has any address from @first on, or NULL. */
struct uldf_extent *uldf_extent_above(const struct rb_root *root, u64 first)
{
	struct rb_node *node = root->rb_node;
	struct uldf_extent *found = NULL, *at;

	while (node) {
		at = extent_of(node);
		if (at->last < first) {
			node = node->rb_right;
		} else {
			found = at;
			if (at->first <= first)
				break;
			node = node->rb_left;
		}
	}
	return found;
}

/* Returns the lowest extent that has any of @first..@last, or NULL. */
struct uldf_extent *uldf_extent_find(const struct rb_root *root, u64 first, u64 last)
{
	struct uldf_extent *found = uldf_extent_above(root, first);

	return found && found->first <= last ? found : NULL;
}

struct search {
	u64 first, last, size, found;
};

static bool search_gap(struct search *search, u64 first, u64 last)
{
	first = max(first, search->first);
	last = min(last, search->last);
	if (last < first || last - first < search->size - 1)
		return false;
	search->found = last - search->size + 1;
	return true;
}

/* Tries the highest gap first. Recurses no deeper than the tree is high: twice the logarithm of its size. */
static bool search_below(struct search *search, struct rb_node *node)
{
	struct uldf_extent *extent = extent_of(node);

	if (!extent || extent->gap_max < search->size)
		return false;
	if (extent->last < search->last && search_below(search, node->rb_right))
		return true;
	if (extent->gap && search_gap(search, extent->first - extent->gap, extent->first - 1))
		return true;
	return extent->first > search->first && search_below(search, node->rb_left);
}

/**
 * uldf_extent_choose - find the highest free addresses
 * @root: the taken addresses
 * @first: the lowest address that may be chosen
 * @last: the highest address that may be chosen
 * @size: how many addresses
 * @out: the first address
 *
 * Return: 0 or -ENOSPC
 */
int uldf_extent_choose(const struct rb_root *root, u64 first, u64 last, u64 size, u64 *out)
{
	struct search search = {first, last, size};
	struct uldf_extent *highest = extent_of(rb_last(root));
	bool found;

	if (!highest)
		found = search_gap(&search, 0, U64_MAX);
	else
		found = (highest->last != U64_MAX &&
			 search_gap(&search, highest->last + 1, U64_MAX)) ||
			search_below(&search, root->rb_node);
	if (!found)
		return -ENOSPC;
	*out = search.found;
	return 0;
}
