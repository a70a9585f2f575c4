/* SPDX-License-Identifier: MIT */
/* The mappings of a space, by address; none overlaps another. Pure, not thread-safe. */
#ifndef ULDF_SRC_TABLE_H
#define ULDF_SRC_TABLE_H

#include <uldf/space.h>

struct table {
	struct uldf_mapping *list; /* ascending */
	size_t count;
	size_t room;
};

/* Frees what the table needs; it is empty afterwards. */
void table_fini(struct table *table);

/**
 * table_add() - add a mapping
 * @table: the table
 * @mapping: of a size, ending before the end of addresses
 *
 * Return: 0, -EEXIST it overlaps one, -ENOMEM.
 */
int table_add(struct table *table, const struct uldf_mapping *mapping);

/**
 * table_find() - find a mapping
 * @table: the table
 * @address: where it begins
 * @size: its bytes
 *
 * Return: the mapping that is just so, valid until the table changes; NULL for none.
 */
struct uldf_mapping *table_find(const struct table *table, uint64_t address, uint64_t size);

/**
 * table_over() - find the mapping that has an address
 * @table: the table
 * @address: bus address
 *
 * Return: the mapping, valid until the table changes; NULL for none.
 */
const struct uldf_mapping *table_over(const struct table *table, uint64_t address);

/**
 * table_range() - find the mappings in a range
 * @table: the table
 * @first: first bus address of the range
 * @last: last bus address of the range
 * @list: out: the first of them, the others behind it, valid until the table changes; untouched
 *         on failure
 * @count: out: how many there are; untouched on failure
 *
 * Return: 0, -ERANGE a mapping lies partly in the range.
 */
int table_range(const struct table *table, uint64_t first, uint64_t last,
		struct uldf_mapping **list, size_t *count);

/**
 * table_remove() - remove mappings
 * @table: the table
 * @list: the first, in the table
 * @count: how many; the others stand behind it
 */
void table_remove(struct table *table, struct uldf_mapping *list, size_t count);

#endif
