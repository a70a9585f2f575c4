/* SPDX-License-Identifier: GPL-2.0-only */
/* What a bare space keeps, and the device for which it calls the DMA API. */
#ifndef ULDF_DMA_BARE_DEVICE_H
#define ULDF_DMA_BARE_DEVICE_H

#include <linux/list.h>
#include <linux/xarray.h>

#include "device/device.h"
#include "dma/space.h"

/* What a bare space keeps beside struct uldf_space. Freed with the space. */
struct uldf_bare {
	struct uldf_space *space;
	struct uldf_device *udev; /* the space's maker, for which it calls the DMA API */
	struct xarray buffers;	  /* guarded by uldf_space.lock */

	/* guarded by the lock of @udev */
	struct list_head node;	   /* in uldf_device.bare_spaces, or empty */
	struct list_head memories; /* uldf_memory.bare_node, mapped by the DMA API */
	struct list_head mapped;   /* uldf_buffer.node, mapped by the DMA API */
};

int uldf_bare_enter(struct uldf_bare *bare, struct device **out);
void uldf_bare_leave(struct uldf_bare *bare);

#endif
