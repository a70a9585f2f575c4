/* SPDX-License-Identifier: MIT */
/* The mappings of a space, by address; none overlaps another. Pure, not thread-safe. */
#ifndef ULDF_SRC_VFIO_TABLE_H
#define ULDF_SRC_VFIO_TABLE_H

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

/* Removes a mapping that table_find() found. */
void table_remove(struct table *table, struct uldf_mapping *mapping);

#endif
