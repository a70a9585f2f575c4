/* SPDX-License-Identifier: MIT */
/* Reads what the host tells of its memory (proc(5), /proc/meminfo). */
#ifndef VMM_MEMINFO_H
#define VMM_MEMINFO_H

#include <stdint.h>
#include <stdio.h>

/**
 * vmm_meminfo() - find an entry
 * @file: /proc/meminfo, opened
 * @name: the entry's name
 *
 * Return: bytes; 0 where there is no such entry.
 */
uint64_t vmm_meminfo(FILE *file, const char *name);

/**
 * vmm_meminfo_of_host() - find an entry of this host
 * @name: the entry's name
 *
 * Return: as vmm_meminfo(); 0 where /proc cannot be read, too.
 */
uint64_t vmm_meminfo_of_host(const char *name);

#endif
