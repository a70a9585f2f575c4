/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a domain maps, page by page, as the tables of an IOMMU have it. Tables are added ahead of what they will hold, and
 * stay as long as the domain does, so that what changes entries neither allocates nor fails for want of memory.
 */
#ifndef GUEST_TABLE_H
#define GUEST_TABLE_H

#include <linux/atomic.h>
#include <linux/types.h>

/** GUEST_TABLE_LAST - the last address that a table can have */
#define GUEST_TABLE_LAST ((1ULL << 57) - 1)

/** GUEST_TABLE_MOST - the most tables of a domain, of a page each: the entries of 128 GiB, or what user space may have */
#define GUEST_TABLE_MOST 65536

/* An entry: where the page leads to, and in the low bits VIRTIO_IOMMU_MAP_F_READ, _WRITE and _MMIO, some of them, and: */
#define GUEST_TABLE_FIRST   0x100ULL /* the first page of a request to map */
#define GUEST_TABLE_LAST_OF 0x200ULL /* the last page of one */
#define GUEST_TABLE_REFUSED 0x400ULL /* the device does not have it */
#define GUEST_TABLE_FLAGS   0xfffULL

/**
 * struct guest_table - pages by address
 * @root: the highest table
 * @count: how many tables are below it
 *
 * Anybody may make room, and read, at any time. The caller serialises what changes entries. Ranges are of whole pages, and
 * end at GUEST_TABLE_LAST at most.
 */
struct guest_table {
	u64 *root;
	atomic_t count;
};

/** guest_table_init() - returns 0 or -ENOMEM */
int guest_table_init(struct guest_table *table);
void guest_table_fini(struct guest_table *table);

/** guest_table_grow() - make room for a request to map a range; returns 0, -EEXIST something is mapped there, or -ENOMEM */
int guest_table_grow(struct guest_table *table, u64 first, u64 last, gfp_t gfp);

/**
 * guest_table_set() - enter a request to map a range for which room was made
 * @table: table
 * @first: first address
 * @last: last address
 * @entry: the entry of the first page, with none of the bits above
 *
 * Return: 0, or -EEXIST something is mapped there, and nothing was changed.
 */
int guest_table_set(struct guest_table *table, u64 first, u64 last, u64 entry);

/** guest_table_get() - returns the entry of the page of an address, 0 for none */
u64 guest_table_get(const struct guest_table *table, u64 address);

/** guest_table_change() - change bits of all entries of a range that cuts no request; @keep 0 removes them */
void guest_table_change(struct guest_table *table, u64 first, u64 last, u64 keep, u64 add);

/** guest_table_has() - has an entry of a range some of @bits? */
bool guest_table_has(const struct guest_table *table, u64 first, u64 last, u64 bits);

/** guest_table_end() - returns the last address of the request that maps an address; the page's if none does */
u64 guest_table_end(const struct guest_table *table, u64 address);

/** guest_table_each() - call a function for each request to map, with the entry of its first page, until one is not 0 */
int guest_table_each(const struct guest_table *table,
		     int (*visit)(void *arg, u64 first, u64 last, u64 entry), void *arg);

#endif
