/* SPDX-License-Identifier: MIT */
/* The guest's RAM: memory mapped in one piece, shown to KVM in a slot for each piece of the layout. */
#ifndef VMM_MEMORY_H
#define VMM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"
#include "reason.h"
#include "vm.h"

/**
 * struct vmm_memory - guest RAM
 * @fd: memfd of huge pages that can change its size no more; -1 for private memory
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
 * vmm_memory_reserve() - reserve addresses of this process
 * @size: bytes
 * @align: what they are aligned to, a power of two
 *
 * Return: where they begin, or NULL and errno is set; ended by munmap().
 */
uint8_t *vmm_memory_reserve(uint64_t size, uint64_t align);

/**
 * vmm_memory_file() - create a memfd of huge pages
 * @size: bytes, a multiple of @page
 * @page: bytes of a huge page
 * @reason: set on failure
 *
 * Return: a descriptor that vmm_memory_seal() is to seal, or a negative errno.
 */
int vmm_memory_file(uint64_t size, uint64_t page, struct vmm_reason *reason);

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
 * @page: bytes of a huge page of the host's pool; 0 for private memory, where the host uses what huge pages it can make
 * @out: the memory; untouched on failure
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_memory_create(const struct vmm_layout *layout, uint64_t page, struct vmm_memory *out,
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

/**
 * vmm_memory_begin() - how much of a range is RAM that begins with it
 * @memory: memory
 * @address: guest-physical address
 * @size: bytes, not 0
 *
 * Return: bytes from @address on that vmm_memory_at() finds in one piece; 0 when the first is not RAM, or
 * when RAM follows behind what is none.
 */
uint64_t vmm_memory_begin(const struct vmm_memory *memory, uint64_t address, uint64_t size);

#endif
