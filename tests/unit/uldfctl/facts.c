// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "facts.h"

static const struct uldf_address address = {.device = 6};
static char root[] = "/tmp/facts.XXXXXX";

static void facts_start(void)
{
	static const char *const folders[] = {"/bus", "/bus/pci", "/bus/pci/devices",
					      "/bus/pci/devices/0000:00:06.0"};
	char path[128];

	cr_assert(ne(ptr, mkdtemp(root), NULL));
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", root, folders[i]);
		mkdir(path, 0700);
	}
}

static int facts_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void facts_stop(void)
{
	nftw(root, facts_remove, 16, FTW_DEPTH | FTW_PHYS);
}

TestSuite(facts, .init = facts_start, .fini = facts_stop);

static void facts_write(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/bus/pci/devices/0000:00:06.0/%s", root, name);
	file = fopen(path, "we");
	cr_assert(ne(ptr, file, NULL));
	fputs(text, file);
	fclose(file);
}

Test(facts, are_read_where_there_are_any)
{
	struct facts facts;

	facts_write("reset_method", "flr pm bus\n");
	facts_write("resource", "0x00000000feb80000 0x00000000feb9ffff 0x0000000000040200\n"
				"0x000000000000c040 0x000000000000c05f 0x0000000000040101\n"
				"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				"0x00000000000003f6 0x00000000000003f6 0x0000000000000110\n");
	facts_read(root, &address, &facts);
	cr_expect(eq(str, facts.resets, "flr pm bus"));
	cr_expect(eq(u64, facts.bars[0].size, 0x20000));
	cr_expect(not(facts.bars[0].ports));
	cr_expect(eq(u64, facts.bars[1].size, 32));
	cr_expect(facts.bars[1].ports);
	cr_expect(eq(u64, facts.bars[2].size, 0));
	cr_expect(eq(u64, facts.bars[3].size, 1));
}

Test(facts, of_a_device_without_a_method_and_of_none)
{
	struct facts facts;

	facts_write("reset_method", "\n");
	facts_read(root, &address, &facts);
	cr_expect(eq(str, facts.resets, ""));
	facts_read("/nowhere", &address, &facts);
	cr_expect(eq(str, facts.resets, ""));
	cr_expect(eq(u64, facts.bars[0].size, 0));
}
