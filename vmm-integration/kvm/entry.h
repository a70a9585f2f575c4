/* SPDX-License-Identifier: MIT */
/* The state in which a boot processor enters a 64-bit kernel (Documentation/x86/boot.rst, "64-bit Boot
 * Protocol"): long mode, flat segments, an identity map, and the data for it below 640 KiB. */
#ifndef VMM_ENTRY_H
#define VMM_ENTRY_H

#include <linux/kvm.h>
#include <stdint.h>

/* Guest-physical addresses of the boot data. */
#define VMM_BOOT_GDT	      0x1000
#define VMM_BOOT_PARAMS	      0x7000
#define VMM_BOOT_TABLES	      0x9000
#define VMM_BOOT_TABLES_SIZE  0xb000
#define VMM_BOOT_COMMAND_LINE 0x20000
#define VMM_BOOT_COMMAND_ROOM 0x10000

/**
 * vmm_entry_write() - write GDT and page tables
 * @memory: guest RAM from address 0 on, 640 KiB at least
 * @kernel: guest-physical address of the kernel
 * @size: its bytes, less than 4 GiB; all of it lies below 512 GiB
 *
 * The page tables map the lower 4 GiB and the kernel onto themselves.
 */
void vmm_entry_write(uint8_t *memory, uint64_t kernel, uint64_t size);

/**
 * vmm_entry_sregs() - set what makes a processor run in 64-bit mode on that data
 * @sregs: as KVM made them; changed
 */
void vmm_entry_sregs(struct kvm_sregs *sregs);

/**
 * vmm_entry_regs() - the general registers at the entry
 * @entry: guest-physical address of the kernel's 64-bit entry
 * @regs: out
 */
void vmm_entry_regs(uint64_t entry, struct kvm_regs *regs);

#endif
