// SPDX-License-Identifier: MIT
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include "viommu_mappings.h"

/* Mappings that overlap are equal: the tree finds them, and holds no two of them. */
static int mappings_compare(const void *a, const void *b)
{
	const struct vpci_viommu_mapping *one = a, *two = b;

	if (one->address + (one->size - 1) < two->address)
		return -1;
	return two->address + (two->size - 1) < one->address;
}

static struct vpci_viommu_mapping *mappings_lookup(const struct vpci_viommu_mappings *mappings,
						   uint64_t first, uint64_t last)
{
	/* The size of the whole address space does not fit: leaves out the last address, which no mapping has. */
	struct vpci_viommu_mapping key = {.address = first, .size = last - first + 1};
	struct vpci_viommu_mapping **node;

	if (!key.size)
		key.size = UINT64_MAX;
	node = tfind(&key, &mappings->tree, mappings_compare);
	return node ? *node : NULL;
}

const struct vpci_viommu_mapping *vpci_viommu_mappings_find(
	const struct vpci_viommu_mappings *mappings, uint64_t first, uint64_t last)
{
	return mappings_lookup(mappings, first, last);
}

bool vpci_viommu_mappings_splits(const struct vpci_viommu_mappings *mappings, uint64_t first,
				 uint64_t last)
{
	const struct vpci_viommu_mapping *any = mappings_lookup(mappings, first, last);
	const struct vpci_viommu_mapping *at_first, *at_last;

	/* A range is mostly one mapping, which one lookup tells. */
	if (!any || (any->address == first && any->size - 1 == last - first))
		return false;
	at_first = mappings_lookup(mappings, first, first);
	at_last = mappings_lookup(mappings, last, last);
	return (at_first && at_first->address < first) ||
	       (at_last && at_last->address + (at_last->size - 1) > last);
}

int vpci_viommu_mappings_add(struct vpci_viommu_mappings *mappings,
			     const struct vpci_viommu_mapping *mapping)
{
	struct vpci_viommu_mapping *copy = malloc(sizeof(*copy)), **node;

	if (!copy)
		return -ENOMEM;
	*copy = *mapping;
	node = tsearch(copy, &mappings->tree, mappings_compare);
	if (!node || *node != copy) {
		free(copy);
		return node ? -EEXIST : -ENOMEM;
	}
	mappings->count++;
	return 0;
}

void vpci_viommu_mappings_remove(struct vpci_viommu_mappings *mappings,
				 const struct vpci_viommu_mapping *mapping)
{
	tdelete(mapping, &mappings->tree, mappings_compare);
	free((void *)mapping);
	mappings->count--;
}

void vpci_viommu_mappings_clear(struct vpci_viommu_mappings *mappings)
{
	tdestroy(mappings->tree, free);
	*mappings = (struct vpci_viommu_mappings){0};
}
