/* SPDX-License-Identifier: MIT */
/* Physical region pages: where a command's memory is (NVMe 1.4 section 4.3). */
#ifndef ULDF_DRIVERS_NVME_PRP_H
#define ULDF_DRIVERS_NVME_PRP_H

#include <endian.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <uldf/dma.h>

#define NVME_PAGE      4096 /* of memory: CC.MPS 0 */
#define NVME_PRP_COUNT (NVME_PAGE / sizeof(uint64_t))

/* A page for the entries that a command has no room for, little-endian. */
struct nvme_prp_list {
	uint64_t *entries; /* NVME_PRP_COUNT */
	uint64_t bus;
};

/**
 * nvme_prp_fill_list() - nvme_prp_fill() of any memory
 * @list: the memory
 * @count: segments in it, not 0
 * @page: the command's own page
 * @out: the command's two entries; untouched on failure
 *
 * Return: 0, -EINVAL a gap between pages, -E2BIG more than the page can hold.
 */
int nvme_prp_fill_list(const struct uldf_segment *list, size_t count,
		       const struct nvme_prp_list *page, uint64_t out[2]);

/**
 * nvme_prp_fill() - describe memory to a command
 * @list: the memory
 * @count: segments in it, not 0
 * @page: the command's own page
 * @out: the command's two entries; untouched on failure
 *
 * Memory in one page, the commonest, goes no further than this.
 *
 * Return: as nvme_prp_fill_list().
 */
static inline int nvme_prp_fill(const struct uldf_segment *list, size_t count,
				const struct nvme_prp_list *page, uint64_t out[2])
{
	if (count != 1 || list->address % NVME_PAGE + list->length > NVME_PAGE || list->address % 4)
		return nvme_prp_fill_list(list, count, page, out);
	out[0] = htole64(list->address);
	out[1] = 0;
	return 0;
}

#endif
