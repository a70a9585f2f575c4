/* SPDX-License-Identifier: GPL-2.0-only */
/* Coherent buffers of bare spaces. */
#ifndef ULDF_DMA_BUFFER_H
#define ULDF_DMA_BUFFER_H

#include "core/call.h"
#include "dma/bare_device.h"

extern const struct uldf_call uldf_buffer_calls[];

int uldf_buffer_mmap(struct uldf_space *space, struct vm_area_struct *vma);
void uldf_buffers_unmap(struct uldf_bare *bare);
void uldf_buffers_clear(struct uldf_bare *bare);

#endif
