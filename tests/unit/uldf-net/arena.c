// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>
#include "arena.h"

static struct arena arena;

Test(arena, a_frame_of_the_whole_size_fits_when_it_is_empty)
{
	size_t at = 99;

	arena_init(&arena, 4096);
	cr_expect(arena_find(&arena, 4097, &at) == false);
	cr_expect(eq(sz, at, 99));
	cr_assert(arena_find(&arena, 4096, &at));
	arena_take(&arena, at, 4096);
	cr_expect(arena_find(&arena, 1, &at) == false);
	arena_give(&arena, 1);
	cr_expect(arena_find(&arena, 4096, &at));
}

Test(arena, a_short_frame_takes_no_more_than_it_needs)
{
	size_t at;

	arena_init(&arena, 4 * 2048);
	for (unsigned int i = 0; i < 3; i++) {
		cr_assert(arena_find(&arena, 2048, &at));
		cr_assert(eq(sz, at, 2048 * i));
		arena_take(&arena, at, 60);
	}
}

Test(arena, there_are_no_more_frames_than_it_can_remember)
{
	size_t at;

	arena_init(&arena, 1 << 20);
	for (unsigned int i = 0; i < ARENA_FRAMES; i++) {
		cr_assert(arena_find(&arena, 64, &at));
		arena_take(&arena, at, 64);
	}
	cr_expect(arena_find(&arena, 64, &at) == false);
	arena_give(&arena, 1);
	cr_expect(arena_find(&arena, 64, &at));
}

/* Each byte knows which frame it is in; a place that overlaps another frame is seen at once. */
Test(arena, frames_never_overlap_and_all_come_to_fit_again)
{
	static unsigned int owner[8 * 2048];
	struct {
		size_t at, length;
	} frames[ARENA_FRAMES];
	unsigned int oldest = 0, next = 0, taken = 0;
	size_t at, most, length;

	srand(1);
	arena_init(&arena, sizeof(owner) / sizeof(owner[0]));
	for (unsigned int i = 0; i < 100000; i++) {
		most = 1 + (size_t)rand() % 3000;
		length = 1 + (size_t)rand() % most;
		if (rand() % 2 && arena_find(&arena, most, &at)) {
			cr_assert(eq(sz, at % 2048, 0));
			cr_assert(le(sz, at + most, arena.size));
			for (size_t j = at; j < at + most; j++)
				cr_assert(eq(uint, owner[j], 0));
			for (size_t j = at; j < at + length; j++)
				owner[j] = 1;
			arena_take(&arena, at, length);
			frames[next].at = at;
			frames[next].length = length;
			next = (next + 1) % ARENA_FRAMES;
			taken++;
		} else if (oldest != next) {
			memset(&owner[frames[oldest].at], 0,
			       frames[oldest].length * sizeof(owner[0]));
			oldest = (oldest + 1) % ARENA_FRAMES;
			arena_give(&arena, 1);
		}
	}
	cr_expect(gt(uint, taken, 10000));
	arena_give(&arena, arena.count);
	cr_expect(arena_find(&arena, arena.size, &at));
}
