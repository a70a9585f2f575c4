// SPDX-License-Identifier: MIT
#include "boot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECTOR	       512
#define HEADER	       0x1f1
#define JUMP	       0x201 /* the second byte of a jump over the header: where it ends */
#define HEADER_BASE    0x202
#define MAGIC	       0x53726448 /* "HdrS" */
#define BOOT_FLAG      0xaa55
#define PROTOCOL_2_12  0x020c
#define SETUP_SECTORS  4 /* what 0 stands for */
#define ENTRY_64       0x200
#define LOADER_UNKNOWN 0xff

static int refuse(const char **why, const char *text)
{
	*why = text;
	return -ENOEXEC;
}

/* The header ends where the jump before it leads; what lies behind is code. */
static void copy_header(const uint8_t *bytes, struct setup_header *header)
{
	size_t size = HEADER_BASE + bytes[JUMP] - HEADER;

	if (size > sizeof(*header))
		size = sizeof(*header);
	memset(header, 0, sizeof(*header));
	memcpy(header, bytes + HEADER, size);
}

/* The file names its version by the offset of a text like "6.1.0-50-amd64 (...)", less a sector. */
static uint32_t parse_version(const uint8_t *bytes, size_t size, uint16_t offset)
{
	unsigned int major, minor;
	char text[16];

	if (!offset || size - SECTOR < (size_t)offset + sizeof(text))
		return 0;
	memcpy(text, bytes + SECTOR + offset, sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	if (sscanf(text, "%5u.%5u", &major, &minor) != 2)
		return 0;
	return VMM_LINUX(major, minor);
}

int vmm_boot_parse(const uint8_t *bytes, size_t size, struct vmm_boot_image *out, const char **why)
{
	struct vmm_boot_image image;
	unsigned int sectors;

	if (size < HEADER + sizeof(image.header))
		return refuse(why, "not a bzImage: too short");
	copy_header(bytes, &image.header);
	if (image.header.boot_flag != BOOT_FLAG || image.header.header != MAGIC)
		return refuse(why, "not a bzImage: its boot signature is missing");
	if (!(image.header.loadflags & LOADED_HIGH))
		return refuse(why, "not a bzImage but a zImage");
	if (image.header.version < PROTOCOL_2_12)
		return refuse(why,
			      "its boot protocol is older than 2.12: use a kernel from 3.8 on");
	if (!(image.header.xloadflags & XLF_KERNEL_64))
		return refuse(why, "not a 64-bit kernel");

	sectors = image.header.setup_sects ? image.header.setup_sects : SETUP_SECTORS;
	image.payload = (sectors + 1) * SECTOR;
	image.payload_size = (uint64_t)image.header.syssize * 16;
	if (image.payload_size <= ENTRY_64)
		return refuse(why, "its header names no kernel");
	if (size < image.payload || size - image.payload < image.payload_size)
		return refuse(why, "truncated: shorter than its header says");
	if (image.header.init_size < image.payload_size)
		return refuse(why, "its header contradicts itself: the kernel exceeds init_size");
	image.command_line_max = image.header.cmdline_size;
	image.version = parse_version(bytes, size, image.header.kernel_version);
	*out = image;
	return 0;
}

/* Whether [address, address + size) lies in one RAM entry of the map. */
static bool is_ram(const struct vmm_memory_map *map, uint64_t address, uint64_t size)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct vmm_e820 *entry = &map->entries[i];

		if (entry->type == VMM_E820_RAM && address >= entry->address &&
		    address - entry->address <= entry->size &&
		    size <= entry->size - (address - entry->address))
			return true;
	}
	return false;
}

static bool goes_above(const struct vmm_boot_image *image)
{
	return image->header.xloadflags & XLF_CAN_BE_LOADED_ABOVE_4G;
}

static int place_kernel(const struct vmm_boot_image *image, const struct vmm_memory_map *map,
			uint64_t *out)
{
	uint64_t limit = goes_above(image) ? VMM_BOOT_KERNEL_LIMIT : VMM_4GIB;
	uint64_t align = image->header.kernel_alignment;
	uint64_t size = image->header.init_size, least;

	/* 1 MiB is the boot data's. */
	if (image->header.pref_address >= VMM_1MIB && image->header.pref_address < limit &&
	    is_ram(map, image->header.pref_address, size)) {
		*out = image->header.pref_address;
		return 0;
	}
	if (!image->header.relocatable_kernel || !align || align & (align - 1))
		return -ENOMEM;
	/* Loaded below the address that it prefers, it would move itself up there. */
	least = image->header.pref_address > VMM_1MIB ? image->header.pref_address : VMM_1MIB;
	for (size_t i = 0; i < map->count && least < limit; i++) {
		uint64_t address = map->entries[i].address;

		if (address < VMM_1MIB)
			continue;
		address = ((address > least ? address : least) + align - 1) & ~(align - 1);
		if (address < limit && size <= limit - address && is_ram(map, address, size)) {
			*out = address;
			return 0;
		}
	}
	return -ENOMEM;
}

/* As high as possible in one RAM entry below @end_max: a candidate just below each entry's end and the kernel. */
static int place_initrd_below(const struct vmm_boot_image *image, const struct vmm_memory_map *map,
			      uint64_t kernel, uint64_t size, uint64_t end_max, uint64_t *out)
{
	uint64_t kernel_end = kernel + image->header.init_size;

	for (size_t i = map->count; i-- > 0;) {
		const struct vmm_e820 *entry = &map->entries[i];
		uint64_t end = entry->address + entry->size;
		uint64_t address;

		if (entry->type != VMM_E820_RAM || entry->address < VMM_1MIB)
			continue;
		if (end > end_max)
			end = end_max;
		for (int try = 0; try < 2; try++) {
			address = end >= size ? (end - size) & ~(VMM_PAGE - 1) : 0;
			if (address >= VMM_1MIB && is_ram(map, address, size) &&
			    (address >= kernel_end || address + size <= kernel)) {
				*out = address;
				return 0;
			}
			if (kernel >= end)
				break;
			end = kernel;
		}
	}
	return -ENOMEM;
}

static int place_initrd(const struct vmm_boot_image *image, const struct vmm_memory_map *map,
			uint64_t kernel, uint64_t size, uint64_t *out)
{
	uint64_t end_max = (uint64_t)image->header.initrd_addr_max + 1;
	int error = place_initrd_below(image, map, kernel, size, end_max, out);

	if (error && goes_above(image))
		error = place_initrd_below(image, map, kernel, size, UINT64_MAX, out);
	return error;
}

int vmm_boot_place(const struct vmm_boot_image *image, const struct vmm_memory_map *map,
		   uint64_t initrd_size, struct vmm_boot_plan *out, const char **why)
{
	struct vmm_boot_plan plan = {.initrd_size = initrd_size};

	if (place_kernel(image, map, &plan.kernel)) {
		*why = "it does not fit into one piece of the guest's RAM: give --memory more";
		return -ENOMEM;
	}
	plan.entry = plan.kernel + ENTRY_64;
	if (initrd_size && place_initrd(image, map, plan.kernel, initrd_size, &plan.initrd)) {
		*why = "the initrd does not fit beside it into one piece of the guest's RAM: give "
		       "--memory more";
		return -ENOMEM;
	}
	*out = plan;
	return 0;
}

void vmm_boot_params_build(const struct vmm_boot_image *image, const struct vmm_boot_plan *plan,
			   const struct vmm_memory_map *map, uint32_t command_line, uint64_t rsdp,
			   struct boot_params *out)
{
	memset(out, 0, sizeof(*out));
	out->hdr = image->header;
	out->hdr.type_of_loader = LOADER_UNKNOWN;
	out->hdr.cmd_line_ptr = command_line;
	out->hdr.code32_start = (uint32_t)plan->kernel;
	out->hdr.ramdisk_image = (uint32_t)plan->initrd;
	out->hdr.ramdisk_size = (uint32_t)plan->initrd_size;
	out->ext_ramdisk_image = (uint32_t)(plan->initrd >> 32);
	out->ext_ramdisk_size = (uint32_t)(plan->initrd_size >> 32);
	out->acpi_rsdp_addr = rsdp;
	out->e820_entries = (uint8_t)map->count;
	for (size_t i = 0; i < map->count; i++)
		out->e820_table[i] = (struct boot_e820_entry){
			.addr = map->entries[i].address,
			.size = map->entries[i].size,
			.type = map->entries[i].type,
		};
}
