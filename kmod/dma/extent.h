/* SPDX-License-Identifier: GPL-2.0-only */
/* Taken addresses of a space, as a tree. */
#ifndef ULDF_DMA_EXTENT_H
#define ULDF_DMA_EXTENT_H

#include <linux/rbtree.h>
#include <linux/types.h>

struct uldf_memory;

/* Taken addresses of a space: a row of mappings, or a reserved range. */
struct uldf_extent {
	struct rb_node node;
	u64 first, last;
	u64 gap, gap_max; /* free addresses before it; the largest gap in its subtree */
	union {
		struct uldf_memory *memory; /* of the row's first mapping; NULL: reserved */
		struct uldf_extent *next;   /* while the extent is in no tree */
	};
};

void uldf_extent_insert(struct rb_root *root, struct uldf_extent *extent);
void uldf_extent_remove(struct rb_root *root, struct uldf_extent *extent);
void uldf_extent_shorten(struct uldf_extent *extent, u64 last);
void uldf_extent_replace(struct rb_root *root, struct uldf_extent *old, struct uldf_extent *new);
struct uldf_extent *uldf_extent_above(const struct rb_root *root, u64 first);
struct uldf_extent *uldf_extent_find(const struct rb_root *root, u64 first, u64 last);
int uldf_extent_choose(const struct rb_root *root, u64 first, u64 last, u64 size, u64 *out);

#endif
