/* SPDX-License-Identifier: MIT */
/* Reads from /proc/meminfo which huge pages the host has. */
#ifndef VMM_HUGEPAGES_H
#define VMM_HUGEPAGES_H

#include <stdint.h>
#include <stdio.h>

/**
 * struct vmm_hugepages - huge pages of the host's default size
 * @size: bytes of one; 0 where the host has none
 * @free: how many are free and promised to nobody
 * @total: how many are reserved in all
 */
struct vmm_hugepages {
	uint64_t size;
	uint64_t free;
	uint64_t total;
};

/**
 * vmm_hugepages_read() - count huge pages
 * @file: /proc/meminfo, opened
 * @out: the count
 */
void vmm_hugepages_read(FILE *file, struct vmm_hugepages *out);

#endif
