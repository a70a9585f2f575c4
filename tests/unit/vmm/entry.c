// SPDX-License-Identifier: MIT
#include "entry.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

static uint8_t *memory;

static void setup(void)
{
	memory = calloc(1, VMM_CONVENTIONAL_END);
	memset(memory, 0xee, VMM_CONVENTIONAL_END);
	vmm_entry_write(memory, 16 * VMM_1MIB, 64 * VMM_1MIB);
}

static void teardown(void)
{
	free(memory);
}

TestSuite(entry, .init = setup, .fini = teardown);

static uint64_t load(uint64_t address)
{
	uint64_t value;

	cr_assert(lt(u64, address, VMM_CONVENTIONAL_END));
	memcpy(&value, memory + address, sizeof(value));
	return value;
}

/* What a processor finds that walks the tables, down to 2 MiB pages. */
static uint64_t walk(uint64_t address)
{
	uint64_t entry = load(VMM_BOOT_TABLES + 8 * (address >> 39 & 511));

	cr_assert(entry & 1);
	entry = load((entry & ~0xfffULL) + 8 * (address >> 30 & 511));
	if (!(entry & 1))
		return UINT64_MAX;
	entry = load((entry & ~0xfffULL) + 8 * (address >> 21 & 511));
	cr_assert(eq(u64, entry & 0x83, 0x83));
	return (entry & ~0x1fffffULL) | (address & 0x1fffff);
}

Test(entry, the_lower_4_gib_are_mapped_onto_themselves)
{
	const uint64_t addresses[] = {0,	  VMM_BOOT_PARAMS, 0x1000000,  0x3fffffff,
				      0x40000000, 0x7fffffff,	   0xfee00000, 0xffffffff};

	for (size_t i = 0; i < 8; i++)
		cr_assert(eq(u64, walk(addresses[i]), addresses[i]));
}

Test(entry, a_kernel_above_4_gib_is_mapped_too_and_nothing_else_there)
{
	vmm_entry_write(memory, 7 * VMM_1GIB - VMM_1MIB, 2 * VMM_1MIB);
	cr_assert(eq(u64, walk(7 * VMM_1GIB - VMM_1MIB), 7 * VMM_1GIB - VMM_1MIB));
	cr_assert(eq(u64, walk(7 * VMM_1GIB + VMM_1MIB - 1), 7 * VMM_1GIB + VMM_1MIB - 1));
	cr_assert(eq(u64, walk(5 * VMM_1GIB), UINT64_MAX));
	cr_assert(eq(u64, walk(8 * VMM_1GIB), UINT64_MAX));
	cr_assert(eq(u64, walk(VMM_4GIB - 1), VMM_4GIB - 1));
}

Test(entry, the_largest_kernel_just_below_512_gib_has_room_for_its_tables)
{
	const uint64_t first = 512 * VMM_1GIB - UINT32_MAX;

	vmm_entry_write(memory, first, UINT32_MAX);
	cr_assert(eq(u64, walk(first), first));
	cr_assert(eq(u64, walk(512 * VMM_1GIB - 1), 512 * VMM_1GIB - 1));
	cr_assert(eq(u64, load(VMM_BOOT_TABLES + VMM_BOOT_TABLES_SIZE), 0xeeeeeeeeeeeeeeee));
}

Test(entry, nothing_is_mapped_from_4_gib)
{
	cr_assert(eq(u64, walk(VMM_4GIB), UINT64_MAX));
}

Test(entry, the_segments_are_those_of_the_boot_protocol)
{
	struct kvm_sregs sregs = {0};

	vmm_entry_sregs(&sregs);
	cr_assert(eq(u16, sregs.cs.selector, 0x10));
	cr_assert(eq(u16, sregs.ds.selector, 0x18));
	cr_assert(eq(u16, sregs.ss.selector, 0x18));
	cr_assert(eq(u8, sregs.cs.l, 1));
	cr_assert(eq(u64, sregs.gdt.base, VMM_BOOT_GDT));
	cr_assert(eq(u64, load(VMM_BOOT_GDT + 0x10), 0x00af9b000000ffff));
	cr_assert(eq(u64, load(VMM_BOOT_GDT + 0x18), 0x00cf93000000ffff));
	cr_assert(zero(u64, load(VMM_BOOT_GDT)));
}

Test(entry, the_processor_is_in_long_mode)
{
	struct kvm_sregs sregs = {0};

	vmm_entry_sregs(&sregs);
	cr_assert(eq(u64, sregs.cr3, VMM_BOOT_TABLES));
	cr_assert(eq(u64, sregs.efer & 0x500, 0x500));
	cr_assert(ne(u64, sregs.cr4 & 1 << 5, 0));
	cr_assert(eq(u64, sregs.cr0 & 0x80000001, 0x80000001));
}

Test(entry, the_kernel_finds_its_parameters)
{
	struct kvm_regs regs;

	vmm_entry_regs(0x1000200, &regs);
	cr_assert(eq(u64, regs.rip, 0x1000200));
	cr_assert(eq(u64, regs.rsi, VMM_BOOT_PARAMS));
	cr_assert(eq(u64, regs.rflags, 2)); /* interrupts off */
}

Test(entry, boot_data_does_not_overlap)
{
	cr_assert(le(u64, VMM_BOOT_GDT + VMM_PAGE, VMM_BOOT_PARAMS));
	cr_assert(le(u64, VMM_BOOT_PARAMS + VMM_PAGE, VMM_BOOT_TABLES));
	cr_assert(le(u64, VMM_BOOT_TABLES + VMM_BOOT_TABLES_SIZE, VMM_BOOT_COMMAND_LINE));
	cr_assert(le(u64, VMM_BOOT_COMMAND_LINE + VMM_BOOT_COMMAND_ROOM, VMM_CONVENTIONAL_END));
	cr_assert(eq(u64, load(VMM_BOOT_PARAMS), 0xeeeeeeeeeeeeeeee));
	cr_assert(eq(u64, load(VMM_BOOT_TABLES + VMM_BOOT_TABLES_SIZE), 0xeeeeeeeeeeeeeeee));
}
