// SPDX-License-Identifier: MIT
#include "layout.h"

#include <errno.h>

/* Below this no distribution kernel starts: its init_size alone is tens of MiB. */
#define RAM_MIN (32 * VMM_1MIB)

/* Aligned to its size, a power of two, so that BARs of any size that fit also lie aligned. */
static void place_mem64(struct vmm_layout *layout, uint64_t top, uint64_t limit, uint64_t wide)
{
	uint64_t size = VMM_MEM64_SIZE, base;

	while (size < wide && size < limit)
		size *= 2;
	for (; size >= VMM_1GIB; size /= 2) {
		base = (top + size - 1) & ~(size - 1);
		if (base + size > limit)
			continue;
		layout->mem64 = base;
		layout->mem64_size = size;
		return;
	}
}

int vmm_layout_init(uint64_t memory, unsigned int physical_bits, uint64_t wide,
		    struct vmm_layout *out)
{
	struct vmm_layout layout = {.low = memory};
	uint64_t limit = 1ULL << (physical_bits < 52 ? physical_bits : 52);
	uint64_t top;

	if (memory < RAM_MIN || memory % VMM_PAGE)
		return -EINVAL;
	if (memory > limit)
		return -ERANGE;
	if (memory > VMM_LOW_RAM_MAX) {
		layout.low = VMM_LOW_RAM_MAX;
		layout.high = memory - VMM_LOW_RAM_MAX;
	}
	top = VMM_4GIB + layout.high;
	if (layout.high && top > limit)
		return -ERANGE;

	place_mem64(&layout, top, limit, wide);
	*out = layout;
	return 0;
}

static int append(struct vmm_memory_map *map, uint64_t first, uint64_t end, enum vmm_e820_type type)
{
	if (first == end)
		return 0;
	if (map->count == VMM_E820_MAX)
		return -E2BIG;
	map->entries[map->count++] =
		(struct vmm_e820){.address = first, .size = end - first, .type = type};
	return 0;
}

/* The lowest reserved byte in [first, end), cut to pages; its end through @stop. */
static uint64_t next_reserved(const struct vmm_range *reserved, size_t n_reserved, uint64_t first,
			      uint64_t end, uint64_t *stop)
{
	uint64_t lowest = end;

	for (size_t i = 0; i < n_reserved; i++) {
		uint64_t from = reserved[i].first & ~(VMM_PAGE - 1);
		uint64_t last = reserved[i].last | (VMM_PAGE - 1);

		if (last < first || from >= end || reserved[i].first > reserved[i].last)
			continue;
		if (from < first)
			from = first;
		if (from < lowest) {
			lowest = from;
			*stop = last < end - 1 ? last + 1 : end;
		}
	}
	return lowest;
}

static int append_ram(struct vmm_memory_map *map, uint64_t first, uint64_t end,
		      const struct vmm_range *reserved, size_t n_reserved)
{
	while (first < end) {
		uint64_t stop = end;
		uint64_t hole = next_reserved(reserved, n_reserved, first, end, &stop);

		if (append(map, first, hole, VMM_E820_RAM))
			return -E2BIG;
		if (hole < end && append(map, hole, stop, VMM_E820_RESERVED))
			return -E2BIG;
		first = stop;
	}
	return 0;
}

int vmm_memory_map_build(const struct vmm_layout *layout, const struct vmm_range *reserved,
			 size_t n_reserved, struct vmm_memory_map *out)
{
	struct vmm_memory_map map = {.count = 0};

	if (append_ram(&map, 0, VMM_CONVENTIONAL_END, reserved, n_reserved) ||
	    append(&map, VMM_RSDP, VMM_1MIB, VMM_E820_RESERVED) ||
	    append_ram(&map, VMM_1MIB, layout->low, reserved, n_reserved) ||
	    append(&map, VMM_ECAM, VMM_ECAM + VMM_ECAM_SIZE, VMM_E820_RESERVED) ||
	    append(&map, VMM_KVM_PAGES, VMM_KVM_PAGES + VMM_KVM_PAGES_SIZE, VMM_E820_RESERVED) ||
	    append_ram(&map, VMM_4GIB, VMM_4GIB + layout->high, reserved, n_reserved))
		return -E2BIG;
	*out = map;
	return 0;
}
