// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual functions (PCIe 6.0 section 9) of a claimed physical function: made by its holder, ended with
 * its last close at the latest.
 *
 * No host driver may have them: each gets driver_override "uldf" before any driver sees it, and our own
 * takes one only when it is claimed (claim.c). What that needs is allocated before the first is made, so
 * none slips through for want of memory.
 *
 * They are made and ended under device_lock of the physical function, and the PCI core's lock against
 * hot-plug, which only an unbinding by sysfs does not hold. Removing a claimed one stops it as every claim
 * ends, so that is done before the physical function is stopped, without uldf_device.lock.
 */
#include <linux/device/bus.h>
#include <linux/slab.h>

#include "claim/functions.h"
#include "core/compat.h"
#include "core/trace.h"

static void overrides_free(struct uldf_device *udev)
{
	while (udev->overrides_count)
		kfree(udev->overrides[--udev->overrides_count]);
	kfree(udev->overrides);
	udev->overrides = NULL;
}

static int overrides_alloc(struct uldf_device *udev, u32 count)
{
	udev->overrides = kcalloc(count, sizeof(*udev->overrides), GFP_KERNEL_ACCOUNT);
	if (!udev->overrides)
		return -ENOMEM;
	while (udev->overrides_count < count) {
		const char *name = kstrdup("uldf", GFP_KERNEL_ACCOUNT);

		if (!name) {
			overrides_free(udev);
			return -ENOMEM;
		}
		udev->overrides[udev->overrides_count++] = name;
	}
	return 0;
}

/* Is it a virtual function of a device that is claimed? */
bool uldf_functions_ours(struct pci_dev *pdev)
{
	return pdev->is_virtfn && uldf_driver_has(pci_physfn(pdev));
}

/* Called for a new device before any driver is. */
static int functions_notify(struct notifier_block *block, unsigned long action, void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);
	struct uldf_device *udev;

	if (action != BUS_NOTIFY_ADD_DEVICE || !uldf_functions_ours(pdev))
		return 0;
	udev = pci_get_drvdata(pci_physfn(pdev));
	if (udev && udev->overrides_count)
		kfree(uldf_override_swap(pdev, udev->overrides[--udev->overrides_count]));
	return 0;
}

static struct notifier_block functions_block = {
	.notifier_call = functions_notify,
};

int uldf_functions_init(void)
{
	return bus_register_notifier(&pci_bus_type, &functions_block);
}

void uldf_functions_fini(void)
{
	bus_unregister_notifier(&pci_bus_type, &functions_block);
}

static bool functions_claimed(struct pci_dev *pdev)
{
	struct pci_dev *function = NULL;
	bool claimed = false;

	while (!claimed && (function = pci_get_device(pdev->vendor, PCI_ANY_ID, function)))
		claimed = function->is_virtfn && pci_physfn(function) == pdev &&
			  READ_ONCE(function->dev.driver);
	pci_dev_put(function);
	return claimed;
}

static int functions_make(struct uldf_device *udev, u32 count)
{
	int ret;

	ret = overrides_alloc(udev, count);
	if (ret)
		return ret;
	ret = pci_enable_sriov(udev->pdev, count);
	if (!ret)
		udev->functions = count;
	trace_uldf_functions(udev->pdev, udev->functions);
	overrides_free(udev);
	return ret;
}

static int functions_change(struct uldf_device *udev, u32 count)
{
	int total = pci_sriov_get_totalvfs(udev->pdev);

	if (!udev->pdev->is_physfn || total <= 0)
		return -EOPNOTSUPP;
	if (count > total)
		return -EINVAL;
	if (count == udev->functions)
		return 0;
	if (functions_claimed(udev->pdev))
		return -EBUSY;
	uldf_functions_end(udev);
	return count ? functions_make(udev, count) : 0;
}

static int functions_set(void *object, void *arg)
{
	struct uldf_ioc_device_functions *functions = arg;
	struct uldf_device *udev = object;
	int ret;

	if (functions->flags || functions->pad)
		return -EINVAL;
	pci_lock_rescan_remove();
	device_lock(&udev->pdev->dev);
	ret = uldf_device_enter_awake(udev);
	if (!ret) {
		uldf_device_leave(udev);
		/* who removes it or puts it to sleep holds device_lock, so that does not happen meanwhile */
		ret = functions_change(udev, functions->count);
	}
	device_unlock(&udev->pdev->dev);
	pci_unlock_rescan_remove();
	return ret;
}

/**
 * uldf_functions_end - end the virtual functions of a device, claimed ones too
 * @udev: the device; its pdev's lock is held, its own is not
 */
void uldf_functions_end(struct uldf_device *udev)
{
	if (!udev->functions)
		return;
	pci_disable_sriov(udev->pdev);
	udev->functions = 0;
	trace_uldf_functions(udev->pdev, 0);
}

const struct uldf_call uldf_functions_calls[] = {
	{ULDF_DEVICE_FUNCTIONS, offsetofend(struct uldf_ioc_device_functions, pad),
	 .run = functions_set},
	{},
};
