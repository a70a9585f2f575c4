// SPDX-License-Identifier: MIT
#include "entry.h"

#include <string.h>

#include "layout.h"

/* The selectors that the boot protocol asks for: __BOOT_CS and __BOOT_DS. */
#define BOOT_CS 0x10
#define BOOT_DS 0x18

#define GDT_CODE 0x00af9b000000ffffULL /* 64-bit code, present, accessed */
#define GDT_DATA 0x00cf93000000ffffULL /* 4 GiB of data, writable, accessed */

#define PAGE_PRESENT  (1ULL << 0)
#define PAGE_WRITABLE (1ULL << 1)
#define PAGE_LARGE    (1ULL << 7)
#define LARGE_PAGE    (2 * VMM_1MIB)
#define ENTRIES	      512

#define CR0_PE	 (1ULL << 0)
#define CR0_ET	 (1ULL << 4)
#define CR0_PG	 (1ULL << 31)
#define CR4_PAE	 (1ULL << 5)
#define EFER_LME (1ULL << 8)
#define EFER_LMA (1ULL << 10)

#define RFLAGS_FIXED (1ULL << 1)

static void store(uint8_t *memory, uint64_t address, uint64_t value)
{
	memcpy(memory + address, &value, sizeof(value));
}

/* Maps a GiB onto itself, by a page directory; those follow one behind the other. */
static void map_gib(uint8_t *memory, uint64_t gib, uint64_t directory)
{
	const uint64_t pdpt = VMM_BOOT_TABLES + VMM_PAGE;

	store(memory, pdpt + 8 * gib, directory | PAGE_PRESENT | PAGE_WRITABLE);
	for (uint64_t i = 0; i < ENTRIES; i++)
		store(memory, directory + 8 * i,
		      (gib * VMM_1GIB + i * LARGE_PAGE) | PAGE_PRESENT | PAGE_WRITABLE |
			      PAGE_LARGE);
}

static void write_page_tables(uint8_t *memory, uint64_t kernel, uint64_t size)
{
	const uint64_t pml4 = VMM_BOOT_TABLES;
	const uint64_t pdpt = pml4 + VMM_PAGE;
	uint64_t directory = pdpt + VMM_PAGE;
	uint64_t gib = kernel / VMM_1GIB;

	memset(memory + VMM_BOOT_TABLES, 0, VMM_BOOT_TABLES_SIZE);
	store(memory, pml4, pdpt | PAGE_PRESENT | PAGE_WRITABLE);
	for (uint64_t i = 0; i < VMM_4GIB / VMM_1GIB; i++, directory += VMM_PAGE)
		map_gib(memory, i, directory);
	if (gib < VMM_4GIB / VMM_1GIB)
		gib = VMM_4GIB / VMM_1GIB;
	for (; gib * VMM_1GIB < kernel + size; gib++, directory += VMM_PAGE)
		map_gib(memory, gib, directory);
}

void vmm_entry_write(uint8_t *memory, uint64_t kernel, uint64_t size)
{
	memset(memory + VMM_BOOT_GDT, 0, VMM_PAGE);
	store(memory, VMM_BOOT_GDT + BOOT_CS, GDT_CODE);
	store(memory, VMM_BOOT_GDT + BOOT_DS, GDT_DATA);
	write_page_tables(memory, kernel, size);
}

void vmm_entry_sregs(struct kvm_sregs *sregs)
{
	const struct kvm_segment code = {.limit = 0xffffffff,
					 .selector = BOOT_CS,
					 .type = 0xb,
					 .present = 1,
					 .s = 1,
					 .l = 1,
					 .g = 1};
	const struct kvm_segment data = {.limit = 0xffffffff,
					 .selector = BOOT_DS,
					 .type = 0x3,
					 .present = 1,
					 .s = 1,
					 .db = 1,
					 .g = 1};

	sregs->cs = code;
	sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
	sregs->gdt.base = VMM_BOOT_GDT;
	sregs->gdt.limit = BOOT_DS + 8 - 1;
	sregs->cr3 = VMM_BOOT_TABLES;
	sregs->cr4 = CR4_PAE;
	sregs->efer = EFER_LME | EFER_LMA;
	sregs->cr0 = CR0_PE | CR0_ET | CR0_PG;
}

void vmm_entry_regs(uint64_t entry, struct kvm_regs *regs)
{
	*regs = (struct kvm_regs){
		.rip = entry,
		.rsi = VMM_BOOT_PARAMS,
		.rflags = RFLAGS_FIXED,
	};
}
