// SPDX-License-Identifier: MIT
#include "memory.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOW  (64 * VMM_PAGE)
#define HIGH (32 * VMM_PAGE)

static struct vmm_memory make(uint64_t low, uint64_t high)
{
	const struct vmm_layout layout = {
		.ram = {{.size = low}, {.address = VMM_4GIB, .size = high}},
		.n_ram = high ? 2 : 1,
	};
	struct vmm_reason reason;
	struct vmm_memory memory;

	cr_assert(zero(int, vmm_memory_create(&layout, false, &memory, &reason)));
	return memory;
}

Test(memory, addresses_below_and_above_the_hole_are_found)
{
	struct vmm_memory memory = make(LOW, HIGH);

	cr_assert(eq(ptr, vmm_memory_at(&memory, 0, 1), memory.base));
	cr_assert(eq(ptr, vmm_memory_at(&memory, 0, LOW), memory.base));
	cr_assert(eq(ptr, vmm_memory_at(&memory, LOW - 1, 1), memory.base + LOW - 1));
	cr_assert(eq(ptr, vmm_memory_at(&memory, VMM_4GIB, HIGH), memory.base + LOW));
	cr_assert(eq(ptr, vmm_memory_at(&memory, VMM_4GIB + HIGH - 8, 8),
		     memory.base + LOW + HIGH - 8));
	vmm_memory_destroy(&memory);
}

Test(memory, what_is_not_ram_as_a_whole_is_not_found)
{
	struct vmm_memory memory = make(LOW, HIGH);
	const struct {
		uint64_t address, size;
	} ranges[] = {
		{0, 0},
		{0, LOW + 1},
		{LOW - 1, 2},
		{LOW, 1},
		{0, UINT64_MAX},
		{1, UINT64_MAX},
		{UINT64_MAX, 1},
		{UINT64_MAX, 2},
		{VMM_4GIB - 1, 2},
		{VMM_4GIB - 1, 1},
		{VMM_4GIB, HIGH + 1},
		{VMM_4GIB + HIGH, 1},
		{VMM_4GIB, UINT64_MAX - VMM_4GIB},
		{LOW - 1, VMM_4GIB},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		cr_assert(eq(ptr, vmm_memory_at(&memory, ranges[i].address, ranges[i].size), NULL),
			  "range %zu", i);
	vmm_memory_destroy(&memory);
}

Test(memory, little_memory_has_none_above_4_gib)
{
	struct vmm_memory memory = make(LOW, 0);

	cr_assert(eq(ptr, vmm_memory_at(&memory, VMM_4GIB, 1), NULL));
	vmm_memory_destroy(&memory);
}

Test(memory, a_range_over_two_adjacent_pieces_is_not_found)
{
	const struct vmm_layout layout = {
		.ram = {{.size = LOW}, {.address = LOW, .size = HIGH}},
		.n_ram = 2,
	};
	struct vmm_reason reason;
	struct vmm_memory memory;

	cr_assert(zero(int, vmm_memory_create(&layout, false, &memory, &reason)));
	cr_assert(eq(ptr, vmm_memory_at(&memory, LOW, HIGH), memory.base + LOW));
	cr_assert(eq(ptr, vmm_memory_at(&memory, LOW - 1, 2), NULL));
	vmm_memory_destroy(&memory);
}

Test(memory, the_file_can_neither_shrink_nor_grow)
{
	struct vmm_memory memory = make(LOW, HIGH);

	cr_assert(eq(int, ftruncate(memory.fd, VMM_PAGE), -1));
	cr_assert(eq(int, errno, EPERM));
	cr_assert(eq(int, ftruncate(memory.fd, LOW + HIGH + VMM_PAGE), -1));
	cr_assert(eq(int, fcntl(memory.fd, F_ADD_SEALS, F_SEAL_WRITE), -1));
	cr_assert(ne(u64, fcntl(memory.fd, F_GETFD) & FD_CLOEXEC, 0));
	vmm_memory_destroy(&memory);
	cr_assert(eq(ptr, memory.base, NULL));
}

Test(memory, more_than_the_host_can_give_is_refused_with_a_reason)
{
	const struct vmm_layout layout = {.ram = {{.size = 1ULL << 50}}, .n_ram = 1};
	struct vmm_memory memory = {.fd = 42};
	struct vmm_reason reason = {.text = ""};

	cr_assert(lt(int, vmm_memory_create(&layout, false, &memory, &reason), 0));
	cr_assert(ne(u8, reason.text[0], 0));
	cr_assert(eq(int, memory.fd, 42));
}

/* The flags of proc(5) for the mapping that begins there. */
static void mapping_flags(const void *at, char *out, size_t size)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	char line[4096];
	bool found = false;

	cr_assert(ne(ptr, file, NULL));
	while (fgets(line, sizeof(line), file)) {
		uintptr_t first, end;

		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &first, &end) == 2)
			found = first == (uintptr_t)at;
		else if (found && !strncmp(line, "VmFlags:", 8))
			snprintf(out, size, "%s", line);
	}
	fclose(file);
}

Test(memory, is_in_no_core_dump)
{
	struct vmm_memory memory = make(LOW, 0);
	char flags[4096] = "";

	mapping_flags(memory.base, flags, sizeof(flags));
	cr_expect(ne(ptr, strstr(flags, " dd "), NULL), "%s", flags);
	vmm_memory_destroy(&memory);
}
