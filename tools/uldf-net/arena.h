/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places for frames of any length in one buffer, given back in the order in which they were taken. Pure. */
#ifndef TOOLS_ULDF_NET_ARENA_H
#define TOOLS_ULDF_NET_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#define ARENA_FRAMES 256

struct arena {
	size_t size;
	size_t head; /* where the next frame goes */
	size_t tail; /* where the oldest frame begins */
	size_t ends[ARENA_FRAMES];
	unsigned int oldest;
	unsigned int count; /* frames */
};

void arena_init(struct arena *arena, size_t size);

/* Finds room for a frame of up to @most bytes; false where there is none. @at: its offset, a multiple of 2048. */
bool arena_find(struct arena *arena, size_t most, size_t *at);

/* Takes the first @length bytes, 1 to @most, of the room at @at that arena_find() found. */
void arena_take(struct arena *arena, size_t at, size_t length);

/* Gives the @count oldest frames back; @count is no more than are taken. */
void arena_give(struct arena *arena, unsigned int count);

#endif
