/* SPDX-License-Identifier: GPL-2.0-only */
/* How much memory the IOMMU's tables of a space may take. */
#ifndef ULDF_DMA_TABLES_H
#define ULDF_DMA_TABLES_H

#include <linux/bitops.h>
#include <linux/xarray.h>

#define ULDF_GIB_SHIFT	  30
#define ULDF_WINDOW_SHIFT 21 /* one table of the lowest level maps 2 MiB of bus addresses */
#define ULDF_WINDOWS	  BIT(ULDF_GIB_SHIFT - ULDF_WINDOW_SHIFT) /* in a GiB */

/* Bus addresses that were ever mapped, by window. Guarded by uldf_space.lock. */
struct uldf_tables {
	u64 window;		/* index of the window that was mapped last; U64_MAX: none */
	struct xarray gibs;	/* bitmaps of windows, by address >> ULDF_GIB_SHIFT; owned */
	u64 recent;		/* index of the bitmap that was used last; U64_MAX: none */
	unsigned long *windows; /* the bitmap at @recent */
	u64 count;		/* tables of 4 KiB */
	u64 pages;		/* pages registered with the space */
};

void uldf_tables_init(struct uldf_tables *tables);
void uldf_tables_close(struct uldf_tables *tables);
void uldf_tables_fini(struct uldf_tables *tables);
int uldf_tables_add(struct uldf_tables *tables, u64 first, u64 last);

/* Counts the tables that a mapping of @first..@last takes. Returns 0, -ENOSPC or -ENOMEM. */
static inline int uldf_tables_touch(struct uldf_tables *tables, u64 first, u64 last)
{
	if (first >> ULDF_WINDOW_SHIFT == tables->window &&
	    last >> ULDF_WINDOW_SHIFT == tables->window)
		return 0;
	return uldf_tables_add(tables, first, last);
}

#endif
