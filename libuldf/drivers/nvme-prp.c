// SPDX-License-Identifier: MIT
#include "nvme-prp.h"

/* Only the first segment may begin, and only the last may end, within a page. */
static bool segments_fit(const struct uldf_segment *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].address % (i ? NVME_PAGE : 4) || !list[i].length)
			return false;
		if (i < count - 1 && (list[i].address + list[i].length) % NVME_PAGE)
			return false;
	}
	return count;
}

int nvme_prp_fill_list(const struct uldf_segment *list, size_t count,
		       const struct nvme_prp_list *page, uint64_t out[2])
{
	uint64_t first, address, end;
	size_t used = 0;

	if (!segments_fit(list, count))
		return -EINVAL;
	first = list->address;
	for (size_t i = 0; i < count; i++) {
		if (__builtin_add_overflow(list[i].address, list[i].length, &end))
			return -EINVAL;
		address = list[i].address;
		if (!i)
			address += NVME_PAGE - address % NVME_PAGE;
		for (; address < end; address += NVME_PAGE) {
			if (used == NVME_PRP_COUNT)
				return -E2BIG;
			page->entries[used++] = htole64(address);
		}
	}
	out[0] = htole64(first);
	out[1] = !used ? 0 : used == 1 ? page->entries[0] : htole64(page->bus);
	return 0;
}
