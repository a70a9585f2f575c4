// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include "table.h"

/*
 * Five levels of tables of a page each. A slot is 0, the address of a table of the next level, or an entry, which has some
 * of the low bits: on the lowest level of a page, above of as many as the table would have that is missing.
 */
#define TABLE_BITS 9
#define TABLE_SIZE BIT(TABLE_BITS)
#define TABLE_TOP  (PAGE_SHIFT + 4 * TABLE_BITS)

static bool table_is_entry(u64 slot)
{
	return slot & GUEST_TABLE_FLAGS;
}

static u64 *table_below(u64 slot)
{
	return (u64 *)(unsigned long)slot;
}

static u64 *table_slot(u64 *table, u64 address, unsigned int shift)
{
	return &table[address >> shift & (TABLE_SIZE - 1)];
}

static u64 table_last(u64 address, unsigned int shift)
{
	return address | (BIT_ULL(shift) - 1);
}

/* May one slot have the pages from @address on? */
static bool table_fits(u64 address, u64 last, unsigned int shift)
{
	return !(address & (BIT_ULL(shift) - 1)) && table_last(address, shift) <= last;
}

int guest_table_init(struct guest_table *table)
{
	atomic_set(&table->count, 0);
	table->root = (u64 *)get_zeroed_page(GFP_KERNEL);
	return table->root ? 0 : -ENOMEM;
}

static void table_free(u64 *table, unsigned int shift)
{
	for (unsigned int i = 0; shift > PAGE_SHIFT && i < TABLE_SIZE; i++)
		if (table[i] && !table_is_entry(table[i]))
			table_free(table_below(table[i]), shift - TABLE_BITS);
	free_page((unsigned long)table);
}

void guest_table_fini(struct guest_table *table)
{
	table_free(table->root, TABLE_TOP);
}

/* Adds a table below a slot that is 0. Returns what is in the slot afterwards: who comes second finds the other's table. */
static u64 table_add(struct guest_table *table, u64 *slot, gfp_t gfp)
{
	unsigned long added = 0;
	u64 other;

	if (atomic_inc_return(&table->count) <= GUEST_TABLE_MOST)
		added = get_zeroed_page(gfp);
	other = added ? cmpxchg64(slot, 0, added) : READ_ONCE(*slot);
	if (added && !other)
		return added;
	atomic_dec(&table->count);
	free_page(added);
	return other;
}

/* Makes room for what begins at @address. Returns the address behind it, or a negative errno. */
static s64 table_grow_at(struct guest_table *table, u64 address, u64 last, gfp_t gfp)
{
	u64 *at = table->root, *slot, below;
	unsigned int shift;

	for (shift = TABLE_TOP; shift > PAGE_SHIFT; shift -= TABLE_BITS) {
		slot = table_slot(at, address, shift);
		below = READ_ONCE(*slot);
		if (!below && table_fits(address, last, shift))
			return table_last(address, shift) + 1;
		if (!below)
			below = table_add(table, slot, gfp);
		if (!below)
			return -ENOMEM;
		if (table_is_entry(below))
			return -EEXIST;
		at = table_below(below);
	}
	return table_last(address, shift + TABLE_BITS) + 1;
}

int guest_table_grow(struct guest_table *table, u64 first, u64 last, gfp_t gfp)
{
	s64 next;

	for (; first <= last; first = next) {
		next = table_grow_at(table, first, last, gfp);
		if (next < 0)
			return next;
	}
	return 0;
}

/*
 * A walk over the slots of a range. Tables come below slots that are 0 at any time, so each slot is read once: @entry is
 * what it had, an entry or 0, and 2^@shift bytes of addresses have that.
 */
struct table_walk {
	const struct guest_table *table;
	u64 at;
	u64 *slot;
	u64 entry;
	unsigned int shift;
};

static void walk_find(struct table_walk *walk)
{
	u64 *at = walk->table->root;

	for (walk->shift = TABLE_TOP;; walk->shift -= TABLE_BITS) {
		walk->slot = table_slot(at, walk->at, walk->shift);
		walk->entry = READ_ONCE(*walk->slot);
		if (!walk->entry || table_is_entry(walk->entry))
			return;
		at = table_below(walk->entry);
	}
}

static struct table_walk walk_begin(const struct guest_table *table, u64 first)
{
	struct table_walk walk = {.table = table, .at = first};

	walk_find(&walk);
	return walk;
}

static void walk_next(struct table_walk *walk)
{
	walk->at = table_last(walk->at, walk->shift) + 1;
	/* is it in the same table, below which there are no others? */
	if (walk->shift == PAGE_SHIFT && walk->at & ((PAGE_SIZE << TABLE_BITS) - 1))
		walk->entry = READ_ONCE(*++walk->slot);
	else
		walk_find(walk);
}

int guest_table_set(struct guest_table *table, u64 first, u64 last, u64 entry)
{
	struct table_walk walk = walk_begin(table, first);
	u64 bits;

	for (; walk.at <= last; walk_next(&walk)) {
		bits = (walk.at == first ? GUEST_TABLE_FIRST : 0) |
		       (table_last(walk.at, walk.shift) == last ? GUEST_TABLE_LAST_OF : 0);
		if (walk.entry || !table_fits(walk.at, last, walk.shift) ||
		    cmpxchg64(walk.slot, 0, entry | bits)) {
			if (walk.at > first)
				guest_table_change(table, first, walk.at - 1, 0, 0);
			return -EEXIST;
		}
		entry += BIT_ULL(walk.shift);
	}
	return 0;
}

u64 guest_table_get(const struct guest_table *table, u64 address)
{
	struct table_walk walk = walk_begin(table, address);
	u64 skip = address & (BIT_ULL(walk.shift) - 1) & ~(u64)(PAGE_SIZE - 1), entry = walk.entry;

	if (!entry)
		return 0;
	if (skip)
		entry &= ~GUEST_TABLE_FIRST;
	if (skip + PAGE_SIZE != BIT_ULL(walk.shift))
		entry &= ~GUEST_TABLE_LAST_OF;
	return entry + skip;
}

void guest_table_change(struct guest_table *table, u64 first, u64 last, u64 keep, u64 add)
{
	for (struct table_walk walk = walk_begin(table, first); walk.at <= last; walk_next(&walk))
		if (walk.entry)
			WRITE_ONCE(*walk.slot, (walk.entry & keep) | add);
}

bool guest_table_has(const struct guest_table *table, u64 first, u64 last, u64 bits)
{
	for (struct table_walk walk = walk_begin(table, first); walk.at <= last; walk_next(&walk))
		if (walk.entry & bits)
			return true;
	return false;
}

u64 guest_table_end(const struct guest_table *table, u64 address)
{
	struct table_walk walk = walk_begin(table, address);

	if (!walk.entry)
		return table_last(address, PAGE_SHIFT);
	while (walk.entry && !(walk.entry & GUEST_TABLE_LAST_OF))
		walk_next(&walk);
	return table_last(walk.at, walk.shift);
}

int guest_table_each(const struct guest_table *table,
		     int (*visit)(void *arg, u64 first, u64 last, u64 entry), void *arg)
{
	struct table_walk walk = walk_begin(table, 0);
	u64 first = 0, entry = 0;
	int ret = 0;

	for (; walk.at <= GUEST_TABLE_LAST && !ret; walk_next(&walk)) {
		if (walk.entry & GUEST_TABLE_FIRST) {
			first = walk.at;
			entry = walk.entry;
		}
		if (walk.entry & GUEST_TABLE_LAST_OF)
			ret = visit(arg, first, table_last(walk.at, walk.shift), entry);
	}
	return ret;
}
