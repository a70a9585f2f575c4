/* SPDX-License-Identifier: MIT */
/* Chooses guest RAM from memory whose bus addresses are given, for policy 'identity'. Pure. */
#ifndef VMM_RUNS_H
#define VMM_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

/* A smaller piece costs a guest as much as it brings: Linux has 2 MiB of struct page for each 128 MiB that it lies in. */
#define VMM_RUNS_PIECE_LEAST (16 * VMM_1MIB)

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
 * struct vmm_wish - what RAM a guest wants
 * @page: bytes of a page, a power of two
 * @size: bytes of RAM, a multiple of @page
 * @low: bytes of it below 4 GiB
 * @limit: end of the guest's addresses
 * @room: the most pieces, 2..VMM_RAM_MAX
 */
struct vmm_wish {
	uint64_t page;
	uint64_t size;
	uint64_t low;
	uint64_t limit;
	size_t room;
};

/**
 * struct vmm_choice - RAM for a guest
 * @ram: pieces: ascending, disjoint
 * @n_ram: how many
 * @size: bytes in all of them
 * @low: bytes of them below 4 GiB
 * @largest: bytes of the largest
 */
struct vmm_choice {
	struct vmm_ram ram[VMM_RAM_MAX];
	size_t n_ram;
	uint64_t size;
	uint64_t low;
	uint64_t largest;
};

/**
 * vmm_runs_sort() - order runs by their bus addresses
 * @runs: the runs
 * @count: how many
 */
void vmm_runs_sort(struct vmm_run *runs, size_t count);

/**
 * vmm_runs_choose() - choose RAM for a guest
 * @runs: sorted runs, in whole pages
 * @count: how many
 * @wish: what is wanted
 * @out: the choice; it has less than what is wanted if there is no more
 *
 * Chooses what is wanted below 4 GiB, in at most half of the pieces, then what lies above, then the rest below; each time
 * the largest piece first, and at the end no more of it than is wanted. Leaves out what lies where a guest has no RAM: below
 * 2 MiB, and from 2 to 4 GiB; and pieces of less than VMM_RUNS_PIECE_LEAST.
 */
void vmm_runs_choose(const struct vmm_run *runs, size_t count, const struct vmm_wish *wish,
		     struct vmm_choice *out);

/**
 * vmm_runs_part() - find what a run has of a piece
 * @run: run
 * @ram: piece
 * @out: that part of the run; untouched if there is none
 *
 * Return: whether there is any.
 */
bool vmm_runs_part(const struct vmm_run *run, const struct vmm_ram *ram, struct vmm_run *out);

/**
 * vmm_runs_rest() - find what a run has that is in no piece
 * @run: run
 * @choice: the pieces
 * @at: bus address to begin from: at first that of the run; then the end of what was found
 * @out: the first such part from there on; untouched if there is none
 *
 * Return: whether there is any.
 */
bool vmm_runs_rest(const struct vmm_run *run, const struct vmm_choice *choice, uint64_t *at,
		   struct vmm_run *out);

/**
 * vmm_runs_are() - whether runs are the pieces, one after the other
 * @runs: runs in the order of the memory
 * @count: how many
 * @ram: pieces
 * @n_ram: how many
 *
 * Return: whether byte for byte they have the same addresses.
 */
bool vmm_runs_are(const struct vmm_run *runs, size_t count, const struct vmm_ram *ram,
		  size_t n_ram);

#endif
