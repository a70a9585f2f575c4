/* SPDX-License-Identifier: MIT */
/* The mappings of a domain, by virtual address; none overlap. Pure. */
#ifndef VPCI_SRC_VIOMMU_MAPPINGS_H
#define VPCI_SRC_VIOMMU_MAPPINGS_H

#include <vpci/viommu.h>

/**
 * struct vpci_viommu_mappings - the mappings
 * @tree: root of a tree of <search.h>; NULL for none
 * @count: how many
 */
struct vpci_viommu_mappings {
	void *tree;
	size_t count;
};

/**
 * vpci_viommu_mappings_find() - find a mapping
 * @mappings: mappings
 * @first: first virtual address
 * @last: last virtual address
 *
 * Return: a mapping that has an address in common with the range, any of them; NULL for none. Valid
 * until the mappings change.
 */
const struct vpci_viommu_mapping *vpci_viommu_mappings_find(
	const struct vpci_viommu_mappings *mappings, uint64_t first, uint64_t last);

/**
 * vpci_viommu_mappings_splits() - does a range begin or end inside a mapping?
 * @mappings: mappings
 * @first: first virtual address
 * @last: last virtual address
 *
 * Return: true when it does, so that the range covers a mapping in part.
 */
bool vpci_viommu_mappings_splits(const struct vpci_viommu_mappings *mappings, uint64_t first,
				 uint64_t last);

/**
 * vpci_viommu_mappings_add() - add a mapping
 * @mappings: mappings
 * @mapping: the mapping; copied
 *
 * Return: 0, -EEXIST it overlaps another, -ENOMEM.
 */
int vpci_viommu_mappings_add(struct vpci_viommu_mappings *mappings,
			     const struct vpci_viommu_mapping *mapping);

/**
 * vpci_viommu_mappings_remove() - remove a mapping
 * @mappings: mappings
 * @mapping: an answer of vpci_viommu_mappings_find(); not valid afterwards
 */
void vpci_viommu_mappings_remove(struct vpci_viommu_mappings *mappings,
				 const struct vpci_viommu_mapping *mapping);

/**
 * vpci_viommu_mappings_clear() - remove all mappings
 * @mappings: mappings
 */
void vpci_viommu_mappings_clear(struct vpci_viommu_mappings *mappings);

#endif
