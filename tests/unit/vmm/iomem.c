// SPDX-License-Identifier: MIT
#include "iomem.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static struct vmm_host_ram parse(const char *text)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct vmm_host_ram ram = {.low_end = 42, .end = 42};

	vmm_iomem_read(file, &ram);
	fclose(file);
	return ram;
}

Test(iomem, ram_ends_on_both_sides_of_4_gib)
{
	struct vmm_host_ram ram = parse("00000000-00000fff : Reserved\n"
					"00001000-0009fbff : System RAM\n"
					"00100000-7ffdffff : System RAM\n"
					"  01000000-01c01d31 : Kernel code\n"
					"7ffe0000-7fffffff : Reserved\n"
					"c0000000-febfffff : PCI Bus 0000:00\n"
					"100000000-17fffffff : System RAM\n"
					"c000000000-c7ffffffff : PCI Bus 0000:00\n");

	cr_assert(eq(u64, ram.low_end, 0x7ffe0000));
	cr_assert(eq(u64, ram.end, 0x180000000));
}

Test(iomem, a_host_without_ram_above_4_gib_has_one_end)
{
	struct vmm_host_ram ram = parse("00100000-bfffffff : System RAM (kmem)\n");

	cr_assert(eq(u64, ram.low_end, 0xc0000000));
	cr_assert(eq(u64, ram.end, 0xc0000000));
}

Test(iomem, hidden_addresses_and_no_lines_are_no_ram)
{
	const char *texts[] = {
		"00000000-00000000 : System RAM\n00000000-00000000 : Reserved\n",
		"nonsense\n",
		"00100000 : System RAM\n",
		"00100000-001fffff System RAM\n",
		"00200000-001fffff : System RAM\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct vmm_host_ram ram = parse(texts[i]);

		cr_expect(zero(u64, ram.low_end), "text %zu", i);
		cr_expect(zero(u64, ram.end), "text %zu", i);
	}
}
