/* SPDX-License-Identifier: MIT */
/* Names as disks tell them: padded with spaces, not terminated, and anything at all from a bad one. */
#ifndef ULDF_DRIVERS_DISK_TEXT_H
#define ULDF_DRIVERS_DISK_TEXT_H

#include <stddef.h>
#include <stdint.h>

/**
 * disk_text() - make a string of a name
 * @out: where it goes, @size bytes and a NUL; spaces at its ends are left out, what does not print
 *       becomes '?'
 * @in: the name
 * @size: its bytes
 * @swap: 1 where each pair of bytes is swapped (ATA/ATAPI-6 section 8.15.8), else 0; @size is even then
 */
void disk_text(char *out, const uint8_t *in, size_t size, unsigned int swap);

#endif
