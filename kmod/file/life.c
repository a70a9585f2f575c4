// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a claimed device, from probe() to remove().
 *
 * uldf_life_end() stops the device and gives back what uldf_life_begin() took, in reverse; a file that is
 * still open keeps only the memory of the object. Both run under device_lock and take uldf_device.lock.
 */
#include <linux/module.h>

#include "claim/claim.h"
#include "claim/functions.h"
#include "core/trace.h"
#include "dma/bare.h"
#include "dma/group.h"
#include "dma/space.h"
#include "file/file.h"
#include "file/life.h"
#include "file/quiesce.h"
#include "file/stats.h"
#include "irq/event.h"
#include "irq/intx.h"
#include "irq/shared.h"
#include "irq/vector.h"
#include "pci/config.h"
#include "pci/filter.h"
#include "pci/region.h"
#include "pci/reset.h"

/*
 * Stops the device for good: from here on a file that is still open gets -ENODEV. Returns the space that the
 * caller puts without locks, or NULL.
 */
static struct uldf_space *device_end(struct uldf_device *udev)
{
	struct uldf_space *space;

	mutex_lock(&udev->lock);
	space = uldf_quiesce(udev);
	uldf_bare_end(udev);
	uldf_device_set_gone(udev);
	uldf_events_tell(udev, ULDF_EVENTS_REMOVED);
	mutex_unlock(&udev->lock);
	return space;
}

/**
 * uldf_life_begin - make a device ours
 * @pdev: the device, bound to our driver, its lock held
 * @reason: room for ULDF_REASON_SIZE bytes: why not
 *
 * The object of the device becomes its driver data. Bus mastering is off until a holder who attached the device
 * to a space switches it on. A device that is refused for its group or its addresses is not touched.
 *
 * Return: 0 or negative errno
 */
int uldf_life_begin(struct pci_dev *pdev, char *reason)
{
	struct uldf_space *space = NULL;
	struct uldf_device *udev;
	int line, ret;

	ret = uldf_device_alloc(pdev, &udev);
	if (ret)
		return ret;
	udev->dev.groups = uldf_stats_groups;
	cdev_init(&udev->cdev, &uldf_file_ops);
	udev->cdev.owner = THIS_MODULE;
	ret = uldf_group_get(pdev, reason, &udev->group);
	if (ret)
		goto err_put;
	ret = pci_request_regions(pdev, "uldf");
	if (ret) {
		snprintf(reason, ULDF_REASON_SIZE, "its addresses are in use");
		goto err_group;
	}
	uldf_config_find(udev);
	line = uldf_intx_silence(udev);
	ret = pci_enable_device(pdev);
	if (ret) {
		uldf_intx_end_silence(udev, line);
		snprintf(reason, ULDF_REASON_SIZE, "cannot be enabled, error %d", ret);
		goto err_regions;
	}
	pci_clear_master(pdev);
	ret = uldf_config_save(udev);
	uldf_intx_end_silence(udev, line);
	if (ret)
		goto err_config;
	uldf_vectors_init(udev);
	ret = uldf_shared_init(udev);
	if (ret)
		goto err_config;
	uldf_filter_init(udev);
	uldf_region_init(udev);
	pci_set_drvdata(pdev, udev);
	ret = uldf_quiesce_new(udev);
	if (ret) {
		snprintf(reason, ULDF_REASON_SIZE, "does not come back from its reset");
		goto err_regions_fini;
	}
	ret = cdev_device_add(&udev->cdev, &udev->dev);
	if (ret)
		goto err_end;
	return 0;

err_end:
	/* somebody may have opened the node already */
	space = device_end(udev);
err_regions_fini:
	uldf_region_fini(udev);
	pci_set_drvdata(pdev, NULL);
err_config:
	uldf_config_give_back(udev);
	pci_disable_device(pdev);
err_regions:
	pci_release_regions(pdev);
err_group:
	uldf_group_put(udev->group);
	uldf_space_put_later(space);
err_put:
	put_device(&udev->dev);
	return ret;
}

/**
 * uldf_life_end - end a claim
 * @udev: the device; its pdev's lock is held
 *
 * Drops the reference of uldf_life_begin(). Never waits for the holder of an open file.
 */
void uldf_life_end(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;
	struct uldf_space *space;

	uldf_functions_drop(udev);
	cdev_device_del(&udev->cdev, &udev->dev);
	space = device_end(udev);
	uldf_region_fini(udev);
	pci_set_drvdata(pdev, NULL);
	if (pci_device_is_present(pdev))
		uldf_config_give_back(udev);
	pci_disable_device(pdev);
	pci_release_regions(pdev);
	uldf_group_put(udev->group);
	uldf_space_put_later(space);
	dev_info(&pdev->dev, "released, %s%s\n", uldf_reset_name(udev->reset),
		 uldf_config_can_interrupt(udev) ? "; nothing keeps it from interrupting" : "");
	trace_uldf_release(pdev, udev->reset);
	put_device(&udev->dev);
}
