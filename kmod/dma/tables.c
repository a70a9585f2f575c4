// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounds the kernel memory that the IOMMU's tables of a space take. No driver tells how much that is, and
 * some free no table before the domain is freed (AMD's on 6.1). So this counts each window of 2 MiB of
 * bus addresses that was ever mapped as one table, and two more tables for each GiB: those of the levels
 * above. It counts a window that one large page fills, too.
 *
 * The bound grows with the registered memory, which is large beside the tables for it: a space can map all of
 * its memory once, however much that is.
 *
 * Guarded by uldf_space.lock.
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "dma/tables.h"

static unsigned int tables_max = 32768;
module_param(tables_max, uint, 0600);
MODULE_PARM_DESC(tables_max,
		 "how many IOMMU tables of 4 KiB one space may take, and one more for each "
		 "256 pages of its memory");

#define PAGES_PER_TABLE 256
#define GIB_TABLES	2 /* tables for a GiB besides those of its windows */

void uldf_tables_init(struct uldf_tables *tables)
{
	xa_init(&tables->gibs);
	tables->window = U64_MAX;
	tables->recent = U64_MAX;
}

void uldf_tables_fini(struct uldf_tables *tables)
{
	unsigned long *windows;
	unsigned long index;

	xa_for_each(&tables->gibs, index, windows) kfree(windows);
	xa_destroy(&tables->gibs);
}

/* Forgets the windows and exhausts the bound, so that nothing can be mapped any more. */
void uldf_tables_close(struct uldf_tables *tables)
{
	uldf_tables_fini(tables);
	tables->window = U64_MAX;
	tables->recent = U64_MAX;
	tables->count = S64_MAX;
}

/* Returns the bitmap of a GiB, or NULL if none of it was ever mapped. */
static unsigned long *windows_find(struct uldf_tables *tables, u64 index)
{
	unsigned long *windows;

	if (index == tables->recent)
		return tables->windows;
	windows = xa_load(&tables->gibs, index);
	if (windows) {
		tables->recent = index;
		tables->windows = windows;
	}
	return windows;
}

static unsigned long *windows_create(struct uldf_tables *tables, u64 index)
{
	unsigned long *windows = bitmap_zalloc(ULDF_WINDOWS, GFP_KERNEL_ACCOUNT);

	if (!windows)
		return NULL;
	if (xa_err(xa_store(&tables->gibs, index, windows, GFP_KERNEL_ACCOUNT))) {
		kfree(windows);
		return NULL;
	}
	return windows;
}

/* Returns how many of the windows are not set. */
static unsigned int windows_new(const unsigned long *windows, unsigned int from, unsigned int until)
{
	unsigned int count = 0, i = from;

	if (!windows)
		return until - from;
	while ((i = find_next_zero_bit(windows, until, i)) < until) {
		count++;
		i++;
	}
	return count;
}

/* Does what uldf_tables_add() does, for addresses of one GiB. */
static int gib_add(struct uldf_tables *tables, u64 first, u64 last)
{
	unsigned int from = first >> ULDF_WINDOW_SHIFT & (ULDF_WINDOWS - 1);
	unsigned int until = (last >> ULDF_WINDOW_SHIFT & (ULDF_WINDOWS - 1)) + 1;
	u64 index = first >> ULDF_GIB_SHIFT, count;
	unsigned long *windows = windows_find(tables, index);

	count = windows_new(windows, from, until);
	if (!count)
		return 0;
	count += windows ? 0 : GIB_TABLES;
	if (tables->count + count > READ_ONCE(tables_max) + tables->pages / PAGES_PER_TABLE)
		return -ENOSPC;
	if (!windows)
		windows = windows_create(tables, index);
	if (!windows)
		return -ENOMEM;
	bitmap_set(windows, from, until - from);
	tables->count += count;
	return 0;
}

/**
 * uldf_tables_add - count the tables that a mapping takes
 * @tables: the tables of the space
 * @first: first bus address
 * @last: last bus address
 *
 * The tables stay counted, also if the mapping fails.
 *
 * Return: 0; -ENOSPC the space has as many as it may; -ENOMEM
 */
int uldf_tables_add(struct uldf_tables *tables, u64 first, u64 last)
{
	u64 until;
	int ret;

	for (;; first = until + 1) {
		until = min(last, first | (BIT_ULL(ULDF_GIB_SHIFT) - 1));
		ret = gib_add(tables, first, until);
		if (ret)
			return ret;
		if (until == last)
			break;
	}
	tables->window = last >> ULDF_WINDOW_SHIFT;
	return 0;
}
