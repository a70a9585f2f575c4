// SPDX-License-Identifier: MIT
#include "hugepages.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/hugepages-XXXXXX";

static void write_count(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/hugepages-2048kB", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/hugepages-2048kB/%s", folder, name);
	file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
}

static void setup(void)
{
	cr_assert(ne(ptr, mkdtemp(folder), NULL));
	write_count("nr_hugepages", "1200\n");
	write_count("free_hugepages", "700\n");
	write_count("resv_hugepages", "20\n");
}

static void teardown(void)
{
	static const char *const names[] = {"nr", "free", "resv"};
	char path[128];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/hugepages-2048kB/%s_hugepages", folder, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/hugepages-2048kB", folder);
	rmdir(path);
	rmdir(folder);
}

Test(hugepages, promised_ones_are_not_free, .init = setup, .fini = teardown)
{
	struct vmm_hugepages pages;

	vmm_hugepages_read(folder, 2 << 20, &pages);
	cr_expect(eq(u64, pages.size, 2 << 20));
	cr_expect(eq(u64, pages.total, 1200));
	cr_expect(eq(u64, pages.free, 680));
	write_count("resv_hugepages", "701\n");
	vmm_hugepages_read(folder, 2 << 20, &pages);
	cr_expect(zero(u64, pages.free));
}

Test(hugepages, of_a_size_that_the_host_lacks_there_are_none, .init = setup, .fini = teardown)
{
	struct vmm_hugepages pages;

	vmm_hugepages_read(folder, 1 << 30, &pages);
	cr_expect(eq(u64, pages.size, 1 << 30));
	cr_expect(zero(u64, pages.total));
	cr_expect(zero(u64, pages.free));
	write_count("free_hugepages", "many\n");
	vmm_hugepages_read(folder, 2 << 20, &pages);
	cr_expect(zero(u64, pages.free));
}
