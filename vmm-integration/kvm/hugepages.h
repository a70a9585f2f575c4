/* SPDX-License-Identifier: MIT */
/* Reads which huge pages the host has. */
#ifndef VMM_HUGEPAGES_H
#define VMM_HUGEPAGES_H

#include <stdint.h>

#define VMM_HUGEPAGES "/sys/kernel/mm/hugepages"

/**
 * struct vmm_hugepages - the host's pool of huge pages of one size
 * @size: bytes of one
 * @free: how many are free and promised to nobody
 * @total: how many are reserved in all
 */
struct vmm_hugepages {
	uint64_t size;
	uint64_t free;
	uint64_t total;
};

/**
 * vmm_hugepages_read() - count huge pages of one size
 * @folder: VMM_HUGEPAGES
 * @size: bytes of a page
 * @out: the count; none where the host has no such pages
 */
void vmm_hugepages_read(const char *folder, uint64_t size, struct vmm_hugepages *out);

#endif
