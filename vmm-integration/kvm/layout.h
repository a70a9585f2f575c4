/* SPDX-License-Identifier: MIT */
/*
 * Where things lie in the guest-physical address space and among the I/O ports.
 *
 *	0		RAM: boot data (entry.h), conventional memory
 *	0xa0000		RAM that the memory map leaves out (the VGA hole of a PC)
 *	0xe0000		RAM, reserved: RSDP and ACPI tables
 *	0x100000	RAM: kernel, initrd; at most to 2 GiB
 *	0xb0000000	ECAM
 *	0xc0000000	PCI memory below 4 GiB; by policy 'identity' it and ECAM lie above the host's RAM
 *	0xfec00000	IOAPIC
 *	0xfee00000	local APICs
 *	0xfffbc000	pages that KVM needs for itself
 *	4 GiB		the rest of RAM
 *	above		PCI memory for 64-bit BARs, as much as the devices need and 32 GiB if there is room, where
 *			the guest's addresses are wide enough
 */
#ifndef VMM_LAYOUT_H
#define VMM_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VMM_PAGE 0x1000ULL
#define VMM_1MIB 0x100000ULL
#define VMM_1GIB 0x40000000ULL
#define VMM_4GIB 0x100000000ULL

/* Below this no distribution kernel starts: its init_size alone is tens of MiB. */
#define VMM_LAYOUT_RAM_MIN (32 * VMM_1MIB)

#define VMM_CONVENTIONAL_END 0xa0000ULL
#define VMM_RSDP	     0xe0000ULL
#define VMM_ACPI_TABLES	     0xe1000ULL
#define VMM_ACPI_TABLES_SIZE (VMM_1MIB - VMM_ACPI_TABLES)
#define VMM_LOW_RAM_MAX	     0x80000000ULL
#define VMM_BUSES	     16
#define VMM_ECAM	     0xb0000000ULL
#define VMM_ECAM_SIZE	     (VMM_BUSES * VMM_1MIB)
#define VMM_MEM32	     0xc0000000ULL
#define VMM_IOAPIC	     0xfec00000ULL
#define VMM_LAPIC	     0xfee00000ULL
#define VMM_KVM_PAGES	     0xfffbc000ULL
#define VMM_KVM_PAGES_SIZE   0x4000ULL
#define VMM_MEM64_SIZE	     (32 * VMM_1GIB) /* where the devices need no more */

#define VMM_PORT_I8042	  0x64
#define VMM_PORT_RTC	  0x70
#define VMM_PORT_SERIAL	  0x3f8
#define VMM_PORT_PM	  0x600
#define VMM_PORT_RESET	  0xcf9
#define VMM_PORT_PCI	  0xc000
#define VMM_PORT_PCI_SIZE 0x4000

#define VMM_GSI_SERIAL 4
#define VMM_GSI_SCI    9
#define VMM_GSI_PCI    16 /* INTA..INTD of the root bus: 16..19 */

#define VMM_E820_MAX 128 /* entries in struct boot_params */
#define VMM_RAM_MAX  96	 /* pieces of RAM; leaves entries for what is no RAM */

/**
 * struct vmm_range - addresses, both ends included
 * @first: first address
 * @last: last address
 */
struct vmm_range {
	uint64_t first;
	uint64_t last;
};

/**
 * struct vmm_ram - a piece of RAM
 * @address: guest-physical address
 * @size: bytes, not 0
 */
struct vmm_ram {
	uint64_t address;
	uint64_t size;
};

/**
 * struct vmm_layout - what of the layout depends on RAM and devices
 * @ram: pieces of RAM: ascending, disjoint, whole pages, none between VMM_LOW_RAM_MAX and 4 GiB; the first begins at 0
 * @n_ram: how many
 * @ecam: start of ECAM, VMM_ECAM_SIZE bytes
 * @mem32: start of the window for BARs below 4 GiB
 * @mem32_size: its bytes
 * @mem64: start of the window for 64-bit BARs
 * @mem64_size: its bytes, 0 when the guest's addresses are too narrow
 */
struct vmm_layout {
	struct vmm_ram ram[VMM_RAM_MAX];
	size_t n_ram;
	uint64_t ecam;
	uint64_t mem32;
	uint64_t mem32_size;
	uint64_t mem64;
	uint64_t mem64_size;
};

/**
 * enum vmm_e820_type - what a range is (ACPI 6.5 §15.2)
 * @VMM_E820_RAM: usable
 * @VMM_E820_RESERVED: not
 */
enum vmm_e820_type {
	VMM_E820_RAM = 1,
	VMM_E820_RESERVED = 2,
};

/**
 * struct vmm_e820 - a line of the memory map
 * @address: first byte
 * @size: bytes, never 0
 * @type: what it is
 */
struct vmm_e820 {
	uint64_t address;
	uint64_t size;
	enum vmm_e820_type type;
};

/**
 * struct vmm_memory_map - what the guest is told about its addresses
 * @entries: in ascending order, disjoint, page-aligned
 * @count: how many
 */
struct vmm_memory_map {
	struct vmm_e820 entries[VMM_E820_MAX];
	size_t count;
};

/**
 * vmm_layout_limit() - find the end of a guest's physical addresses
 * @physical_bits: their width
 *
 * Return: the first address beyond them.
 */
uint64_t vmm_layout_limit(unsigned int physical_bits);

/**
 * vmm_layout_init() - lay the guest out
 * @memory: bytes of RAM, a multiple of the page size
 * @physical_bits: width of the guest's physical addresses
 * @wide: bytes of all 64-bit BARs; the window is smaller where there is no room for them
 * @out: the layout; untouched on failure
 *
 * Return: 0, -EINVAL too little RAM or not whole pages, -ERANGE more RAM than addresses.
 */
int vmm_layout_init(uint64_t memory, unsigned int physical_bits, uint64_t wide,
		    struct vmm_layout *out);

/**
 * struct vmm_host_ram - how far the RAM of the host reaches
 * @low_end: end of what lies below 4 GiB
 * @end: end of all of it
 */
struct vmm_host_ram {
	uint64_t low_end;
	uint64_t end;
};

/**
 * vmm_layout_init_at() - lay the guest out round RAM that has its addresses already
 * @ram: pieces, as in struct vmm_layout
 * @n_ram: how many, 1..VMM_RAM_MAX
 * @host: what the windows for BARs keep clear of
 * @physical_bits: width of the guest's physical addresses
 * @wide: bytes of all 64-bit BARs; the window is smaller where there is no room for them
 * @out: the layout; untouched on failure
 *
 * Return: 0, -ERANGE RAM beyond the guest's addresses, -ENOSPC no room for the windows below 4 GiB.
 */
int vmm_layout_init_at(const struct vmm_ram *ram, size_t n_ram, const struct vmm_host_ram *host,
		       unsigned int physical_bits, uint64_t wide, struct vmm_layout *out);

/**
 * vmm_memory_map_build() - the memory map of a layout
 * @layout: layout
 * @reserved: ranges that no device can reach as RAM; RAM there is withheld from the guest
 * @n_reserved: how many
 * @out: the map; untouched on failure
 *
 * Its RAM entries are also what devices see of the guest's memory.
 *
 * Return: 0, -E2BIG more pieces than a memory map has entries.
 */
int vmm_memory_map_build(const struct vmm_layout *layout, const struct vmm_range *reserved,
			 size_t n_reserved, struct vmm_memory_map *out);

#endif
