// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device in whose name a bare space uses the DMA API, while that is claimed: its driver's mask is
 * the module's then. The space keeps the object of the device, not the device.
 *
 * Takes uldf_device.lock.
 */
#include <linux/dma-mapping.h>

#include "dma/bare_device.h"

/* The device, its lock held and this space's mask set, until uldf_bare_leave(); -ENODEV when it is gone. */
int uldf_bare_enter(struct uldf_bare *bare, struct device **out)
{
	int ret = uldf_device_enter(bare->udev);

	if (ret)
		return ret;
	*out = &bare->udev->pdev->dev;
	/* another space of the same device may have another */
	ret = dma_set_mask_and_coherent(*out, bare->space->mask) ? -ERANGE : 0;
	if (ret)
		uldf_device_leave(bare->udev);
	return ret;
}

void uldf_bare_leave(struct uldf_bare *bare)
{
	uldf_device_leave(bare->udev);
}
