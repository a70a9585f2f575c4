// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
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

Test(facts, of_regions_tell_kind_and_place)
{
	struct facts facts;

	facts_write("resource", "0x00000000febf0000 0x00000000febf3fff 0x0000000000140204\n"
				"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				"0x0000001000000000 0x00000017ffffffff 0x000000000014220c\n"
				"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				"0x00000000000001f0 0x00000000000001f7 0x0000000000000110\n"
				"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				"0x00000000febc0000 0x00000000febcffff 0x0000000000046200\n"
				"0x0000000000000000 0x0000000000000001 0x0000000000000200\n");
	facts_read(root, &address, &facts);
	cr_expect(facts.bars[0].wide && !facts.bars[0].prefetchable && !facts.bars[0].fixed);
	cr_expect(eq(u64, facts.bars[0].address, 0xfebf0000));
	cr_expect(facts.bars[2].wide && facts.bars[2].prefetchable && !facts.bars[2].ports);
	cr_expect(eq(u64, facts.bars[2].size, 0x800000000));
	cr_expect(facts.bars[4].ports && facts.bars[4].fixed);
	cr_expect(eq(u64, facts.bars[5].size, 0));
	cr_expect(eq(u64, facts.rom.size, 0x10000));
}

Test(facts, of_its_place_and_power)
{
	char path[128], target[] = "../0000:03:00.0";
	struct facts facts;

	facts_write("driver_override", "uldf\n");
	facts_write("numa_node", "1\n");
	facts_write("power_state", "D3hot\n");
	facts_write("sriov_numvfs", "2\n");
	facts_write("sriov_totalvfs", "8\n");
	snprintf(path, sizeof(path), "%s/bus/pci/devices/0000:00:06.0/physfn", root);
	cr_assert(eq(int, symlink(target, path), 0));
	facts_read(root, &address, &facts);
	cr_expect(eq(str, facts.override, "uldf"));
	cr_expect(eq(int, facts.numa, 1));
	cr_expect(eq(str, facts.power, "D3hot"));
	cr_expect(eq(uint, facts.functions, 2));
	cr_expect(eq(uint, facts.functions_most, 8));
	cr_expect(eq(str, facts.physical, "0000:03:00.0"));
	facts_write("driver_override", "(null)\n");
	facts_write("power_state", "unknown\n");
	facts_write("numa_node", "-1\n");
	facts_read(root, &address, &facts);
	cr_expect(eq(str, facts.override, ""));
	cr_expect(eq(str, facts.power, ""));
	cr_expect(eq(int, facts.numa, -1));
}

Test(facts, of_configuration_space_tell_its_size_and_the_vectors)
{
	struct facts facts;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/bus/pci/devices/0000:00:06.0/config", root);
	file = fopen(path, "we");
	cr_assert(ne(ptr, file, NULL));
	for (unsigned int i = 0; i < 4096; i++)
		putc(i == 0x06	 ? 0x10
		     : i == 0x34 ? 0x40
		     : i == 0x3d ? 2
		     : i == 0x40 ? 5
		     : i == 0x42 ? 0x86
				 : 0,
		     file);
	fclose(file);
	facts_read(root, &address, &facts);
	cr_expect(eq(uint, facts.config, 4096));
	cr_expect(facts.vectors.known);
	cr_expect(eq(int, facts.vectors.pin, 'B'));
	cr_expect(eq(uint, facts.vectors.msi, 8));
	cr_expect(eq(uint, facts.vectors.msix, 0));
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
	cr_expect(eq(int, facts.numa, -1));
	cr_expect(eq(uint, facts.config, 0));
	cr_expect(not(facts.vectors.known));
}
