// SPDX-License-Identifier: MIT
#include "hugepages.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static struct vmm_hugepages parse(const char *text)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct vmm_hugepages pages = {.size = 42};

	vmm_hugepages_read(file, &pages);
	fclose(file);
	return pages;
}

Test(hugepages, promised_ones_are_not_free)
{
	struct vmm_hugepages pages = parse("MemTotal:        4028940 kB\n"
					   "AnonHugePages:     40960 kB\n"
					   "HugePages_Total:    1200\n"
					   "HugePages_Free:      700\n"
					   "HugePages_Rsvd:       20\n"
					   "HugePages_Surp:        0\n"
					   "Hugepagesize:       2048 kB\n"
					   "Hugetlb:         2457600 kB\n");

	cr_assert(eq(u64, pages.size, 2 << 20));
	cr_assert(eq(u64, pages.total, 1200));
	cr_assert(eq(u64, pages.free, 680));
}

Test(hugepages, more_promised_than_free_are_none)
{
	struct vmm_hugepages pages = parse("HugePages_Free: 3\nHugePages_Rsvd: 4\n");

	cr_assert(zero(u64, pages.free));
}

Test(hugepages, a_kernel_without_them_has_none)
{
	struct vmm_hugepages pages = parse("MemTotal:        4028940 kB\n");

	cr_assert(zero(u64, pages.size));
	cr_assert(zero(u64, pages.free));
	cr_assert(zero(u64, pages.total));
}
