// SPDX-License-Identifier: MIT
#include "iova.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void iova_fini(struct iova *iova)
{
	free(iova->free);
	memset(iova, 0, sizeof(*iova));
}

/* Room for @more free ranges besides those there are, and those that iova_give() may bring. */
static int iova_reserve(struct iova *iova, size_t more)
{
	size_t wanted = iova->count + iova->taken + more, room = iova->room ? iova->room : 16;
	struct uldf_range *free;

	if (wanted <= iova->room)
		return 0;
	while (room < wanted)
		room *= 2;
	free = reallocarray(iova->free, room, sizeof(*free));
	if (!free)
		return -ENOMEM;
	iova->free = free;
	iova->room = room;
	return 0;
}

/* Index of the first free range that ends at @address or behind. */
static size_t iova_find(const struct iova *iova, uint64_t address)
{
	size_t low = 0, high = iova->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (iova->free[middle].last < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void iova_remove(struct iova *iova, size_t i, size_t count)
{
	memmove(&iova->free[i], &iova->free[i + count],
		(iova->count - i - count) * sizeof(*iova->free));
	iova->count -= count;
}

static void iova_insert(struct iova *iova, size_t i, uint64_t first, uint64_t last)
{
	assert(iova->count < iova->room);
	memmove(&iova->free[i + 1], &iova->free[i], (iova->count - i) * sizeof(*iova->free));
	iova->free[i] = (struct uldf_range){first, last};
	iova->count++;
}

/* Adds what may overlap or touch what is there; takes room for one. */
static void iova_join(struct iova *iova, uint64_t first, uint64_t last)
{
	size_t i = iova_find(iova, first ? first - 1 : 0), end = i;

	while (end < iova->count && (last == UINT64_MAX || iova->free[end].first <= last + 1)) {
		if (iova->free[end].first < first)
			first = iova->free[end].first;
		if (iova->free[end].last > last)
			last = iova->free[end].last;
		end++;
	}
	iova_remove(iova, i, end - i);
	iova_insert(iova, i, first, last);
}

/* Takes @first..@last, all of it in free range @i, away from it; takes room for one. */
static void iova_cut(struct iova *iova, size_t i, uint64_t first, uint64_t last)
{
	struct uldf_range *range = &iova->free[i];

	if (range->first == first && range->last == last)
		iova_remove(iova, i, 1);
	else if (range->first == first)
		range->first = last + 1;
	else if (range->last == last)
		range->last = first - 1;
	else {
		uint64_t end = range->last;

		range->last = first - 1;
		iova_insert(iova, i + 1, last + 1, end);
	}
}

int iova_add(struct iova *iova, uint64_t first, uint64_t last)
{
	int err;

	if (first < IOVA_PAGE)
		first = IOVA_PAGE;
	if (first > UINT64_MAX - (IOVA_PAGE - 1))
		return 0;
	first = (first + IOVA_PAGE - 1) & ~(uint64_t)(IOVA_PAGE - 1);
	if (last < first || last - first < IOVA_PAGE - 1)
		return 0;
	/* the page that an end short of its last byte begins is left out */
	last -= (last + 1) & (IOVA_PAGE - 1);
	err = iova_reserve(iova, 1);
	if (!err)
		iova_join(iova, first, last);
	return err;
}

int iova_exclude(struct iova *iova, uint64_t first, uint64_t last)
{
	int err = iova_reserve(iova, 1);
	size_t i;

	if (err)
		return err;
	first &= ~(uint64_t)(IOVA_PAGE - 1);
	last |= IOVA_PAGE - 1;
	for (i = iova_find(iova, first); i < iova->count && iova->free[i].first <= last;
	     i = iova_find(iova, first)) {
		const struct uldf_range *range = &iova->free[i];

		iova_cut(iova, i, range->first > first ? range->first : first,
			 range->last < last ? range->last : last);
	}
	return 0;
}

int iova_choose(struct iova *iova, uint64_t size, uint64_t limit, uint64_t *out)
{
	int err = iova_reserve(iova, 1 + 1);

	if (err)
		return err;
	for (size_t i = iova->count; i--;) {
		uint64_t first = iova->free[i].first, last = iova->free[i].last;

		if (last > limit) {
			if (limit < IOVA_PAGE - 1)
				break;
			last = limit - ((limit + 1) & (IOVA_PAGE - 1));
		}
		if (last < first || last - first < size - 1)
			continue;
		iova_cut(iova, i, last - size + 1, last);
		iova->taken++;
		*out = last - size + 1;
		return 0;
	}
	return -ENOSPC;
}

int iova_take(struct iova *iova, uint64_t address, uint64_t size)
{
	int err = iova_reserve(iova, 1 + 1);
	uint64_t last = address + size - 1;
	size_t i;

	if (err)
		return err;
	i = iova_find(iova, address);
	if (last < address || i == iova->count || iova->free[i].first > address ||
	    iova->free[i].last < last)
		return -EEXIST;
	iova_cut(iova, i, address, last);
	iova->taken++;
	return 0;
}

void iova_give(struct iova *iova, uint64_t address, uint64_t size)
{
	assert(iova->taken);
	iova->taken--;
	iova_join(iova, address, address + size - 1);
}
