// SPDX-License-Identifier: MIT
#include "boot.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECTORS 4
#define SETUP	((SECTORS + 1) * 512)
#define PAYLOAD 0x4000
#define SIZE	(SETUP + PAYLOAD)
#define HEADER	0x1f1
#define INIT	(16 * VMM_1MIB)
#define PREFER	(16 * VMM_1MIB)
#define MINIMAL (HEADER + sizeof(struct setup_header))

static const struct setup_header good = {
	.setup_sects = SECTORS,
	.syssize = PAYLOAD / 16,
	.boot_flag = 0xaa55,
	.jump = 0x6aeb, /* the header ends at 0x202 + 0x6a */
	.header = 0x53726448,
	.version = 0x020f,
	.loadflags = LOADED_HIGH,
	.initrd_addr_max = 0x7fffffff,
	.kernel_alignment = 0x200000,
	.relocatable_kernel = 1,
	.xloadflags = XLF_KERNEL_64,
	.cmdline_size = 2047,
	.pref_address = PREFER,
	.init_size = INIT,
};

/* In heap memory of just its size, so that a sanitizer sees a byte read behind it. */
static int parse(const struct setup_header *header, size_t size, struct vmm_boot_image *out,
		 const char **why)
{
	uint8_t *bytes = calloc(1, size);
	int error;

	for (size_t i = 0; i < sizeof(*header) && HEADER + i < size; i++)
		bytes[HEADER + i] = ((const uint8_t *)header)[i];
	error = vmm_boot_parse(bytes, size, out, why);
	free(bytes);
	return error;
}

static void refuses(struct setup_header header, size_t size, const char *wanted)
{
	struct vmm_boot_image image = {.payload = 42};
	const char *why = "";

	cr_assert(eq(int, parse(&header, size, &image, &why), -ENOEXEC));
	cr_assert(ne(ptr, strstr(why, wanted), NULL), "said '%s', not '%s'", why, wanted);
	cr_assert(eq(u64, image.payload, 42));
}

static struct vmm_boot_image image_of(struct setup_header header)
{
	struct vmm_boot_image image;
	const char *why;

	cr_assert(zero(int, parse(&header, SIZE, &image, &why)));
	return image;
}

Test(boot, a_good_image_is_understood)
{
	struct vmm_boot_image image = image_of(good);

	cr_assert(eq(u64, image.payload, SETUP));
	cr_assert(eq(u64, image.payload_size, PAYLOAD));
	cr_assert(eq(u32, image.command_line_max, 2047));
	cr_assert(eq(u32, image.header.init_size, INIT));
}

Test(boot, no_setup_sectors_stand_for_four)
{
	struct setup_header header = good;

	header.setup_sects = 0;
	cr_assert(eq(u64, image_of(header).payload, 5 * 512));
}

Test(boot, a_signature_behind_the_kernel_is_no_harm)
{
	struct vmm_boot_image image;
	const char *why;

	cr_assert(zero(int, parse(&good, SIZE + 1000, &image, &why)));
	cr_assert(eq(u64, image.payload_size, PAYLOAD));
}

Test(boot, what_lies_behind_the_header_is_not_taken_for_it)
{
	struct setup_header header = good;

	header.jump = 0x00eb; /* ends right behind the jump */
	refuses(header, SIZE, "signature");
}

Test(boot, an_empty_file_is_no_bzimage)
{
	refuses(good, 1, "not a bzImage");
}

Test(boot, a_file_that_ends_in_the_header_is_no_bzimage)
{
	for (size_t size = 1; size < MINIMAL; size += 7)
		refuses(good, size, "not a bzImage");
	refuses(good, MINIMAL - 1, "not a bzImage");
}

Test(boot, a_file_without_boot_flag_is_no_bzimage)
{
	struct setup_header header = good;

	header.boot_flag = 0;
	refuses(header, SIZE, "not a bzImage");
}

Test(boot, a_file_without_magic_is_no_bzimage)
{
	struct setup_header header = good;

	header.header = 0x464c457f;
	refuses(header, SIZE, "not a bzImage");
}

Test(boot, a_zimage_is_refused)
{
	struct setup_header header = good;

	header.loadflags = 0;
	refuses(header, SIZE, "zImage");
}

Test(boot, an_old_protocol_is_refused)
{
	struct setup_header header = good;

	header.version = 0x020b;
	refuses(header, SIZE, "older than 2.12");
}

Test(boot, a_32_bit_kernel_is_refused)
{
	struct setup_header header = good;

	header.xloadflags = 0;
	refuses(header, SIZE, "64-bit");
}

Test(boot, an_image_short_of_a_byte_is_truncated)
{
	refuses(good, SIZE - 1, "truncated");
}

Test(boot, an_image_that_ends_in_its_setup_is_truncated)
{
	refuses(good, SETUP - 1, "truncated");
}

Test(boot, the_largest_size_in_a_header_is_truncated)
{
	struct setup_header header = good;

	header.syssize = UINT32_MAX;
	refuses(header, SIZE, "truncated");
}

Test(boot, a_header_without_kernel_is_refused)
{
	struct setup_header header = good;

	header.syssize = 0x200 / 16; /* nothing at the 64-bit entry */
	refuses(header, SIZE, "no kernel");
}

Test(boot, a_kernel_larger_than_its_init_size_is_refused)
{
	struct setup_header header = good;

	header.init_size = PAYLOAD - 1;
	refuses(header, SIZE, "contradicts");
}

Test(boot, the_version_is_read_where_the_header_says)
{
	static const struct {
		const char *text;
		uint16_t offset;
		uint32_t version;
	} cases[] = {
		{"6.12.95+deb13-amd64 (x@y) #1 SMP", 0x1000, VMM_LINUX(6, 12)},
		{"5.4.0", 0x1000, VMM_LINUX(5, 4)},
		{"10.1-rc1 and more", 0x1000, VMM_LINUX(10, 1)},
		{"nonsense", 0x1000, 0},
		{"6", 0x1000, 0},
		{"6.12", 0, 0},
		{"6.12", 0xffff, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct setup_header header = good;
		uint8_t *bytes = calloc(1, SIZE);
		struct vmm_boot_image image;
		const char *why;

		header.kernel_version = cases[i].offset;
		memcpy(bytes + HEADER, &header, sizeof(header));
		memcpy(bytes + 0x1200, cases[i].text, strlen(cases[i].text));
		cr_assert(zero(int, vmm_boot_parse(bytes, SIZE, &image, &why)));
		cr_expect(eq(u32, image.version, cases[i].version), "case %zu", i);
		free(bytes);
	}
}

/* ---- placing */

/* RAM only above 4 GiB, but for the first MiB: a GiB from 5 GiB. */
static int place_above(struct setup_header header, uint64_t address, struct vmm_boot_plan *plan)
{
	const struct vmm_ram ram[] = {{.size = VMM_1MIB}, {.address = address, .size = VMM_1GIB}};
	const struct vmm_host_ram host = {.low_end = 0};
	struct vmm_boot_image image = image_of(header);
	struct vmm_memory_map map;
	struct vmm_layout layout;
	const char *why;

	cr_assert(zero(int, vmm_layout_init_at(ram, 2, &host, 52, 0, &layout)));
	cr_assert(zero(int, vmm_memory_map_build(&layout, NULL, 0, &map)));
	return vmm_boot_place(&image, &map, 5000, plan, &why);
}

Test(boot, a_kernel_that_can_goes_above_4_gib_with_its_initrd)
{
	struct setup_header header = good;
	struct vmm_boot_plan plan = {.kernel = 42};
	struct boot_params params;
	struct vmm_boot_image image;
	struct vmm_memory_map map = {.count = 0};

	cr_assert(eq(int, place_above(header, 5 * VMM_1GIB, &plan), -ENOMEM));
	cr_assert(eq(u64, plan.kernel, 42));
	header.xloadflags |= XLF_CAN_BE_LOADED_ABOVE_4G;
	cr_assert(zero(int, place_above(header, 5 * VMM_1GIB, &plan)));
	cr_assert(eq(u64, plan.kernel, 5 * VMM_1GIB));
	cr_assert(eq(u64, plan.initrd, 6 * VMM_1GIB - 2 * VMM_PAGE));
	image = image_of(header);
	vmm_boot_params_build(&image, &plan, &map, 0, 0, &params);
	cr_assert(eq(u32, params.hdr.ramdisk_image, (uint32_t)plan.initrd));
	cr_assert(eq(u32, params.ext_ramdisk_image, 1));
	cr_assert(eq(u32, params.hdr.ramdisk_size, 5000));
	cr_assert(zero(u32, params.ext_ramdisk_size));
}

Test(boot, no_kernel_goes_beyond_the_first_page_tables)
{
	struct setup_header header = good;
	struct vmm_boot_plan plan;

	header.xloadflags |= XLF_CAN_BE_LOADED_ABOVE_4G;
	cr_assert(eq(int, place_above(header, 512 * VMM_1GIB, &plan), -ENOMEM));
	cr_assert(zero(int, place_above(header, 511 * VMM_1GIB, &plan)));
}

static struct vmm_memory_map map_of(uint64_t memory, const struct vmm_range *reserved, size_t n)
{
	struct vmm_memory_map map;
	struct vmm_layout layout;

	cr_assert(zero(int, vmm_layout_init(memory, 40, 0, &layout)));
	cr_assert(zero(int, vmm_memory_map_build(&layout, reserved, n, &map)));
	return map;
}

Test(boot, the_kernel_goes_where_it_prefers)
{
	struct vmm_memory_map map = map_of(256 * VMM_1MIB, NULL, 0);
	struct vmm_boot_image image = image_of(good);
	struct vmm_boot_plan plan;
	const char *why;

	cr_assert(zero(int, vmm_boot_place(&image, &map, 0, &plan, &why)));
	cr_assert(eq(u64, plan.kernel, PREFER));
	cr_assert(eq(u64, plan.entry, PREFER + 0x200));
	cr_assert(zero(u64, plan.initrd));
}

Test(boot, a_kernel_moves_away_from_reserved_addresses)
{
	const struct vmm_range reserved = {.first = PREFER, .last = PREFER};
	struct vmm_memory_map map = map_of(256 * VMM_1MIB, &reserved, 1);
	struct vmm_boot_image image = image_of(good);
	struct vmm_boot_plan plan;
	const char *why;

	cr_assert(zero(int, vmm_boot_place(&image, &map, 0, &plan, &why)));
	cr_assert(eq(u64, plan.kernel, PREFER + 0x200000));
}

Test(boot, a_kernel_that_cannot_move_is_refused_there)
{
	const struct vmm_range reserved = {.first = PREFER, .last = PREFER};
	struct vmm_memory_map map = map_of(256 * VMM_1MIB, &reserved, 1);
	struct setup_header header = good;
	struct vmm_boot_image image;
	struct vmm_boot_plan plan;
	const char *why = "";

	header.relocatable_kernel = 0;
	image = image_of(header);
	cr_assert(eq(int, vmm_boot_place(&image, &map, 0, &plan, &why), -ENOMEM));
	cr_assert(ne(ptr, strstr(why, "--memory"), NULL));
}

Test(boot, an_alignment_that_is_no_power_of_two_is_refused)
{
	const struct vmm_range reserved = {.first = PREFER, .last = PREFER};
	struct vmm_memory_map map = map_of(256 * VMM_1MIB, &reserved, 1);
	const uint32_t alignments[] = {0, 3, 0x300000};

	for (size_t i = 0; i < 3; i++) {
		struct setup_header header = good;
		struct vmm_boot_image image;
		struct vmm_boot_plan plan;
		const char *why;

		header.kernel_alignment = alignments[i];
		image = image_of(header);
		cr_assert(eq(int, vmm_boot_place(&image, &map, 0, &plan, &why), -ENOMEM));
	}
}

Test(boot, a_preferred_address_out_of_reach_is_not_followed)
{
	const struct {
		uint64_t address;
		int error;
	} cases[] = {
		{0, 0},
		{0x8000, 0},
		{0xb0000000, -ENOMEM},
		{VMM_4GIB, -ENOMEM},
		{UINT64_MAX, -ENOMEM},
	};
	struct vmm_memory_map map = map_of(4 * VMM_1GIB, NULL, 0);

	for (size_t i = 0; i < 5; i++) {
		struct setup_header header = good;
		struct vmm_boot_image image;
		struct vmm_boot_plan plan = {.kernel = 0x200000};
		const char *why;

		header.pref_address = cases[i].address;
		image = image_of(header);
		cr_assert(eq(int, vmm_boot_place(&image, &map, 0, &plan, &why), cases[i].error));
		cr_assert(eq(u64, plan.kernel, 0x200000));
	}
}

/* Below, there would be room for it; but it would move itself up, to where there is not. */
Test(boot, a_kernel_goes_nowhere_below_what_it_prefers)
{
	struct vmm_memory_map map = map_of(64 * VMM_1MIB, NULL, 0);
	struct setup_header header = good;
	struct vmm_boot_image image;
	struct vmm_boot_plan plan;
	const char *why = "";

	header.init_size = 64 * VMM_1MIB - PREFER + VMM_PAGE;
	image = image_of(header);
	cr_assert(eq(int, vmm_boot_place(&image, &map, 0, &plan, &why), -ENOMEM));
	cr_assert(ne(ptr, strstr(why, "--memory"), NULL));
}

Test(boot, a_kernel_larger_than_ram_is_refused)
{
	struct vmm_memory_map map = map_of(64 * VMM_1MIB, NULL, 0);
	struct setup_header header = good;
	struct vmm_boot_plan plan = {.kernel = 42};
	struct vmm_boot_image image;
	const char *why;

	header.init_size = UINT32_MAX;
	image = image_of(header);
	cr_assert(eq(int, vmm_boot_place(&image, &map, 0, &plan, &why), -ENOMEM));
	cr_assert(eq(u64, plan.kernel, 42));
}

Test(boot, the_initrd_ends_where_ram_does)
{
	struct vmm_memory_map map = map_of(256 * VMM_1MIB, NULL, 0);
	struct vmm_boot_image image = image_of(good);
	struct vmm_boot_plan plan;
	const char *why;

	cr_assert(zero(int, vmm_boot_place(&image, &map, 5000, &plan, &why)));
	cr_assert(eq(u64, plan.initrd, 256 * VMM_1MIB - 2 * VMM_PAGE));
	cr_assert(eq(u64, plan.initrd_size, 5000));
}

Test(boot, the_initrd_stays_below_the_kernels_limit)
{
	struct vmm_memory_map map = map_of(4 * VMM_1GIB, NULL, 0);
	struct setup_header header = good;
	struct vmm_boot_image image;
	struct vmm_boot_plan plan;
	const char *why;

	header.initrd_addr_max = 0x37ffffff;
	image = image_of(header);
	cr_assert(zero(int, vmm_boot_place(&image, &map, VMM_1MIB, &plan, &why)));
	cr_assert(eq(u64, plan.initrd, 0x38000000 - VMM_1MIB));
}

Test(boot, the_initrd_goes_below_a_kernel_at_the_top)
{
	struct vmm_memory_map map = map_of(33 * VMM_1MIB, NULL, 0);
	struct vmm_boot_image image = image_of(good);
	struct vmm_boot_plan plan;
	const char *why;

	cr_assert(zero(int, vmm_boot_place(&image, &map, 2 * VMM_1MIB, &plan, &why)));
	cr_assert(eq(u64, plan.initrd, PREFER - 2 * VMM_1MIB));
}

Test(boot, an_initrd_that_does_not_fit_is_refused)
{
	struct vmm_memory_map map = map_of(64 * VMM_1MIB, NULL, 0);
	const uint64_t sizes[] = {33 * VMM_1MIB, 64 * VMM_1MIB, VMM_4GIB, UINT64_MAX};
	struct vmm_boot_image image = image_of(good);

	for (size_t i = 0; i < 4; i++) {
		struct vmm_boot_plan plan;
		const char *why = "";

		cr_assert(eq(int, vmm_boot_place(&image, &map, sizes[i], &plan, &why), -ENOMEM));
		cr_assert(ne(ptr, strstr(why, "initrd"), NULL));
	}
}

Test(boot, the_parameters_tell_the_kernel_what_was_placed)
{
	struct vmm_memory_map map = map_of(256 * VMM_1MIB, NULL, 0);
	struct vmm_boot_image image = image_of(good);
	struct boot_params params;
	struct vmm_boot_plan plan;
	const char *why;

	cr_assert(zero(int, vmm_boot_place(&image, &map, 5000, &plan, &why)));
	memset(&params, 0xff, sizeof(params));
	vmm_boot_params_build(&image, &plan, &map, 0x20000, 0xe0000, &params);
	cr_assert(eq(u32, params.hdr.cmd_line_ptr, 0x20000));
	cr_assert(eq(u32, params.hdr.ramdisk_image, plan.initrd));
	cr_assert(eq(u32, params.hdr.ramdisk_size, 5000));
	cr_assert(eq(u8, params.hdr.type_of_loader, 0xff));
	cr_assert(eq(u64, params.acpi_rsdp_addr, 0xe0000));
	cr_assert(eq(u8, params.e820_entries, map.count));
	cr_assert(eq(u64, params.e820_table[0].addr, 0));
	cr_assert(eq(u64, params.e820_table[0].size, 0xa0000));
	cr_assert(eq(u32, params.e820_table[0].type, 1));
	cr_assert(zero(u8, params.screen_info.orig_video_isVGA));
}
