/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a domain maps, page by page, in tables of the processor's form. Tables are made before, so that
 * entries are written without fail; they stay until the domain ends. guest_table_phys() takes no
 * lock; the caller serialises the others but guest_table_reserve().
 */
#ifndef GUEST_TABLE_H
#define GUEST_TABLE_H

#include <linux/types.h>

/* The last address that a table has an entry for. */
#define GUEST_TABLE_LAST ((1ULL << 48) - 1)

/* Bits of an entry besides the physical address. The lowest are VIRTIO_IOMMU_MAP_F_*. */
#define GUEST_ENTRY_FLAGS  0x7ULL
#define GUEST_ENTRY_MORE   0x8ULL  /* the mapping goes on with the next page */
#define GUEST_ENTRY_FAILED 0x10ULL /* the device refused the mapping */

struct guest_table {
	unsigned long *root;
};

/** guest_table_init() - begin with an empty table; returns 0 or -ENOMEM */
int guest_table_init(struct guest_table *table);

/** guest_table_fini() - free a table */
void guest_table_fini(struct guest_table *table);

/** guest_table_reserve() - make room for entries; returns 0 or -ENOMEM */
int guest_table_reserve(struct guest_table *table, u64 address, size_t pages, gfp_t gfp);

/**
 * guest_table_set() - add a mapping, in room that was reserved
 * @table: table
 * @address: first address
 * @phys: physical address that it leads to
 * @pages: how many
 * @flags: VIRTIO_IOMMU_MAP_F_*
 */
void guest_table_set(struct guest_table *table, u64 address, u64 phys, size_t pages, u32 flags);

/** guest_table_clear() - remove entries that are there */
void guest_table_clear(struct guest_table *table, u64 address, size_t pages);

/** guest_table_entry() - returns the entry of an address, or 0 */
u64 guest_table_entry(const struct guest_table *table, u64 address);

/** guest_table_fail() - note that the device refused a mapping */
void guest_table_fail(struct guest_table *table, u64 address, size_t pages);

/** guest_table_failed() - did the device refuse some of the pages? */
bool guest_table_failed(const struct guest_table *table, u64 address, size_t pages);

/**
 * guest_table_next() - find the first mapping that begins at an address or after it
 * @table: table
 * @address: the address; out: where the mapping begins
 * @entry: out: its first entry
 *
 * Return: its pages, or 0 there is none.
 */
size_t guest_table_next(const struct guest_table *table, u64 *address, u64 *entry);

#endif
