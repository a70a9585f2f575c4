// SPDX-License-Identifier: MIT
#include "layout.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>

static struct vmm_memory_map build(uint64_t memory, const struct vmm_range *reserved, size_t n)
{
	struct vmm_layout layout;
	struct vmm_memory_map map;

	cr_assert(zero(int, vmm_layout_init(memory, 40, 0, &layout)));
	cr_assert(zero(int, vmm_memory_map_build(&layout, reserved, n, &map)));
	return map;
}

static void expect(const struct vmm_memory_map *map, size_t index, uint64_t address, uint64_t end,
		   enum vmm_e820_type type)
{
	cr_assert(lt(sz, index, map->count));
	cr_assert(eq(u64, map->entries[index].address, address));
	cr_assert(eq(u64, map->entries[index].address + map->entries[index].size, end));
	cr_assert(eq(int, (int)map->entries[index].type, (int)type));
}

Test(layout, little_memory_lies_below_the_pci_hole)
{
	struct vmm_layout layout;

	cr_assert(zero(int, vmm_layout_init(512 * VMM_1MIB, 40, 0, &layout)));
	cr_assert(eq(sz, layout.n_ram, 1));
	cr_assert(eq(u64, layout.ram[0].size, 512 * VMM_1MIB));
	cr_assert(eq(u64, layout.ecam, VMM_ECAM));
	cr_assert(eq(u64, layout.mem32, VMM_MEM32));
	cr_assert(eq(u64, layout.mem32 + layout.mem32_size, VMM_IOAPIC));
	cr_assert(eq(u64, layout.mem64, 32 * VMM_1GIB));
	cr_assert(eq(u64, layout.mem64_size, 32 * VMM_1GIB));
}

Test(layout, much_memory_goes_on_above_4_gib)
{
	struct vmm_layout layout;

	cr_assert(zero(int, vmm_layout_init(40 * VMM_1GIB, 40, 0, &layout)));
	cr_assert(eq(sz, layout.n_ram, 2));
	cr_assert(eq(u64, layout.ram[0].size, 2 * VMM_1GIB));
	cr_assert(eq(u64, layout.ram[1].address, VMM_4GIB));
	cr_assert(eq(u64, layout.ram[1].size, 38 * VMM_1GIB));
	cr_assert(eq(u64, layout.mem64, 64 * VMM_1GIB));
}

Test(layout, narrow_addresses_leave_no_window_above_4_gib)
{
	struct vmm_layout layout;

	cr_assert(zero(int, vmm_layout_init(512 * VMM_1MIB, 32, 0, &layout)));
	cr_assert(zero(u64, layout.mem64));
	cr_assert(zero(u64, layout.mem64_size));
}

Test(layout, the_window_above_4_gib_is_as_large_as_the_devices_need_and_the_addresses_have)
{
	static const struct {
		uint64_t memory;
		unsigned int bits;
		uint64_t wide, base, size; /* GiB */
	} cases[] = {
		{1, 40, 0, 32, 32},
		{1, 40, 32, 32, 32},
		{1, 40, 33, 64, 64},
		{1, 40, 65, 128, 128},
		{70, 40, 64, 128, 64},
		{1, 35, 0, 16, 16},
		{1, 35, 16, 16, 16},
		{1, 35, 17, 16, 16},
		{1, 40, 512, 512, 512},
		{1, 40, 513, 512, 512},
		{600, 40, 257, 768, 256},
		{1, 33, 0, 4, 4},
		{1, 52, 1 << 20, 1 << 20, 1 << 20},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vmm_layout layout;

		cr_assert(zero(int, vmm_layout_init(cases[i].memory * VMM_1GIB, cases[i].bits,
						    cases[i].wide * VMM_1GIB, &layout)));
		cr_expect(eq(u64, layout.mem64, cases[i].base * VMM_1GIB), "case %zu", i);
		cr_expect(eq(u64, layout.mem64_size, cases[i].size * VMM_1GIB), "case %zu", i);
	}
}

Test(layout, devices_that_need_more_than_there_is_get_what_there_is)
{
	struct vmm_layout layout;

	cr_assert(zero(int, vmm_layout_init(VMM_1GIB, 52, UINT64_MAX, &layout)));
	cr_assert(eq(u64, layout.mem64, 1ULL << 51));
	cr_assert(eq(u64, layout.mem64_size, 1ULL << 51));
}

Test(layout, memory_beyond_the_addresses_is_erange)
{
	struct vmm_layout layout = {.n_ram = 42};

	cr_assert(eq(int, vmm_layout_init(64 * VMM_1GIB, 36, 0, &layout), -ERANGE));
	cr_assert(eq(int, vmm_layout_init(UINT64_MAX - VMM_PAGE + 1, 52, 0, &layout), -ERANGE));
	cr_assert(eq(int, vmm_layout_init(1ULL << 53, 200, 0, &layout), -ERANGE));
	cr_assert(eq(sz, layout.n_ram, 42));
}

Test(layout, too_little_memory_or_part_of_a_page_is_einval)
{
	const uint64_t sizes[] = {0, 1, VMM_1MIB, 32 * VMM_1MIB - VMM_PAGE, 64 * VMM_1MIB + 1};
	struct vmm_layout layout;

	for (size_t i = 0; i < 5; i++)
		cr_assert(eq(int, vmm_layout_init(sizes[i], 40, 0, &layout), -EINVAL));
}

static const struct vmm_ram scattered[] = {
	{.address = 0, .size = VMM_1MIB},
	{.address = 0x1400000, .size = 0x800000},
	{.address = 0x70000000, .size = 0x10000000},
	{.address = 5 * VMM_1GIB, .size = VMM_1GIB},
	{.address = 9 * VMM_1GIB, .size = VMM_1GIB},
};

static int lay_out_at(uint64_t low_end, uint64_t end, unsigned int bits, struct vmm_layout *out)
{
	const struct vmm_host_ram host = {.low_end = low_end, .end = end};

	return vmm_layout_init_at(scattered, 5, &host, bits, 0, out);
}

Test(layout, windows_keep_clear_of_given_ram_and_of_the_hosts)
{
	static const struct {
		uint64_t low_end, end, ecam, mem32, mem64;
	} cases[] = {
		{0, 0, VMM_ECAM, VMM_MEM32, 32 * VMM_1GIB},
		{0x80000000, 40 * VMM_1GIB, VMM_ECAM, VMM_MEM32, 64 * VMM_1GIB},
		{0xb0000000, 0, VMM_ECAM, VMM_MEM32, 32 * VMM_1GIB},
		{0xb0001000, 0, 0xfdc00000, 0xb0100000, 32 * VMM_1GIB},
		{0xe0000000, 0, 0xfdc00000, 0xe0000000, 32 * VMM_1GIB},
		{0xf9c00000, 0, 0xfdc00000, 0xf9c00000, 32 * VMM_1GIB},
		{0xf9c00001, 0, 0, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vmm_layout layout;
		int error = lay_out_at(cases[i].low_end, cases[i].end, 40, &layout);

		if (!cases[i].mem64) {
			cr_expect(eq(int, error, -ENOSPC), "case %zu", i);
			continue;
		}
		cr_expect(zero(int, error), "case %zu", i);
		cr_expect(eq(u64, layout.ecam, cases[i].ecam), "case %zu", i);
		cr_expect(eq(u64, layout.mem32, cases[i].mem32), "case %zu", i);
		cr_expect(eq(u64, layout.mem32 + layout.mem32_size,
			     layout.ecam > layout.mem32 ? layout.ecam : VMM_IOAPIC),
			  "case %zu", i);
		cr_expect(eq(u64, layout.mem64, cases[i].mem64), "case %zu", i);
	}
}

Test(layout, given_ram_beyond_the_guests_addresses_is_erange)
{
	struct vmm_layout layout = {.n_ram = 42};

	cr_assert(eq(int, lay_out_at(0, 0, 33, &layout), -ERANGE));
	cr_assert(eq(sz, layout.n_ram, 42));
	cr_assert(zero(int, lay_out_at(0, 0, 34, &layout)));
}

Test(layout, the_map_of_given_ram_has_it_where_it_is)
{
	struct vmm_memory_map map;
	struct vmm_layout layout;

	cr_assert(zero(int, lay_out_at(0xb0001000, 0, 40, &layout)));
	cr_assert(zero(int, vmm_memory_map_build(&layout, NULL, 0, &map)));
	cr_assert(eq(sz, map.count, 8));
	expect(&map, 0, 0, 0xa0000, VMM_E820_RAM);
	expect(&map, 1, 0xe0000, 0x100000, VMM_E820_RESERVED);
	expect(&map, 2, 0x1400000, 0x1c00000, VMM_E820_RAM);
	expect(&map, 3, 0x70000000, 0x80000000, VMM_E820_RAM);
	expect(&map, 4, 0xfdc00000, 0xfec00000, VMM_E820_RESERVED);
	expect(&map, 5, 0xfffbc000, 0xfffc0000, VMM_E820_RESERVED);
	expect(&map, 6, 5 * VMM_1GIB, 6 * VMM_1GIB, VMM_E820_RAM);
	expect(&map, 7, 9 * VMM_1GIB, 10 * VMM_1GIB, VMM_E820_RAM);
}

Test(layout, as_many_pieces_as_a_layout_has_fit_into_a_map)
{
	const struct vmm_host_ram host = {.low_end = 0};
	struct vmm_ram ram[VMM_RAM_MAX] = {{.size = VMM_1MIB}};
	struct vmm_memory_map map;
	struct vmm_layout layout;

	for (size_t i = 1; i < VMM_RAM_MAX; i++)
		ram[i] = (struct vmm_ram){.address = 2 * i * VMM_1MIB, .size = VMM_1MIB};
	cr_assert(zero(int, vmm_layout_init_at(ram, VMM_RAM_MAX, &host, 40, 0, &layout)));
	cr_assert(zero(int, vmm_memory_map_build(&layout, NULL, 0, &map)));
	cr_assert(eq(sz, map.count, VMM_RAM_MAX + 3));
}

Test(layout, the_map_names_ram_and_what_is_kept_from_it)
{
	struct vmm_memory_map map = build(4 * VMM_1GIB, NULL, 0);

	cr_assert(eq(sz, map.count, 6));
	expect(&map, 0, 0, 0xa0000, VMM_E820_RAM);
	expect(&map, 1, 0xe0000, 0x100000, VMM_E820_RESERVED);
	expect(&map, 2, 0x100000, 0x80000000, VMM_E820_RAM);
	expect(&map, 3, VMM_ECAM, VMM_ECAM + 16 * VMM_1MIB, VMM_E820_RESERVED);
	expect(&map, 4, 0xfffbc000, 0xfffc0000, VMM_E820_RESERVED);
	expect(&map, 5, VMM_4GIB, 6 * VMM_1GIB, VMM_E820_RAM);
}

Test(layout, the_map_of_little_memory_has_nothing_above_4_gib)
{
	struct vmm_memory_map map = build(64 * VMM_1MIB, NULL, 0);

	cr_assert(eq(sz, map.count, 5));
	expect(&map, 2, 0x100000, 64 * VMM_1MIB, VMM_E820_RAM);
}

Test(layout, reserved_addresses_are_cut_out_in_whole_pages)
{
	const struct vmm_range reserved = {.first = 0x2000800, .last = 0x2001000};
	struct vmm_memory_map map = build(64 * VMM_1MIB, &reserved, 1);

	cr_assert(eq(sz, map.count, 7));
	expect(&map, 2, 0x100000, 0x2000000, VMM_E820_RAM);
	expect(&map, 3, 0x2000000, 0x2002000, VMM_E820_RESERVED);
	expect(&map, 4, 0x2002000, 64 * VMM_1MIB, VMM_E820_RAM);
}

Test(layout, overlapping_unordered_ranges_are_cut_out_once)
{
	const struct vmm_range reserved[] = {
		{.first = 0x3000000, .last = 0x3000fff},
		{.first = 0x2000000, .last = 0x2ffffff},
		{.first = 0x2800000, .last = 0x3001fff},
	};
	struct vmm_memory_map map = build(64 * VMM_1MIB, reserved, 3);
	uint64_t end = 0x2000000;
	size_t i = 3;

	expect(&map, 2, 0x100000, 0x2000000, VMM_E820_RAM);
	while (map.entries[i].type == VMM_E820_RESERVED) {
		cr_assert(eq(u64, map.entries[i].address, end));
		end += map.entries[i++].size;
	}
	cr_assert(eq(u64, end, 0x3002000));
	expect(&map, i, 0x3002000, 64 * VMM_1MIB, VMM_E820_RAM);
}

Test(layout, a_range_that_covers_everything_leaves_no_ram)
{
	const struct vmm_range reserved = {.first = 0, .last = UINT64_MAX};
	struct vmm_memory_map map = build(64 * VMM_1MIB, &reserved, 1);

	for (size_t i = 0; i < map.count; i++)
		cr_assert(eq(int, (int)map.entries[i].type, (int)VMM_E820_RESERVED));
}

Test(layout, ranges_outside_ram_or_backwards_change_nothing)
{
	const struct vmm_range reserved[] = {
		{.first = 0xfee00000, .last = 0xfeefffff},
		{.first = 64 * VMM_1MIB, .last = 65 * VMM_1MIB},
		{.first = 0x2001000, .last = 0x2000000},
	};
	struct vmm_memory_map map = build(64 * VMM_1MIB, reserved, 3);

	cr_assert(eq(sz, map.count, 5));
}

Test(layout, more_pieces_than_a_map_holds_are_e2big)
{
	struct vmm_range reserved[VMM_E820_MAX];
	struct vmm_memory_map map = {.count = 42};
	struct vmm_layout layout;

	for (size_t i = 0; i < VMM_E820_MAX; i++)
		reserved[i] = (struct vmm_range){.first = VMM_1MIB + 2 * i * VMM_PAGE,
						 .last = VMM_1MIB + 2 * i * VMM_PAGE};
	cr_assert(zero(int, vmm_layout_init(64 * VMM_1MIB, 40, 0, &layout)));
	cr_assert(eq(int, vmm_memory_map_build(&layout, reserved, VMM_E820_MAX, &map), -E2BIG));
	cr_assert(eq(sz, map.count, 42));
}
