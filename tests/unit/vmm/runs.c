// SPDX-License-Identifier: MIT
#include "runs.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

#define PAGE  (2 * VMM_1MIB)
#define PIECE VMM_RUNS_PIECE_LEAST
#define ROOM  (VMM_RAM_MAX - 1)

/* What they choose, in units of the least piece. */
static struct vmm_choice choose(const struct vmm_run *runs, size_t count, uint64_t size,
				uint64_t low)
{
	const struct vmm_wish wish = {
		.page = PAGE,
		.size = size * PIECE,
		.low = low * PIECE,
		.limit = 1ULL << 40,
		.room = ROOM,
	};
	struct vmm_choice choice;

	vmm_runs_choose(runs, count, &wish, &choice);
	return choice;
}

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
		{.address = 8 * PIECE, .offset = 4 * PIECE, .size = PIECE},
		{.address = 9 * PIECE, .offset = 0, .size = 2 * PIECE},
		{.address = 12 * PIECE, .offset = 2 * PIECE, .size = PIECE},
	};
	struct vmm_choice choice = choose(runs, 3, 4, 0);

	cr_assert(eq(sz, choice.n_ram, 2));
	expect(&choice, 0, 8 * PIECE, 3 * PIECE);
	expect(&choice, 1, 12 * PIECE, PIECE);
	cr_assert(eq(u64, choice.size, 4 * PIECE));
	cr_assert(eq(u64, choice.low, 4 * PIECE));
	cr_assert(eq(u64, choice.largest, 3 * PIECE));
}

Test(runs, the_largest_pieces_are_chosen_and_the_last_is_cut)
{
	const struct vmm_run runs[] = {
		{.address = VMM_4GIB, .size = 2 * PIECE},
		{.address = 5 * VMM_1GIB, .size = 9 * PIECE},
		{.address = 6 * VMM_1GIB, .size = 3 * PIECE},
		{.address = 7 * VMM_1GIB, .size = 5 * PIECE},
	};
	struct vmm_choice choice = choose(runs, 4, 15, 0);

	cr_assert(eq(sz, choice.n_ram, 3));
	expect(&choice, 0, 5 * VMM_1GIB, 9 * PIECE);
	expect(&choice, 1, 6 * VMM_1GIB, PIECE);
	expect(&choice, 2, 7 * VMM_1GIB, 5 * PIECE);
	cr_assert(eq(u64, choice.size, 15 * PIECE));
	cr_assert(zero(u64, choice.low));
	cr_assert(eq(u64, choice.largest, 9 * PIECE));
}

Test(runs, what_is_wanted_below_4_gib_is_chosen_first_and_no_more_of_it)
{
	const struct vmm_run runs[] = {
		{.address = 4 * PIECE, .size = PIECE},
		{.address = 6 * PIECE, .size = 3 * PIECE},
		{.address = 20 * PIECE, .size = 2 * PIECE},
		{.address = 5 * VMM_1GIB, .size = 100 * PIECE},
	};
	struct vmm_choice choice = choose(runs, 4, 10, 4);

	cr_assert(eq(sz, choice.n_ram, 3));
	expect(&choice, 0, 6 * PIECE, 3 * PIECE);
	expect(&choice, 1, 20 * PIECE, PIECE);
	expect(&choice, 2, 5 * VMM_1GIB, 6 * PIECE);
	cr_assert(eq(u64, choice.low, 4 * PIECE));
}

Test(runs, a_piece_that_was_cut_is_gone_on_with_where_there_is_no_more_above)
{
	const struct vmm_run runs[] = {
		{.address = 4 * PIECE, .size = 8 * PIECE},
		{.address = 20 * PIECE, .size = 4 * PIECE},
		{.address = 5 * VMM_1GIB, .size = 2 * PIECE},
	};
	struct vmm_choice choice = choose(runs, 3, 13, 1);

	cr_assert(eq(sz, choice.n_ram, 3));
	expect(&choice, 0, 4 * PIECE, 8 * PIECE);
	expect(&choice, 1, 20 * PIECE, 3 * PIECE);
	expect(&choice, 2, 5 * VMM_1GIB, 2 * PIECE);
	cr_assert(eq(u64, choice.low, 11 * PIECE));
	cr_assert(eq(u64, choice.size, 13 * PIECE));
}

Test(runs, no_more_than_the_guest_wants_is_chosen_below_4_gib)
{
	const struct vmm_run run = {.address = 4 * PIECE, .size = 8 * PIECE};
	struct vmm_choice choice = choose(&run, 1, 2, 5);

	cr_assert(eq(sz, choice.n_ram, 1));
	expect(&choice, 0, 4 * PIECE, 2 * PIECE);
}

Test(runs, what_lies_where_a_guest_has_no_ram_is_left_out)
{
	const struct vmm_run runs[] = {
		{.address = 0, .size = PIECE + PAGE},
		{.address = VMM_LOW_RAM_MAX - PIECE, .size = 4 * PIECE},
		{.address = 0xc0000000, .size = PIECE},
		{.address = VMM_4GIB - 2 * PIECE, .size = 3 * PIECE},
		{.address = (1ULL << 40) - PIECE, .size = 3 * PIECE},
	};
	struct vmm_choice choice = choose(runs, 5, 100, 50);

	cr_assert(eq(sz, choice.n_ram, 4));
	expect(&choice, 0, PAGE, PIECE);
	expect(&choice, 1, VMM_LOW_RAM_MAX - PIECE, PIECE);
	expect(&choice, 2, VMM_4GIB, PIECE);
	expect(&choice, 3, (1ULL << 40) - PIECE, PIECE);
	cr_assert(eq(u64, choice.size, 4 * PIECE));
	cr_assert(eq(u64, choice.low, 2 * PIECE));
}

Test(runs, pieces_that_cost_as_much_as_they_bring_are_left_out)
{
	const struct vmm_run runs[] = {
		{.address = 4 * PIECE, .size = PIECE - PAGE},
		{.address = 6 * PIECE, .size = PIECE},
		{.address = VMM_4GIB, .size = PIECE - PAGE},
	};
	struct vmm_choice choice = choose(runs, 3, 4, 4);

	cr_assert(eq(sz, choice.n_ram, 1));
	expect(&choice, 0, 6 * PIECE, PIECE);
}

Test(runs, one_run_across_all_of_the_hole_is_two_pieces)
{
	const struct vmm_run run = {.address = VMM_1GIB, .size = 4 * VMM_1GIB};
	const struct vmm_wish wish = {
		.page = VMM_1GIB,
		.size = 4 * VMM_1GIB,
		.low = 1,
		.limit = 1ULL << 40,
		.room = ROOM,
	};
	struct vmm_choice choice;

	vmm_runs_choose(&run, 1, &wish, &choice);
	cr_assert(eq(sz, choice.n_ram, 2));
	expect(&choice, 0, VMM_1GIB, VMM_1GIB);
	expect(&choice, 1, VMM_4GIB, VMM_1GIB);
}

Test(runs, no_more_pieces_are_chosen_than_there_is_room_for)
{
	struct vmm_run runs[2 * VMM_RAM_MAX];
	struct vmm_choice choice;

	for (size_t i = 0; i < 2 * VMM_RAM_MAX; i++)
		runs[i] = (struct vmm_run){.address = VMM_4GIB + 2 * i * PIECE, .size = PIECE};
	choice = choose(runs, 2 * VMM_RAM_MAX, 2 * VMM_RAM_MAX, 0);
	cr_assert(eq(sz, choice.n_ram, ROOM));
	cr_assert(eq(u64, choice.size, ROOM * PIECE));
	choice = choose(runs, 0, 1, 1);
	cr_assert(zero(sz, choice.n_ram));
}

Test(runs, many_pieces_below_4_gib_leave_room_for_those_above)
{
	struct vmm_run runs[61];
	struct vmm_choice choice;

	for (size_t i = 0; i < 60; i++)
		runs[i] = (struct vmm_run){.address = (4 + 2 * i) * PIECE, .size = PIECE};
	runs[60] = (struct vmm_run){.address = VMM_4GIB, .size = 100 * PIECE};
	choice = choose(runs, 61, 100, 60);
	cr_assert(eq(u64, choice.size, 100 * PIECE));
	cr_assert(eq(u64, choice.low, (ROOM / 2) * PIECE));
}

Test(runs, a_part_of_a_run_is_what_it_has_of_a_piece)
{
	const struct vmm_run run = {.address = 100, .offset = 7000, .size = 50};
	static const struct {
		struct vmm_ram ram;
		struct vmm_run part;
	} cases[] = {
		{{100, 50}, {100, 7000, 50}}, {{0, 1000}, {100, 7000, 50}},
		{{90, 20}, {100, 7000, 10}},  {{120, 10}, {120, 7020, 10}},
		{{140, 60}, {140, 7040, 10}}, {{0, 100}, {0, 0, 0}},
		{{150, 10}, {0, 0, 0}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vmm_run part = {.size = 0};

		cr_expect(eq(int, vmm_runs_part(&run, &cases[i].ram, &part), !!cases[i].part.size),
			  "case %zu", i);
		cr_expect(eq(u64, part.address, cases[i].part.address), "case %zu", i);
		cr_expect(eq(u64, part.offset, cases[i].part.offset), "case %zu", i);
		cr_expect(eq(u64, part.size, cases[i].part.size), "case %zu", i);
	}
}

Test(runs, the_rest_of_a_run_is_what_no_piece_has)
{
	const struct vmm_run run = {.address = 100, .offset = 7000, .size = 50};
	static const struct {
		struct vmm_choice choice;
		struct vmm_run rest[3];
	} cases[] = {
		{{.n_ram = 0}, {{100, 7000, 50}}},
		{{.ram = {{100, 50}}, .n_ram = 1}, {{0, 0, 0}}},
		{{.ram = {{0, 100}, {150, 10}}, .n_ram = 2}, {{100, 7000, 50}}},
		{{.ram = {{90, 20}, {120, 10}}, .n_ram = 2}, {{110, 7010, 10}, {130, 7030, 20}}},
		{{.ram = {{110, 10}, {120, 10}, {140, 20}}, .n_ram = 3},
		 {{100, 7000, 10}, {130, 7030, 10}}},
		{{.ram = {{0, 1000}}, .n_ram = 1}, {{0, 0, 0}}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t at = run.address;
		struct vmm_run rest;

		for (size_t j = 0; cases[i].rest[j].size; j++) {
			cr_assert(vmm_runs_rest(&run, &cases[i].choice, &at, &rest), "case %zu", i);
			cr_expect(eq(u64, rest.address, cases[i].rest[j].address), "case %zu", i);
			cr_expect(eq(u64, rest.offset, cases[i].rest[j].offset), "case %zu", i);
			cr_expect(eq(u64, rest.size, cases[i].rest[j].size), "case %zu", i);
		}
		cr_expect_not(vmm_runs_rest(&run, &cases[i].choice, &at, &rest), "case %zu", i);
	}
}

Test(runs, are_the_pieces_only_if_every_byte_is_in_its_place)
{
	static const struct vmm_ram ram[] = {{100, 50}, {200, 30}};
	static const struct {
		struct vmm_run runs[4];
		size_t count;
		bool same;
	} cases[] = {
		{{{100, 0, 50}, {200, 50, 30}}, 2, true},
		{{{100, 0, 20}, {120, 20, 30}, {200, 50, 10}, {210, 60, 20}}, 4, true},
		{{{100, 0, 50}}, 1, false},
		{{{100, 0, 50}, {200, 50, 20}}, 2, false},
		{{{100, 0, 50}, {200, 50, 31}}, 2, false},
		{{{200, 0, 30}, {100, 30, 50}}, 2, false},
		{{{100, 0, 49}, {200, 50, 30}}, 2, false},
		{{{100, 0, 80}}, 1, false},
		{{{0, 0, 0}}, 0, false},
	};
	static const struct vmm_ram adjacent[] = {{100, 50}, {150, 30}};
	static const struct vmm_run one = {100, 0, 80};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(
			eq(int, vmm_runs_are(cases[i].runs, cases[i].count, ram, 2), cases[i].same),
			"case %zu", i);
	cr_expect(vmm_runs_are(&one, 1, adjacent, 2), "a run may go over several pieces");
}
