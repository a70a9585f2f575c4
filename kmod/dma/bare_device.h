/* SPDX-License-Identifier: GPL-2.0-only */
/* What a bare space keeps, and the device that it uses the DMA API for. */
#ifndef ULDF_DMA_BARE_DEVICE_H
#define ULDF_DMA_BARE_DEVICE_H

#include <linux/list.h>
#include <linux/xarray.h>

#include "device/device.h"
#include "dma/space.h"

/* What a bare space has besides. Dies with it. */
struct uldf_bare {
	struct uldf_space *space;
	struct uldf_device *udev; /* the space's maker: the DMA API is used in its name */
	struct xarray buffers;	  /* guarded by uldf_space.lock */

	/* guarded by the lock of @udev */
	struct list_head node;	   /* in uldf_device.bare_spaces, or empty */
	struct list_head memories; /* uldf_memory.bare_node, mapped by the DMA API */
	struct list_head mapped;   /* buffers, too */
	bool ended;		   /* @udev was released: nothing is mapped any more */
};

int uldf_bare_enter(struct uldf_bare *bare, struct device **out);
void uldf_bare_leave(struct uldf_bare *bare);

#endif
