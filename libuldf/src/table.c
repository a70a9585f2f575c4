// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "table.h"

void table_fini(struct table *table)
{
	free(table->list);
	*table = (struct table){};
}

static uint64_t mapping_last(const struct uldf_mapping *mapping)
{
	return mapping->address + (mapping->size - 1);
}

/* The first mapping that ends at or after an address. */
static size_t table_at(const struct table *table, uint64_t address)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (mapping_last(&table->list[middle]) < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int table_grow(struct table *table)
{
	size_t room = table->room ? table->room * 2 : 64;
	struct uldf_mapping *list;

	if (table->count < table->room)
		return 0;
	list = reallocarray(table->list, room, sizeof(*list));
	if (!list)
		return -ENOMEM;
	table->list = list;
	table->room = room;
	return 0;
}

int table_add(struct table *table, const struct uldf_mapping *mapping)
{
	size_t at = table_at(table, mapping->address);
	int err;

	if (at < table->count && table->list[at].address <= mapping_last(mapping))
		return -EEXIST;
	err = table_grow(table);
	if (err)
		return err;
	memmove(&table->list[at + 1], &table->list[at], (table->count - at) * sizeof(*mapping));
	table->list[at] = *mapping;
	table->count++;
	return 0;
}

struct uldf_mapping *table_find(const struct table *table, uint64_t address, uint64_t size)
{
	size_t at = table_at(table, address);

	if (at == table->count || table->list[at].address != address ||
	    table->list[at].size != size)
		return NULL;
	return &table->list[at];
}

const struct uldf_mapping *table_over(const struct table *table, uint64_t address)
{
	size_t at = table_at(table, address);

	if (at == table->count || table->list[at].address > address)
		return NULL;
	return &table->list[at];
}

int table_range(const struct table *table, uint64_t first, uint64_t last,
		struct uldf_mapping **list, size_t *count)
{
	size_t at = table_at(table, first), end = table_at(table, last);

	/* The mapping at @end ends at @last or behind it. */
	if (end < table->count && table->list[end].address <= last) {
		if (mapping_last(&table->list[end]) > last)
			return -ERANGE;
		end++;
	}
	if (at < end && table->list[at].address < first)
		return -ERANGE;
	*list = table->list + at;
	*count = end - at;
	return 0;
}

void table_remove(struct table *table, struct uldf_mapping *list, size_t count)
{
	size_t behind = table->count - (size_t)(list - table->list) - count;

	memmove(list, list + count, behind * sizeof(*list));
	table->count -= count;
}
