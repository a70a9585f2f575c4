/* SPDX-License-Identifier: MIT */
/* Reads a kernel and an initrd into a guest's memory. */
#ifndef VMM_LOAD_H
#define VMM_LOAD_H

#include "boot.h"
#include "memory.h"
#include "reason.h"

/**
 * struct vmm_kernel - a kernel image read from a file
 * @path: the file, for messages; the caller's
 * @bytes: its content
 * @size: how many
 * @image: what it says of itself
 */
struct vmm_kernel {
	const char *path;
	uint8_t *bytes;
	size_t size;
	struct vmm_boot_image image;
};

/**
 * vmm_kernel_read() - read and check a kernel image
 * @path: file
 * @out: the kernel; untouched on failure
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_kernel_read(const char *path, struct vmm_kernel *out, struct vmm_reason *reason);

/**
 * vmm_kernel_free() - free a kernel image
 * @kernel: kernel, or one with @bytes NULL
 */
void vmm_kernel_free(struct vmm_kernel *kernel);

/**
 * vmm_initrd_size() - find how large an initrd is
 * @path: file
 * @out: bytes; untouched on failure
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_initrd_size(const char *path, uint64_t *out, struct vmm_reason *reason);

/**
 * vmm_kernel_load() - write all that a boot needs into the guest's memory
 * @kernel: kernel
 * @initrd: file of the initrd, or NULL
 * @command_line: kernel command line
 * @map: the guest's memory map
 * @memory: its RAM
 * @entry: out: where the boot processor begins; untouched on failure
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_kernel_load(const struct vmm_kernel *kernel, const char *initrd, const char *command_line,
		    const struct vmm_memory_map *map, const struct vmm_memory *memory,
		    uint64_t *entry, struct vmm_reason *reason);

#endif
