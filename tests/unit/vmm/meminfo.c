// SPDX-License-Identifier: MIT
#include "meminfo.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static const char sample[] = "MemTotal:        4028940 kB\n"
			     "MemFree:            1200 kB\n"
			     "MemAvailable:    2000000 kB\n"
			     "HugePages_Total:    1200\n"
			     "Hugepagesize:       2048 kB\n"
			     "Hugetlb:         2457600 kB\n";

static uint64_t entry(const char *text, const char *name)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	uint64_t size = vmm_meminfo(file, name);

	fclose(file);
	return size;
}

Test(meminfo, an_entry_is_found_by_its_whole_name)
{
	cr_assert(eq(u64, entry(sample, "Hugepagesize"), 2 << 20));
	cr_assert(eq(u64, entry(sample, "MemAvailable"), 2000000ULL << 10));
	cr_assert(eq(u64, entry(sample, "Hugetlb"), 2457600ULL << 10));
	cr_assert(eq(u64, entry(sample, "Mem"), 0));
	cr_assert(eq(u64, entry("Hugepagesize:    1048576 kB\n", "Hugepagesize"), 1 << 30));
}

Test(meminfo, what_the_host_does_not_tell_is_0)
{
	cr_assert(zero(u64, entry("MemTotal:        4028940 kB\n", "Hugepagesize")));
	cr_assert(zero(u64, entry("", "MemTotal")));
	cr_assert(gt(u64, vmm_meminfo_of_host("MemTotal"), 1 << 20));
}
