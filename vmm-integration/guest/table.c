// SPDX-License-Identifier: GPL-2.0-only
#include <linux/gfp.h>
#include <linux/mm.h>
#include "table.h"

#define TABLE_LEVELS 4
#define TABLE_BITS   9
#define TABLE_SIZE   (1U << TABLE_BITS)

/* How far the address of an entry at a level is shifted; level 0 has the pages. */
static unsigned int table_shift(unsigned int level)
{
	return PAGE_SHIFT + level * TABLE_BITS;
}

static unsigned int table_index(u64 address, unsigned int level)
{
	return (address >> table_shift(level)) & (TABLE_SIZE - 1);
}

int guest_table_init(struct guest_table *table)
{
	table->root = (unsigned long *)get_zeroed_page(GFP_KERNEL);
	return table->root ? 0 : -ENOMEM;
}

static void table_free(unsigned long *node, unsigned int level)
{
	for (unsigned int i = 0; level && i < TABLE_SIZE; i++)
		if (node[i])
			table_free((unsigned long *)node[i], level - 1);
	free_page((unsigned long)node);
}

void guest_table_fini(struct guest_table *table)
{
	if (table->root)
		table_free(table->root, TABLE_LEVELS - 1);
}

/* Two processors may make the same table: the first one's is taken. */
static unsigned long table_make(unsigned long *place, gfp_t gfp)
{
	unsigned long node = get_zeroed_page(gfp), there;

	if (!node)
		return 0;
	there = cmpxchg(place, 0, node);
	if (!there)
		return node;
	free_page(node);
	return there;
}

/* Returns the table that has the entry of an address; without @gfp, NULL when there is none. */
static unsigned long *table_leaf(const struct guest_table *table, u64 address, gfp_t gfp)
{
	unsigned long *node = table->root;

	for (unsigned int level = TABLE_LEVELS - 1; level; level--) {
		unsigned long *place = &node[table_index(address, level)];
		unsigned long next = READ_ONCE(*place);

		if (!next && gfp)
			next = table_make(place, gfp);
		if (!next)
			return NULL;
		node = (unsigned long *)next;
	}
	return node;
}

int guest_table_reserve(struct guest_table *table, u64 address, size_t pages, gfp_t gfp)
{
	u64 last = address + ((u64)pages << PAGE_SHIFT) - 1;

	for (; address <= last; address = (address | ((1ULL << table_shift(1)) - 1)) + 1)
		if (!table_leaf(table, address, gfp))
			return -ENOMEM;
	return 0;
}

/* Keeps bits of entries and adds some, from one to the next @step more. */
static void table_change(struct guest_table *table, u64 address, size_t pages, u64 keep, u64 add,
			 u64 step)
{
	unsigned long *leaf = NULL;

	for (; pages; pages--, address += PAGE_SIZE, add += step) {
		unsigned int index = table_index(address, 0);

		if (!leaf || !index)
			leaf = table_leaf(table, address, 0);
		if (leaf)
			WRITE_ONCE(leaf[index], (leaf[index] & keep) | add);
	}
}

void guest_table_set(struct guest_table *table, u64 address, u64 phys, size_t pages, u32 flags)
{
	size_t rest = (pages - 1) << PAGE_SHIFT;

	table_change(table, address, pages - 1, 0, phys | flags | GUEST_ENTRY_MORE, PAGE_SIZE);
	table_change(table, address + rest, 1, 0, (phys + rest) | flags, 0);
}

void guest_table_clear(struct guest_table *table, u64 address, size_t pages)
{
	table_change(table, address, pages, 0, 0, 0);
}

void guest_table_fail(struct guest_table *table, u64 address, size_t pages)
{
	table_change(table, address, pages, U64_MAX, GUEST_ENTRY_FAILED, 0);
}

u64 guest_table_entry(const struct guest_table *table, u64 address)
{
	unsigned long *leaf = table_leaf(table, address, 0);

	return leaf ? READ_ONCE(leaf[table_index(address, 0)]) : 0;
}

bool guest_table_failed(const struct guest_table *table, u64 address, size_t pages)
{
	for (; pages; pages--, address += PAGE_SIZE)
		if (guest_table_entry(table, address) & GUEST_ENTRY_FAILED)
			return true;
	return false;
}

/* Finds the first page that has an entry, and passes over what has no table. */
static bool table_find(const struct guest_table *table, u64 *address)
{
	while (*address <= GUEST_TABLE_LAST) {
		const unsigned long *node = table->root;
		unsigned int level = TABLE_LEVELS - 1;
		unsigned long entry;

		while ((entry = READ_ONCE(node[table_index(*address, level)])) && level) {
			node = (const unsigned long *)entry;
			level--;
		}
		if (entry)
			return true;
		*address = (*address | ((1ULL << table_shift(level)) - 1)) + 1;
	}
	return false;
}

size_t guest_table_next(const struct guest_table *table, u64 *address, u64 *entry)
{
	size_t pages = 1;

	if (!table_find(table, address))
		return 0;
	*entry = guest_table_entry(table, *address);
	while (guest_table_entry(table, *address + ((pages - 1) << PAGE_SHIFT)) & GUEST_ENTRY_MORE)
		pages++;
	return pages;
}
