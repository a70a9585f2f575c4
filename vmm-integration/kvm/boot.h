/* SPDX-License-Identifier: MIT */
/*
 * Booting a Linux bzImage by the 64-bit boot protocol (Documentation/x86/boot.rst in Linux): what the
 * image asks for, where its parts go, and the parameters it is given. Pure: bytes in, bytes out.
 */
#ifndef VMM_BOOT_H
#define VMM_BOOT_H

#include <asm/bootparam.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

#define VMM_BOOT_KERNEL_LIMIT	(512 * VMM_1GIB) /* what the page tables of entry.h can reach */
#define VMM_LINUX(major, minor) ((uint32_t)(major) << 16 | (minor))

/**
 * struct vmm_boot_image - what a bzImage says of itself
 * @header: its setup header
 * @payload: bytes from the file's start to the protected-mode kernel
 * @payload_size: bytes of the protected-mode kernel
 * @command_line_max: longest command line, in bytes without the NUL
 * @version: Linux version, 6 << 16 | 12 for 6.12; 0 if it says none
 */
struct vmm_boot_image {
	struct setup_header header;
	uint64_t payload;
	uint64_t payload_size;
	uint32_t command_line_max;
	uint32_t version;
};

/**
 * struct vmm_boot_plan - where the parts go, guest-physical
 * @kernel: the protected-mode kernel
 * @entry: where it is entered, in 64-bit mode
 * @initrd: the initrd, 0 without one
 * @initrd_size: its bytes
 */
struct vmm_boot_plan {
	uint64_t kernel;
	uint64_t entry;
	uint64_t initrd;
	uint64_t initrd_size;
};

/**
 * vmm_boot_parse() - read the header of a bzImage
 * @bytes: the file
 * @size: its bytes
 * @out: what it says; untouched on failure
 * @why: set on failure to a static text
 *
 * Return: 0, -ENOEXEC not a bzImage that we can boot.
 */
int vmm_boot_parse(const uint8_t *bytes, size_t size, struct vmm_boot_image *out, const char **why);

/**
 * vmm_boot_place() - decide where kernel and initrd go
 * @image: image
 * @map: the guest's memory map
 * @initrd_size: bytes of the initrd, 0 without one
 * @out: the plan; untouched on failure
 * @why: set on failure to a static text
 *
 * The kernel goes where it prefers, or, if it can be moved, to the lowest place above that holds it; the
 * initrd as high as the kernel accepts. Above 4 GiB they go only if the kernel can be loaded there and there is no place
 * below; the kernel lies below 512 GiB (entry.h).
 *
 * Return: 0, -ENOMEM something does not fit.
 */
int vmm_boot_place(const struct vmm_boot_image *image, const struct vmm_memory_map *map,
		   uint64_t initrd_size, struct vmm_boot_plan *out, const char **why);

/**
 * vmm_boot_params_build() - fill the "zero page"
 * @image: image
 * @plan: where its parts are
 * @map: the guest's memory map
 * @command_line: guest-physical address of the command line
 * @rsdp: guest-physical address of the ACPI root pointer
 * @out: the parameters
 */
void vmm_boot_params_build(const struct vmm_boot_image *image, const struct vmm_boot_plan *plan,
			   const struct vmm_memory_map *map, uint32_t command_line, uint64_t rsdp,
			   struct boot_params *out);

#endif
