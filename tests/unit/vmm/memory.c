// SPDX-License-Identifier: MIT
#include "memory.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
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

	cr_assert(zero(int, vmm_memory_create(&layout, 0, &memory, &reason)));
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

/* Linux pads what it maps for a device that has a boundary, with whatever comes behind it. */
Test(memory, a_range_that_ends_behind_ram_begins_with_ram)
{
	struct vmm_memory memory = make(LOW, HIGH);
	const struct {
		uint64_t address, size, found;
	} ranges[] = {
		{0, 1, 1},
		{0, LOW, LOW},
		{0, LOW + 1, LOW},
		{LOW - VMM_PAGE, 3 * VMM_PAGE, VMM_PAGE},
		{VMM_4GIB + HIGH - 1, UINT64_MAX - VMM_4GIB - HIGH, 1},
		{LOW, 1, 0},
		{VMM_4GIB - 1, 2, 0},
		{LOW - 1, VMM_4GIB - LOW + 1, 1},
		{LOW - 1, VMM_4GIB - LOW + 2, 0}, /* RAM again */
		{0, UINT64_MAX, 0},
		{VMM_4GIB, UINT64_MAX, 0}, /* wraps */
		{UINT64_MAX, 1, 0},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		cr_assert(eq(u64, vmm_memory_begin(&memory, ranges[i].address, ranges[i].size),
			     ranges[i].found),
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

	cr_assert(zero(int, vmm_memory_create(&layout, 0, &memory, &reason)));
	cr_assert(eq(ptr, vmm_memory_at(&memory, LOW, HIGH), memory.base + LOW));
	cr_assert(eq(ptr, vmm_memory_at(&memory, LOW - 1, 2), NULL));
	vmm_memory_destroy(&memory);
}

Test(memory, is_private_and_aligned_for_huge_pages)
{
	struct vmm_memory memory = make(LOW, HIGH);

	cr_assert(eq(int, memory.fd, -1));
	cr_assert(zero(u64, (uintptr_t)memory.base % (2 * VMM_1MIB)));
	memory.base[0] = memory.base[LOW + HIGH - 1] = 1;
	vmm_memory_destroy(&memory);
	cr_assert(eq(ptr, memory.base, NULL));
}

Test(memory, reserved_addresses_are_aligned_and_no_more_than_asked_for)
{
	static const uint64_t aligns[] = {VMM_PAGE, 2 * VMM_1MIB, VMM_1GIB};

	for (size_t i = 0; i < sizeof(aligns) / sizeof(aligns[0]); i++) {
		uint8_t *base = vmm_memory_reserve(3 * VMM_PAGE, aligns[i]);
		unsigned char resident[3];

		cr_assert(ne(ptr, base, NULL));
		cr_assert(zero(u64, (uintptr_t)base % aligns[i]));
		cr_expect(zero(int, mincore(base, 3 * VMM_PAGE, resident)));
		munmap(base, 3 * VMM_PAGE);
		cr_expect(eq(int, mincore(base, VMM_PAGE, resident), -1));
	}
	cr_assert(eq(ptr, vmm_memory_reserve(1ULL << 50, VMM_PAGE), NULL));
}

/* Creating the file takes no huge page of the host's. */
Test(memory, the_file_of_huge_pages_can_neither_shrink_nor_grow)
{
	const uint64_t page = 2 * VMM_1MIB;
	struct vmm_reason reason;
	int fd = vmm_memory_file(page, page, &reason);

	cr_assert(ge(int, fd, 0), "%s", reason.text);
	cr_assert(zero(int, vmm_memory_seal(fd, &reason)));
	cr_assert(eq(int, ftruncate(fd, 0), -1));
	cr_assert(eq(int, errno, EPERM));
	cr_assert(eq(int, ftruncate(fd, 2 * (off_t)page), -1));
	cr_assert(eq(int, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1));
	cr_assert(ne(u64, fcntl(fd, F_GETFD) & FD_CLOEXEC, 0));
	close(fd);
}

Test(memory, huge_pages_that_do_not_fit_or_do_not_exist_are_refused_with_a_reason)
{
	struct vmm_reason reason = {.text = ""};

	cr_assert(lt(int, vmm_memory_file(3 * VMM_1MIB, 2 * VMM_1MIB, &reason), 0));
	cr_assert(ne(ptr, strstr(reason.text, "a multiple of the huge page size, 2 MiB"), NULL));
	cr_assert(lt(int, vmm_memory_file(VMM_1GIB, 8 * VMM_1MIB, &reason), 0));
	cr_assert(ne(ptr, strstr(reason.text, "huge pages of 8 MiB: "), NULL));
}

Test(memory, more_than_the_host_can_give_is_refused_with_a_reason)
{
	const struct vmm_layout layout = {.ram = {{.size = 1ULL << 50}}, .n_ram = 1};
	struct vmm_memory memory = {.fd = 42};
	struct vmm_reason reason = {.text = ""};

	cr_assert(lt(int, vmm_memory_create(&layout, 0, &memory, &reason), 0));
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
