/* SPDX-License-Identifier: MIT */
/* Reads from /proc/iomem how far the RAM of the host reaches. */
#ifndef VMM_IOMEM_H
#define VMM_IOMEM_H

#include <stdio.h>

#include "layout.h"

/**
 * vmm_iomem_read() - find the ends of the host's RAM
 * @file: /proc/iomem, opened
 * @out: the ends; 0 where there is no RAM, or where the kernel hides addresses from this process (CAP_SYS_ADMIN)
 */
void vmm_iomem_read(FILE *file, struct vmm_host_ram *out);

#endif
