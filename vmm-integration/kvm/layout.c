// SPDX-License-Identifier: MIT
#include "layout.h"

#include <errno.h>

/* The least window for BARs below 4 GiB that is worth a boot. */
#define MEM32_MIN (64 * VMM_1MIB)

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

uint64_t vmm_layout_limit(unsigned int physical_bits)
{
	return 1ULL << (physical_bits < 52 ? physical_bits : 52);
}

int vmm_layout_init(uint64_t memory, unsigned int physical_bits, uint64_t wide,
		    struct vmm_layout *out)
{
	const struct vmm_host_ram host = {.low_end = VMM_ECAM};
	struct vmm_ram ram[] = {{.size = memory}, {.address = VMM_4GIB}};
	size_t count = 1;

	if (memory < VMM_LAYOUT_RAM_MIN || memory % VMM_PAGE)
		return -EINVAL;
	if (memory > VMM_LOW_RAM_MAX) {
		ram[0].size = VMM_LOW_RAM_MAX;
		ram[1].size = memory - VMM_LOW_RAM_MAX;
		count = 2;
	}
	return vmm_layout_init_at(ram, count, &host, physical_bits, wide, out);
}

/* Where the host's RAM reaches into our places, ECAM goes up to their end: the window's start stays as aligned as it is. */
static int place_below_4gib(struct vmm_layout *layout, uint64_t low_end)
{
	uint64_t end = VMM_IOAPIC;

	layout->ecam = VMM_ECAM;
	layout->mem32 = VMM_MEM32;
	if (low_end > VMM_ECAM) {
		end = layout->ecam = VMM_IOAPIC - VMM_ECAM_SIZE;
		layout->mem32 = (low_end + VMM_1MIB - 1) & ~(VMM_1MIB - 1);
	}
	if (layout->mem32 + MEM32_MIN > end)
		return -ENOSPC;
	layout->mem32_size = end - layout->mem32;
	return 0;
}

int vmm_layout_init_at(const struct vmm_ram *ram, size_t n_ram, const struct vmm_host_ram *host,
		       unsigned int physical_bits, uint64_t wide, struct vmm_layout *out)
{
	const struct vmm_ram *last = &ram[n_ram - 1];
	uint64_t limit = vmm_layout_limit(physical_bits);
	struct vmm_layout layout = {.n_ram = n_ram};
	uint64_t top = VMM_4GIB;
	int error;

	if (last->size > limit || last->address > limit - last->size)
		return -ERANGE;
	if (last->address + last->size > top)
		top = last->address + last->size;
	if (host->end > top)
		top = host->end;
	for (size_t i = 0; i < n_ram; i++)
		layout.ram[i] = ram[i];
	error = place_below_4gib(&layout, host->low_end);
	if (error)
		return error;
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

/* The first MiB has more in it than RAM. */
static int append_piece(struct vmm_memory_map *map, const struct vmm_ram *ram,
			const struct vmm_range *reserved, size_t n_reserved)
{
	uint64_t end = ram->address + ram->size;

	if (ram->address)
		return append_ram(map, ram->address, end, reserved, n_reserved);
	if (append_ram(map, 0, VMM_CONVENTIONAL_END, reserved, n_reserved) ||
	    append(map, VMM_RSDP, VMM_1MIB, VMM_E820_RESERVED))
		return -E2BIG;
	return append_ram(map, VMM_1MIB, end, reserved, n_reserved);
}

int vmm_memory_map_build(const struct vmm_layout *layout, const struct vmm_range *reserved,
			 size_t n_reserved, struct vmm_memory_map *out)
{
	struct vmm_memory_map map = {.count = 0};
	size_t i = 0;

	for (; i < layout->n_ram && layout->ram[i].address < VMM_4GIB; i++)
		if (append_piece(&map, &layout->ram[i], reserved, n_reserved))
			return -E2BIG;
	if (append(&map, layout->ecam, layout->ecam + VMM_ECAM_SIZE, VMM_E820_RESERVED) ||
	    append(&map, VMM_KVM_PAGES, VMM_KVM_PAGES + VMM_KVM_PAGES_SIZE, VMM_E820_RESERVED))
		return -E2BIG;
	for (; i < layout->n_ram; i++)
		if (append_piece(&map, &layout->ram[i], reserved, n_reserved))
			return -E2BIG;
	*out = map;
	return 0;
}
