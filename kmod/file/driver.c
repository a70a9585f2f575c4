// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI driver that claimed devices are bound to. The driver core calls its operations with the device's
 * lock held.
 */
#include "claim/claim.h"
#include "file/driver.h"
#include "file/error.h"
#include "file/life.h"
#include "pci/power.h"

static int driver_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	char reason[ULDF_REASON_SIZE] = "";
	int ret;

	ret = uldf_claim_admit(pdev, reason);
	if (!ret)
		ret = uldf_life_begin(pdev, reason);
	uldf_claim_settle(pdev, ret, reason);
	/* the driver core complains about any other error in the log */
	return ret ? -ENODEV : 0;
}

static void driver_remove(struct pci_dev *pdev)
{
	struct uldf_device *udev = pci_get_drvdata(pdev);

	uldf_claim_forget(udev);
	uldf_life_end(udev);
}

struct pci_driver uldf_pci_driver = {
	.name = "uldf",
	.probe = driver_probe,
	.remove = driver_remove,
	.err_handler = &uldf_error_handlers,
	.driver_managed_dma = true,
	.driver.pm = &uldf_pm_ops,
};
