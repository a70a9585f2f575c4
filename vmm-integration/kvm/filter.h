/* SPDX-License-Identifier: MIT */
/* The system calls that the VMM makes while its guest runs, and no others. */
#ifndef VMM_FILTER_H
#define VMM_FILTER_H

#include <stdbool.h>

/**
 * vmm_filter_enter() - let all threads of the process make no other system calls
 * @writes: whether files that exist can be opened for writing, and removed, so that something else
 *	has to say which; without it both answer EACCES
 *
 * Any other call kills the process by SIGSYS, and the kernel's log tells its number. No thread can leave the
 * filter. Sets no_new_privs.
 *
 * Return: 0, or a negative errno.
 */
int vmm_filter_enter(bool writes);

#endif
