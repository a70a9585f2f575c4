// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "config-file.h"
#include "output.h"

static const struct uldf_address address = {.device = 6};
static char root[] = "/tmp/config.XXXXXX";

static int config_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void config_stop(void)
{
	nftw(root, config_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* A configuration space with the capability of MSI at 0x40, and else the low byte of each offset. */
static void config_start(void)
{
	static const char *const folders[] = {"/bus", "/bus/pci", "/bus/pci/devices",
					      "/bus/pci/devices/0000:00:06.0"};
	char path[128];
	FILE *file;

	cr_assert(ne(ptr, mkdtemp(root), NULL));
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", root, folders[i]);
		mkdir(path, 0700);
	}
	snprintf(path, sizeof(path), "%s/bus/pci/devices/0000:00:06.0/config", root);
	file = fopen(path, "we");
	cr_assert(ne(ptr, file, NULL));
	for (int i = 0; i < 256; i++)
		putc(i == 0x06	 ? 0x10
		     : i == 0x34 ? 0x40
		     : i == 0x40 ? 0x05
		     : i == 0x41 ? 0
				 : i,
		     file);
	fclose(file);
	cr_redirect_stderr();
}

TestSuite(config_file, .init = config_start, .fini = config_stop);

static void config_cut(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/bus/pci/devices/0000:00:06.0/config", root);
	cr_assert(eq(int, truncate(path, 64), 0));
}

Test(config_file, is_read_register_by_register)
{
	const struct access access = {.device = "x",
				      .region = ULDF_CONFIG,
				      .place = {.offset = 8},
				      .width = 4,
				      .count = 2};
	uint64_t values[2], offset;

	cr_expect(eq(int, config_file_read(root, &address, &access, &offset, values), OUTPUT_DONE));
	cr_expect(eq(u64, offset, 8));
	cr_expect(eq(u64, values[0], 0x0b0a0908));
	cr_expect(eq(u64, values[1], 0x0f0e0d0c));
}

Test(config_file, is_read_behind_a_capability)
{
	const struct access access = {.device = "x",
				      .region = ULDF_CONFIG,
				      .place = {.base = PLACE_STANDARD, .id = 5, .offset = 2},
				      .width = 2,
				      .count = 1};
	uint64_t value, offset;

	cr_expect(eq(int, config_file_read(root, &address, &access, &offset, &value), OUTPUT_DONE));
	cr_expect(eq(u64, offset, 0x42));
	cr_expect(eq(u64, value, 0x4342));
	config_cut();
	cr_expect(eq(int, config_file_read(root, &address, &access, &offset, &value),
		     OUTPUT_PERMISSION));
}

Test(config_file, is_not_read_past_its_end_nor_askew)
{
	static const struct {
		uint64_t offset;
		uint64_t count;
		int status;
	} cases[] = {{252, 1, OUTPUT_DONE},
		     {252, 2, OUTPUT_FAILED},
		     {256, 1, OUTPUT_FAILED},
		     {UINT64_MAX - 3, 1, OUTPUT_FAILED},
		     {2, 1, OUTPUT_FAILED}};
	uint64_t values[2], offset;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct access access = {.device = "x",
					      .region = ULDF_CONFIG,
					      .place = {.offset = cases[i].offset},
					      .width = 4,
					      .count = cases[i].count};

		cr_expect(eq(int, config_file_read(root, &address, &access, &offset, values),
			     cases[i].status),
			  "offset %llu", (unsigned long long)cases[i].offset);
	}
}

Test(config_file, of_a_device_that_is_not_there_fails)
{
	const struct uldf_address other = {.device = 7};
	const struct access access = {.device = "x", .region = ULDF_CONFIG, .width = 4, .count = 1};
	uint64_t value, offset;

	cr_expect(eq(int, config_file_read(root, &other, &access, &offset, &value),
		     OUTPUT_NO_DEVICE));
}

Test(config_file, without_a_capability_says_so)
{
	const struct access access = {.device = "x",
				      .region = ULDF_CONFIG,
				      .place = {.base = PLACE_EXTENDED, .id = 1},
				      .width = 4,
				      .count = 1};
	uint64_t value, offset;

	cr_expect(
		eq(int, config_file_read(root, &address, &access, &offset, &value), OUTPUT_FAILED));
	fflush(stderr);
	cr_expect_stderr_eq_str("uldfctl: device x: no extended capability 0x01\n");
}
