/* SPDX-License-Identifier: MIT */
/* Chooses guest RAM from memory whose bus addresses are given, for policy 'identity'. */
#ifndef VMM_RUNS_H
#define VMM_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "layout.h"

/**
 * struct vmm_run - a part of a file that lies at adjacent bus addresses
 * @address: bus address
 * @offset: bytes into the file
 * @size: bytes
 */
struct vmm_run {
	uint64_t address;
	uint64_t offset;
	uint64_t size;
};

/**
 * struct vmm_choice - RAM for a guest
 * @ram: pieces: ascending, disjoint, not adjacent
 * @n_ram: how many
 * @size: bytes in all of them
 * @low: bytes of them below 4 GiB
 */
struct vmm_choice {
	struct vmm_ram ram[VMM_RAM_MAX];
	size_t n_ram;
	uint64_t size;
	uint64_t low;
};

/**
 * vmm_runs_sort() - order runs by their bus addresses
 * @runs: the runs
 * @count: how many
 */
void vmm_runs_sort(struct vmm_run *runs, size_t count);

/**
 * vmm_runs_choose() - choose the largest pieces, and enough of them below 4 GiB
 * @runs: sorted runs, in whole pages
 * @count: how many
 * @page: bytes of a page, a power of two
 * @size: bytes wanted, a multiple of @page
 * @low: bytes of them wanted below 4 GiB
 * @room: the most pieces to choose, up to VMM_RAM_MAX
 * @out: the choice; it has less than what is wanted if there is no more
 *
 * Leaves out what lies where a guest has no RAM: below 2 MiB, and from 2 to 4 GiB.
 */
void vmm_runs_choose(const struct vmm_run *runs, size_t count, uint64_t page, uint64_t size,
		     uint64_t low, size_t room, struct vmm_choice *out);

#endif
