/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "uldfctl peek" and "poke" are told: which register of which device, and what to write. Pure. */
#ifndef TOOLS_ULDFCTL_ACCESS_H
#define TOOLS_ULDFCTL_ACCESS_H

#include "place.h"

#define ACCESS_COUNT_MOST 65536

/*
 * @device: an address of libuldf
 * @region: index of libuldf
 * @place: where in it
 * @width: bytes of an access
 * @value: to write
 * @count: how many registers to read, one after the other
 */
struct access {
	const char *device;
	unsigned int region;
	struct place place;
	unsigned int width;
	uint64_t value;
	uint64_t count;
};

/*
 * Takes the next word of "ADDRESS REGION OFFSET [WIDTH]", or, to write, of "ADDRESS REGION OFFSET VALUE [WIDTH]".
 * @index: which word it is, from 0. NULL; or what is wrong with it.
 */
const char *access_take(struct access *access, unsigned int index, const char *word, bool write);

/* After the last of @words. NULL, or what is wrong. */
const char *access_finish(struct access *access, unsigned int words, bool write);

#endif
