// SPDX-License-Identifier: MIT
/*
 * Where arguments lie: in a thread's own memory, mostly, at the very end of what is mapped, across that end,
 * where nothing is, in memory that others change or unmap, that faults late, and in registers.
 */
#include <string.h>

#include "storm.h"

enum where {
	OWN,
	END,	/* the next byte is not mapped */
	ACROSS, /* part of it is not mapped */
	NOWHERE,
	GROUND,
	REGISTERS,
	WHERES
};

static uint8_t *nowhere(struct worker *w)
{
	static const uint64_t places[] = {
		0,
		1,
		PAGE,
		0x7ffffffff000,	    /* the last page of user space */
		0x800000000000,	    /* no canonical address */
		0xffff800000000000, /* the kernel's */
		0xffffffff81000000,
		UINT64_MAX,
		UINT64_MAX - 7,
	};

	return (uint8_t *)places[draw_below(w, COUNT(places))];
}

static uint8_t *on_ground(struct worker *w, size_t size)
{
	size_t room = GROUND_PAGES * PAGE;
	size_t offset = draw_percent(w, 50) ? 0 : draw_below(w, 2 * PAGE);

	if (size > room)
		offset = 0;
	else if (offset > room - size)
		offset = room - size;
	return ground(draw_below(w, GROUNDS)) + (offset & ~7UL);
}

/* One in ten of those that are not odd lies where it can be read, but not like others. */
static enum where where_pick(struct worker *w, bool odd)
{
	if (odd)
		return 1 + draw_below(w, WHERES - 1);
	if (!draw_percent(w, 10))
		return OWN;
	return draw_percent(w, 30) ? END : GROUND;
}

uint8_t *place(struct worker *w, uint8_t *own, size_t room, size_t size, bool odd)
{
	uint8_t *at = own;

	switch (where_pick(w, odd)) {
	case END:
		return memmove(own + room - size, own, size);
	case ACROSS:
		at = own + room - draw_below(w, size + 1);
		memmove(at, own, own + room - at);
		return at;
	case NOWHERE:
		return nowhere(w);
	case GROUND:
		at = on_ground(w, size);
		guard_copy(at, own, size < GROUND_PAGES * PAGE ? size : PAGE);
		return at;
	case REGISTERS:
		return window_pick(w) ?: nowhere(w);
	default:
		return at;
	}
}

bool place_is_own(const uint8_t *at)
{
	for (enum ground i = 0; i < GROUNDS; i++)
		if (at >= ground(i) && at < ground(i) + GROUND_PAGES * PAGE)
			return i == GROUND_SLOW;
	return true;
}
