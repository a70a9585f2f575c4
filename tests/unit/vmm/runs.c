// SPDX-License-Identifier: MIT
#include "runs.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#define PAGE (2 * VMM_1MIB)
#define ROOM (VMM_RAM_MAX - 1)

static void expect(const struct vmm_choice *choice, size_t index, uint64_t address, uint64_t size)
{
	cr_assert(lt(sz, index, choice->n_ram));
	cr_assert(eq(u64, choice->ram[index].address, address));
	cr_assert(eq(u64, choice->ram[index].size, size));
}

Test(runs, are_sorted_by_address)
{
	struct vmm_run runs[] = {
		{.address = 7 * VMM_1GIB}, {.address = 2 * PAGE}, {.address = 5 * VMM_1GIB}};

	vmm_runs_sort(runs, 3);
	cr_assert(eq(u64, runs[0].address, 2 * PAGE));
	cr_assert(eq(u64, runs[1].address, 5 * VMM_1GIB));
	cr_assert(eq(u64, runs[2].address, 7 * VMM_1GIB));
	vmm_runs_sort(NULL, 0);
}

Test(runs, adjacent_runs_are_one_piece)
{
	const struct vmm_run runs[] = {
		{.address = 8 * PAGE, .offset = 4 * PAGE, .size = PAGE},
		{.address = 9 * PAGE, .offset = 0, .size = 2 * PAGE},
		{.address = 12 * PAGE, .offset = 2 * PAGE, .size = PAGE},
	};
	struct vmm_choice choice;

	vmm_runs_choose(runs, 3, PAGE, 4 * PAGE, 0, ROOM, &choice);
	cr_assert(eq(sz, choice.n_ram, 2));
	expect(&choice, 0, 8 * PAGE, 3 * PAGE);
	expect(&choice, 1, 12 * PAGE, PAGE);
	cr_assert(eq(u64, choice.size, 4 * PAGE));
	cr_assert(eq(u64, choice.low, 4 * PAGE));
}

Test(runs, the_largest_pieces_are_chosen_and_the_last_is_cut)
{
	const struct vmm_run runs[] = {
		{.address = VMM_4GIB, .size = 2 * PAGE},
		{.address = 5 * VMM_1GIB, .size = 9 * PAGE},
		{.address = 6 * VMM_1GIB, .size = 3 * PAGE},
		{.address = 7 * VMM_1GIB, .size = 5 * PAGE},
	};
	struct vmm_choice choice;

	vmm_runs_choose(runs, 4, PAGE, 15 * PAGE, 0, ROOM, &choice);
	cr_assert(eq(sz, choice.n_ram, 3));
	expect(&choice, 0, 5 * VMM_1GIB, 9 * PAGE);
	expect(&choice, 1, 6 * VMM_1GIB, PAGE);
	expect(&choice, 2, 7 * VMM_1GIB, 5 * PAGE);
	cr_assert(eq(u64, choice.size, 15 * PAGE));
	cr_assert(zero(u64, choice.low));
}

Test(runs, what_is_wanted_below_4_gib_is_chosen_first)
{
	const struct vmm_run runs[] = {
		{.address = 4 * PAGE, .size = PAGE},
		{.address = 6 * PAGE, .size = 3 * PAGE},
		{.address = 20 * PAGE, .size = 2 * PAGE},
		{.address = 5 * VMM_1GIB, .size = 100 * PAGE},
	};
	struct vmm_choice choice;

	vmm_runs_choose(runs, 4, PAGE, 10 * PAGE, 4 * PAGE, ROOM, &choice);
	cr_assert(eq(sz, choice.n_ram, 3));
	expect(&choice, 0, 6 * PAGE, 3 * PAGE);
	expect(&choice, 1, 20 * PAGE, 2 * PAGE);
	expect(&choice, 2, 5 * VMM_1GIB, 5 * PAGE);
	cr_assert(eq(u64, choice.low, 5 * PAGE));
}

Test(runs, what_lies_below_4_gib_serves_where_there_is_no_more_above)
{
	const struct vmm_run runs[] = {
		{.address = 4 * PAGE, .size = 8 * PAGE},
		{.address = 20 * PAGE, .size = 4 * PAGE},
		{.address = 5 * VMM_1GIB, .size = 2 * PAGE},
	};
	struct vmm_choice choice;

	vmm_runs_choose(runs, 3, PAGE, 13 * PAGE, PAGE, ROOM, &choice);
	cr_assert(eq(sz, choice.n_ram, 3));
	expect(&choice, 0, 4 * PAGE, 8 * PAGE);
	expect(&choice, 1, 20 * PAGE, 3 * PAGE);
	expect(&choice, 2, 5 * VMM_1GIB, 2 * PAGE);
}

Test(runs, what_lies_where_a_guest_has_no_ram_is_left_out)
{
	const struct vmm_run runs[] = {
		{.address = 0, .size = 2 * PAGE},
		{.address = VMM_LOW_RAM_MAX - PAGE, .size = 4 * PAGE},
		{.address = 0xc0000000, .size = PAGE},
		{.address = VMM_4GIB - 2 * PAGE, .size = 3 * PAGE},
	};
	struct vmm_choice choice;

	vmm_runs_choose(runs, 4, PAGE, 100 * PAGE, 50 * PAGE, ROOM, &choice);
	cr_assert(eq(sz, choice.n_ram, 3));
	expect(&choice, 0, PAGE, PAGE);
	expect(&choice, 1, VMM_LOW_RAM_MAX - PAGE, PAGE);
	expect(&choice, 2, VMM_4GIB, PAGE);
	cr_assert(eq(u64, choice.size, 3 * PAGE));
	cr_assert(eq(u64, choice.low, 2 * PAGE));
}

Test(runs, one_run_across_all_of_the_hole_is_two_pieces)
{
	const struct vmm_run run = {.address = VMM_1GIB, .size = 4 * VMM_1GIB};
	struct vmm_choice choice;

	vmm_runs_choose(&run, 1, VMM_1GIB, 4 * VMM_1GIB, 1, ROOM, &choice);
	cr_assert(eq(sz, choice.n_ram, 2));
	expect(&choice, 0, VMM_1GIB, VMM_1GIB);
	expect(&choice, 1, VMM_4GIB, VMM_1GIB);
}

Test(runs, no_more_pieces_are_chosen_than_there_is_room_for)
{
	struct vmm_run runs[2 * VMM_RAM_MAX];
	struct vmm_choice choice;

	for (size_t i = 0; i < 2 * VMM_RAM_MAX; i++)
		runs[i] = (struct vmm_run){.address = VMM_4GIB + 2 * i * PAGE, .size = PAGE};
	vmm_runs_choose(runs, 2 * VMM_RAM_MAX, PAGE, 2 * VMM_RAM_MAX * PAGE, 0, ROOM, &choice);
	cr_assert(eq(sz, choice.n_ram, ROOM));
	cr_assert(eq(u64, choice.size, ROOM * PAGE));
	vmm_runs_choose(runs, 0, PAGE, PAGE, PAGE, ROOM, &choice);
	cr_assert(zero(sz, choice.n_ram));
}
