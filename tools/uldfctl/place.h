/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names for places in a device: its regions, and the registers of configuration space as setpci(8) names them. Pure. */
#ifndef TOOLS_ULDFCTL_PLACE_H
#define TOOLS_ULDFCTL_PLACE_H

#include <stdbool.h>
#include <stdint.h>

/* What an offset is counted from. */
enum place_base {
	PLACE_REGION,	/* the region's start */
	PLACE_STANDARD, /* the standard capability place.id */
	PLACE_EXTENDED, /* the extended capability place.id */
};

/*
 * @base: what @offset is counted from
 * @id: of the capability
 * @offset: bytes
 * @width: of the register that was named, 1, 2 or 4; 0 where an offset was
 */
struct place {
	enum place_base base;
	uint16_t id;
	uint64_t offset;
	unsigned int width;
};

/* Reads "bar0" to "bar5", "rom" or "config", in any case. @out: the index of libuldf. False for other text. */
bool place_region(const char *text, unsigned int *out);

/* The name that place_region() reads. */
const char *place_region_name(unsigned int region);

/* Reads a number: "0x10", "16". False for other text. */
bool place_number(const char *text, uint64_t *out);

/*
 * Reads an offset: "0x10", "16"; @config: also "command", "cap_exp+0x08", "ecap_aer+4", "cap10+8". False for other
 * text.
 */
bool place_parse(const char *text, bool config, struct place *out);

#endif
