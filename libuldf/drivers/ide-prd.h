/* SPDX-License-Identifier: MIT */
/* Physical region descriptors: where a bus master's memory is (BMIDE 1.0 section 1.2). */
#ifndef ULDF_DRIVERS_IDE_PRD_H
#define ULDF_DRIVERS_IDE_PRD_H

#include <stddef.h>
#include <stdint.h>
#include <uldf/dma.h>

/* Little-endian, as the controller reads it. */
struct ide_prd {
	uint32_t address;
	uint16_t size; /* 0 for 64 KiB */
	uint16_t flags;
};

#define IDE_PRD_LAST 0x8000 /* in flags: the table ends here */

/**
 * ide_prd_fill() - describe memory to a bus master
 * @table: the table
 * @room: entries in it
 * @list: the memory
 * @count: segments in it, not 0
 * @used: out: entries filled; untouched on failure
 *
 * Return: 0, -EINVAL an odd address or length, -ERANGE beyond 4 GiB, -E2BIG the table is too small.
 */
int ide_prd_fill(struct ide_prd *table, size_t room, const struct uldf_segment *list, size_t count,
		 size_t *used);

#endif
