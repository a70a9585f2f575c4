// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device for which a bare space calls the DMA API. A space may do so only while the device is
 * claimed: only then is the module its driver and may set its DMA mask. The space holds a reference to
 * the uldf_device, which does not keep the device claimed.
 *
 * Takes uldf_device.lock.
 */
#include <linux/dma-mapping.h>

#include "dma/bare_device.h"

/* Locks the device until uldf_bare_leave() and sets the space's mask. Returns 0; -ENODEV gone; -ERANGE. */
int uldf_bare_enter(struct uldf_bare *bare, struct device **out)
{
	int ret = uldf_device_enter(bare->udev);

	if (ret)
		return ret;
	*out = &bare->udev->pdev->dev;
	/* another space of the same device may have set another mask */
	ret = dma_set_mask_and_coherent(*out, bare->space->mask) ? -ERANGE : 0;
	if (ret)
		uldf_device_leave(bare->udev);
	return ret;
}

void uldf_bare_leave(struct uldf_bare *bare)
{
	uldf_device_leave(bare->udev);
}
