// SPDX-License-Identifier: MIT
#include "cpuid.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdlib.h>

#define BIT(n) (1u << (n))

static struct kvm_cpuid2 *supported;
static struct kvm_cpuid2 *made;

static struct kvm_cpuid2 *allocate(size_t entries)
{
	return calloc(1, sizeof(struct kvm_cpuid2) + entries * sizeof(struct kvm_cpuid_entry2));
}

static void add(uint32_t function, uint32_t index, uint32_t eax, uint32_t ebx, uint32_t ecx,
		uint32_t edx)
{
	supported->entries[supported->nent++] = (struct kvm_cpuid_entry2){.function = function,
									  .index = index,
									  .eax = eax,
									  .ebx = ebx,
									  .ecx = ecx,
									  .edx = edx};
}

static void setup(void)
{
	supported = allocate(VMM_CPUID_MAX + 1);
	made = allocate(VMM_CPUID_MAX);
	add(1, 0, 0x806f8, 0x12345678, ~0u, ~0u);
	add(4, 0, 1 << 5 | 1 | ~0u << 14, 0, 0, 0);
	add(4, 3, 3 << 5 | 3, 0, 0, 0);
	add(4, 4, 0, 0, 0, 0);
	add(7, 0, 1, ~0u, ~0u, ~0u);
	add(7, 1, ~0u, 0, 0, ~0u);
	add(0xb, 0, 1, 2, 0x100, 7);
	add(0xd, 0, 7, 0, 0, 0);
	add(0xd, 1, 15, 0, 0, 0);
	add(0x1f, 0, 1, 2, 0x100, 7);
	add(0x40000000, 0, 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d);
	add(0x40000001, 0, 0x01007efb, 0, 0, 0);
	add(0x80000001, 0, 0, 0, ~0u, ~0u);
	add(0x80000008, 0, 0x3028, 0, 0, 0);
	add(0x8000000a, 0, 1, 16, 0, ~0u);
	add(0x8000001d, 3, 3 << 5 | 3, 0, 0, 0);
	add(0x8000001e, 0, 99, 99, 99, 0);
}

static void teardown(void)
{
	free(supported);
	free(made);
}

TestSuite(cpuid, .init = setup, .fini = teardown);

static void intel(void)
{
	add(0, 0, 0x1f, 0x756e6547, 0x6c65746e, 0x49656e69);
}

static void amd(void)
{
	add(0, 0, 0x1f, 0x68747541, 0x444d4163, 0x69746e65);
}

static void build(enum vmm_cpu_model model, unsigned int cpus, unsigned int apic_id)
{
	const struct vmm_cpuid_config config = {.model = model, .cpus = cpus, .apic_id = apic_id};

	cr_assert(zero(int, vmm_cpuid_build(supported, &config, made)));
}

static const struct kvm_cpuid_entry2 *leaf(uint32_t function, uint32_t index)
{
	for (uint32_t i = 0; i < made->nent; i++)
		if (made->entries[i].function == function && made->entries[i].index == index)
			return &made->entries[i];
	return NULL;
}

Test(cpuid, the_host_model_keeps_xsave)
{
	intel();
	build(VMM_CPU_HOST, 1, 0);
	cr_assert(ne(u64, leaf(1, 0)->ecx & BIT(26), 0));
	cr_assert(ne(u64, leaf(7, 0)->ebx & BIT(5), 0));
	cr_assert(leaf(0xd, 0) != NULL);
}

/* A processor of the future: every bit of every leaf and subleaf. */
static void all_ones(void)
{
	static const uint32_t ranges[][2] = {{0, 0x2f},
					     {0x40000000, 0x40000007},
					     {0x80000000, 0x8000002f},
					     {0xc0000000, 0xc0000005}};

	supported->nent = 0;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		for (uint32_t function = ranges[i][0]; function <= ranges[i][1]; function++)
			add(function, 0, ~0u, ~0u, ~0u, ~0u);
	for (uint32_t function = 4; function <= 0x24; function++)
		for (uint32_t index = 1; index < 4; index++)
			add(function, index, ~0u, ~0u, ~0u, ~0u);
}

/* What a single processor of the basic model has on such a host, where it is not the host's all. */
static const struct kvm_cpuid_entry2 basic[] = {
	{.function = 0, .eax = 0xb, .ebx = ~0u, .ecx = ~0u, .edx = ~0u},
	{.function = 1, .eax = ~0u, .ebx = 0x0001ff00, .ecx = 0xc3fa2203, .edx = 0x078bfbff},
	{.function = 6, .eax = 0x4},
	{.function = 7, .ebx = 0x009c0789, .ecx = 0x00400004, .edx = 0xbc000410},
	{.function = 0x40000000, .eax = 0x40000001, .ebx = ~0u, .ecx = ~0u, .edx = ~0u},
	{.function = 0x40000001, .eax = 0x01007efb},
	{.function = 0x80000000, .eax = 0x8000001e, .ebx = ~0u, .ecx = ~0u, .edx = ~0u},
	{.function = 0x80000001, .ecx = 0x00400131, .edx = 0x2d93fbff},
	{.function = 0x80000007, .edx = 0x100},
	{.function = 0x80000008, .eax = 0x00ff30ff, .ebx = 0x0700d000},
	{.function = 0x8000001e, .eax = ~0u, .ebx = ~0u, .ecx = ~0u},
};

/* Leaves that tell of caches, of names, or are made by us. */
static bool is_described(uint32_t function)
{
	static const uint32_t list[] = {2,	    4,		0xb,	    0x80000002, 0x80000003,
					0x80000004, 0x80000005, 0x80000006, 0x8000001d};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (function == list[i])
			return true;
	return false;
}

static const struct kvm_cpuid_entry2 *expected(const struct kvm_cpuid_entry2 *entry)
{
	for (size_t i = 0; i < sizeof(basic) / sizeof(basic[0]); i++)
		if (basic[i].function == entry->function && basic[i].index == entry->index)
			return &basic[i];
	return NULL;
}

Test(cpuid, the_basic_model_shows_nothing_that_is_not_in_its_list)
{
	size_t seen = 0;

	all_ones();
	build(VMM_CPU_BASIC, 1, 0);
	for (uint32_t i = 0; i < made->nent; i++) {
		const struct kvm_cpuid_entry2 *entry = &made->entries[i], *wanted;

		if (is_described(entry->function))
			continue;
		wanted = expected(entry);
		cr_assert(ne(ptr, (void *)wanted, NULL), "leaf %#x.%u", entry->function,
			  entry->index);
		cr_expect(eq(u32, entry->eax, wanted->eax), "eax of leaf %#x", entry->function);
		cr_expect(eq(u32, entry->ebx, wanted->ebx), "ebx of leaf %#x", entry->function);
		cr_expect(eq(u32, entry->ecx, wanted->ecx), "ecx of leaf %#x", entry->function);
		cr_expect(eq(u32, entry->edx, wanted->edx), "edx of leaf %#x", entry->function);
		seen++;
	}
	cr_expect(eq(sz, seen, sizeof(basic) / sizeof(basic[0])));
	cr_expect(ne(ptr, (void *)leaf(4, 3), NULL));
	cr_expect(ne(ptr, (void *)leaf(0x80000004, 0), NULL));
}

Test(cpuid, the_basic_model_gives_nothing_that_the_host_has_not)
{
	intel();
	for (uint32_t i = 0; i < supported->nent; i++)
		if (supported->entries[i].function == 1 || supported->entries[i].function == 7)
			supported->entries[i].ecx = supported->entries[i].edx = 0;
	build(VMM_CPU_BASIC, 1, 0);
	cr_expect(eq(u32, leaf(1, 0)->ecx, BIT(31))); /* a hypervisor is there */
	cr_expect(zero(u32, leaf(1, 0)->edx));
	cr_expect(zero(u32, leaf(7, 0)->edx));
	cr_expect(ne(ptr, (void *)leaf(7, 0), NULL));
	cr_expect(zero(ptr, (void *)leaf(0x80000002, 0)));
}

Test(cpuid, no_model_has_nested_virtualisation)
{
	amd();
	build(VMM_CPU_HOST, 1, 0);
	cr_assert(zero(u32, leaf(1, 0)->ecx & BIT(5)));
	cr_assert(zero(u32, leaf(0x80000001, 0)->ecx & BIT(2)));
	cr_assert(zero(u32, leaf(0x8000000a, 0)->edx));
}

Test(cpuid, kvms_own_leaves_are_kept)
{
	intel();
	build(VMM_CPU_BASIC, 2, 1);
	cr_assert(ne(u64, leaf(1, 0)->ecx & BIT(31), 0));
	cr_assert(eq(u32, leaf(0x40000000, 0)->ebx, 0x4b4d564b));
	cr_assert(eq(u32, leaf(0x40000001, 0)->eax, 0x01007efb));
}

Test(cpuid, the_deadline_timer_is_told_where_it_is)
{
	const struct vmm_cpuid_config with = {.cpus = 1, .tsc_deadline = true};

	intel();
	supported->entries[0].ecx = 0;
	build(VMM_CPU_HOST, 1, 0);
	cr_assert(zero(u32, leaf(1, 0)->ecx & BIT(24)));
	cr_assert(zero(int, vmm_cpuid_build(supported, &with, made)));
	cr_assert(ne(u64, leaf(1, 0)->ecx & BIT(24), 0));
}

Test(cpuid, leaf_1_tells_apic_id_and_count)
{
	intel();
	build(VMM_CPU_HOST, 6, 5);
	cr_assert(eq(u32, leaf(1, 0)->ebx, 5u << 24 | 6 << 16 | 0x5678));
	cr_assert(ne(u64, leaf(1, 0)->edx & BIT(28), 0));
}

Test(cpuid, the_most_processors_fit)
{
	intel();
	build(VMM_CPU_HOST, 255, 254);
	cr_assert(eq(u32, leaf(1, 0)->ebx, 254u << 24 | 255 << 16 | 0x5678));
	cr_assert(eq(u32, leaf(0xb, 1)->eax, 8));
	cr_assert(eq(u32, leaf(4, 3)->eax >> 26, 63));
}

Test(cpuid, a_single_processor_has_no_htt)
{
	intel();
	build(VMM_CPU_HOST, 1, 0);
	cr_assert(zero(u32, leaf(1, 0)->edx & BIT(28)));
	cr_assert(eq(u32, leaf(0xb, 1)->eax, 0));
	cr_assert(eq(u32, leaf(0xb, 1)->ebx, 1));
}

Test(cpuid, leaf_0xb_has_threads_and_cores)
{
	intel();
	build(VMM_CPU_HOST, 6, 5);
	cr_assert(eq(u32, leaf(0xb, 0)->eax, 0));
	cr_assert(eq(u32, leaf(0xb, 0)->ebx, 1));
	cr_assert(eq(u32, leaf(0xb, 0)->ecx, 0x100));
	cr_assert(eq(u32, leaf(0xb, 1)->eax, 3));
	cr_assert(eq(u32, leaf(0xb, 1)->ebx, 6));
	cr_assert(eq(u32, leaf(0xb, 1)->ecx, 0x201));
	cr_assert(eq(u32, leaf(0xb, 2)->ecx, 2));
	cr_assert(eq(u32, leaf(0xb, 1)->edx, 5));
	cr_assert(ne(u64, leaf(0xb, 1)->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX, 0));
	cr_assert(leaf(0x1f, 0) == NULL);
}

Test(cpuid, a_processor_without_leaf_0xb_gets_none)
{
	add(0, 0, 7, 0x756e6547, 0x6c65746e, 0x49656e69);
	build(VMM_CPU_HOST, 2, 0);
	cr_assert(leaf(0xb, 0) == NULL);
}

Test(cpuid, small_caches_are_a_cores_and_large_ones_shared)
{
	intel();
	build(VMM_CPU_HOST, 4, 0);
	cr_assert(zero(u32, leaf(4, 0)->eax >> 14 & 0xfff));
	cr_assert(eq(u32, leaf(4, 0)->eax >> 26, 3));
	cr_assert(eq(u32, leaf(4, 3)->eax >> 14 & 0xfff, 3));
	cr_assert(zero(u32, leaf(4, 4)->eax));
	cr_assert(eq(u32, leaf(0x8000001d, 3)->eax >> 14 & 0xfff, 3));
}

Test(cpuid, amd_counts_cores)
{
	amd();
	build(VMM_CPU_HOST, 4, 3);
	cr_assert(ne(u64, leaf(0x80000001, 0)->ecx & BIT(1), 0));
	cr_assert(eq(u32, leaf(0x80000008, 0)->ecx, 2 << 12 | 3));
	cr_assert(eq(u32, leaf(0x8000001e, 0)->eax, 3));
	cr_assert(eq(u32, leaf(0x8000001e, 0)->ebx, 3));
	cr_assert(zero(u32, leaf(0x8000001e, 0)->ecx));
}

Test(cpuid, intel_does_not_count_cores_as_amd)
{
	intel();
	build(VMM_CPU_HOST, 4, 3);
	cr_assert(zero(u32, leaf(0x80000008, 0)->ecx));
}

Test(cpuid, too_many_entries_are_e2big)
{
	const struct vmm_cpuid_config config = {.cpus = 1};

	intel();
	while (supported->nent < VMM_CPUID_MAX)
		add(0x20000000 + supported->nent, 0, 0, 0, 0, 0);
	made->nent = 42;
	cr_assert(eq(int, vmm_cpuid_build(supported, &config, made), -E2BIG));
	cr_assert(eq(u32, made->nent, 42));
}

Test(cpuid, the_width_of_addresses_is_found)
{
	cr_assert(eq(uint, vmm_cpuid_physical_bits(supported), 0x28));
	supported->nent = 0;
	cr_assert(eq(uint, vmm_cpuid_physical_bits(supported), 36));
}
