// SPDX-License-Identifier: GPL-2.0-or-later
#include "arena.h"

/* Most frames are shorter, and so lie within one page: the card takes them by one descriptor. */
#define ALIGN 2048

void arena_init(struct arena *arena, size_t size)
{
	*arena = (struct arena){.size = size};
}

/* Bytes from @tail on are in use; an offset that reaches it would look like an empty arena. */
bool arena_find(struct arena *arena, size_t most, size_t *at)
{
	if (arena->count == ARENA_FRAMES)
		return false;
	if (!arena->count)
		arena->head = arena->tail = 0;
	most = (most + ALIGN - 1) / ALIGN * ALIGN;
	if (arena->head < arena->tail) {
		if (arena->tail - arena->head <= most)
			return false;
		*at = arena->head;
	} else if (arena->size - arena->head >= most) {
		*at = arena->head;
	} else if (arena->tail > most) {
		*at = 0;
	} else {
		return false;
	}
	return true;
}

void arena_take(struct arena *arena, size_t at, size_t length)
{
	arena->head = at + (length + ALIGN - 1) / ALIGN * ALIGN;
	arena->ends[(arena->oldest + arena->count++) % ARENA_FRAMES] = arena->head;
}

void arena_give(struct arena *arena, unsigned int count)
{
	for (; count; count--, arena->count--) {
		arena->tail = arena->ends[arena->oldest];
		arena->oldest = (arena->oldest + 1) % ARENA_FRAMES;
	}
}
