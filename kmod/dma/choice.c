// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chooses bus addresses for mappings: the highest that are free.
 *
 * Guarded by uldf_space.lock.
 */
#include <linux/iommu.h>
#include <linux/mm.h>

#include "dma/choice.h"
#include "dma/extent.h"
#include "dma/memory.h"

/**
 * uldf_choice_one - choose addresses for one piece
 * @space: the space, which has a domain
 * @limit: the last address that may be chosen
 * @size: bytes
 * @out: the first address
 *
 * Return: 0 or -ENOSPC
 */
int uldf_choice_one(struct uldf_space *space, u64 limit, u64 size, u64 *out)
{
	struct iommu_domain_geometry *geometry = &space->domain->geometry;
	/* drivers take address 0 for no address */
	u64 first = max_t(u64, PAGE_ALIGN(geometry->aperture_start), PAGE_SIZE);
	u64 last = min_t(u64, limit, geometry->aperture_end);

	/* leave out a last page that is not whole */
	if (last < PAGE_SIZE - 1)
		return -ENOSPC;
	last -= (last + 1) & ~PAGE_MASK;
	if (last < first)
		return -ENOSPC;
	return uldf_extent_choose(&space->extents, first, last, size, out);
}

/**
 * uldf_choice_all - choose addresses for all pieces of a batch in one range
 * @space: the space, which has a domain
 * @limit: the last address that may be chosen
 * @pieces: get the addresses
 * @count: how many pieces
 *
 * A batch of the size of a large page or more gets addresses at which the IOMMU can use the large pages
 * of the first piece's memory: both have the same offset in a large page.
 *
 * Return: whether there is such a range
 */
bool uldf_choice_all(struct uldf_space *space, u64 limit, struct uldf_ioc_mapping *pieces,
		     u32 count)
{
	struct uldf_memory *memory;
	u64 size = 0, address, offset, physical;
	bool chosen = false;
	u32 i;

	for (i = 0; i < count; i++)
		if (!pieces[i].size || !PAGE_ALIGNED(pieces[i].size) ||
		    check_add_overflow(size, pieces[i].size, &size))
			return false;
	memory = xa_load(&space->memories, pieces[0].memory);
	offset = pieces[0].offset >> PAGE_SHIFT;
	if (size >= PMD_SIZE && size <= U64_MAX - PMD_SIZE && memory && offset < memory->count) {
		physical = uldf_memory_physical(memory, offset);
		chosen = !uldf_choice_one(space, limit, size + PMD_SIZE - PAGE_SIZE, &address);
		if (chosen)
			address += (physical - address) & ~PMD_MASK;
	}
	if (!chosen && uldf_choice_one(space, limit, size, &address))
		return false;
	for (i = 0; i < count; i++) {
		pieces[i].address = address;
		address += pieces[i].size;
	}
	return true;
}
