/* SPDX-License-Identifier: MIT */
/* The guest's RAM: a memfd, mapped in one piece, shown to KVM in a slot for each piece of the layout. */
#ifndef VMM_MEMORY_H
#define VMM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"
#include "reason.h"
#include "vm.h"

/**
 * struct vmm_memory - guest RAM
 * @fd: memfd that can change its size no more
 * @base: where it is mapped
 * @size: bytes mapped there
 * @ram: its pieces, as in the layout
 * @offsets: where each begins, in bytes from @base
 * @n_ram: how many
 */
struct vmm_memory {
	int fd;
	uint8_t *base;
	uint64_t size;
	struct vmm_ram ram[VMM_RAM_MAX];
	uint64_t offsets[VMM_RAM_MAX];
	size_t n_ram;
};

/**
 * vmm_memory_file() - create a memfd for guest RAM
 * @size: bytes
 * @hugepages: in pages of the host's default huge page size
 * @reason: set on failure
 *
 * Return: a descriptor that vmm_memory_seal() is to seal, or a negative errno.
 */
int vmm_memory_file(uint64_t size, bool hugepages, struct vmm_reason *reason);

/**
 * vmm_memory_seal() - let a memfd change its size no more
 * @fd: memfd
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_memory_seal(int fd, struct vmm_reason *reason);

/**
 * vmm_memory_create() - allocate guest RAM
 * @layout: how much
 * @hugepages: in pages of the host's default huge page size
 * @out: the memory; untouched on failure
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_memory_create(const struct vmm_layout *layout, bool hugepages, struct vmm_memory *out,
		      struct vmm_reason *reason);

/**
 * vmm_memory_destroy() - free guest RAM; neither KVM nor a device may use it any more
 * @memory: memory, or one with @base NULL
 */
void vmm_memory_destroy(struct vmm_memory *memory);

/**
 * vmm_memory_plug() - show guest RAM to the guest
 * @memory: memory; stays plugged until the machine is closed
 * @vm: the machine
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_memory_plug(const struct vmm_memory *memory, struct vmm_vm *vm, struct vmm_reason *reason);

/**
 * vmm_memory_at() - where guest-physical memory is in this process
 * @memory: memory
 * @address: guest-physical address
 * @size: bytes, not 0
 *
 * Return: the address, or NULL when any of it is not RAM.
 */
void *vmm_memory_at(const struct vmm_memory *memory, uint64_t address, uint64_t size);

#endif
