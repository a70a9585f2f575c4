// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power states: D0, and D3hot, in which a device answers only configuration cycles (PCI PM 1.2 section 5.4.1)
 * and may lose all its registers.
 *
 * While a device sleeps accesses return -EIO and page faults raise SIGBUS, because uldf_command records
 * no decoding; INTx is suspended as in a reset. Bus mastering goes off before, and comes back with the
 * configuration only if the device is still attached to a space. A device with virtual functions stays
 * awake: they would stop with it, and others may have them. Takes memory_lock under uldf_device.lock,
 * which callers of uldf_power_up() hold; ULDF_DEVICE_POWER takes the rescan lock and device_lock first.
 */
#include <linux/pci.h>

#include "device/command.h"
#include "device/gate.h"
#include "irq/event.h"
#include "irq/intx.h"
#include "pci/power.h"

static int power_down(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;
	int ret;

	uldf_intx_suspend(udev);
	down_write(&udev->memory_lock);
	uldf_gate_zap(udev);
	uldf_command_sleep(udev);
	pci_wait_for_pending_transaction(pdev);
	pci_save_state(pdev);
	ret = pci_set_power_state(pdev, PCI_D3hot);
	if (!ret && pdev->current_state != PCI_D3hot)
		ret = -EIO;
	if (ret)
		uldf_command_wake(udev);
	up_write(&udev->memory_lock);
	if (ret)
		uldf_intx_resume(udev);
	return ret;
}

/**
 * uldf_power_up - bring a device back to D0, if it is not there, with its configuration
 * @udev: the device, its lock held
 *
 * The PCI core may take pci_bus_sem, under which it takes the device's lock when it walks a bus after an error.
 * Callers hold the rescan lock, which keeps away those who would take pci_bus_sem for writing in between, or
 * device_lock alone for a reset, as the PCI core's own resets do;
 * uldf_power_wake() sees to it that the others find the device awake.
 *
 * Return: 0; -EIO or the PCI core's error, the device stays asleep
 */
int uldf_power_up(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;
	int ret;

	if (!udev->asleep)
		return 0;
	down_write(&udev->memory_lock);
	ret = pci_set_power_state(pdev, PCI_D0);
	if (!ret && pdev->current_state != PCI_D0)
		ret = -EIO;
	if (!ret) {
		pci_restore_state(pdev);
		uldf_command_wake(udev);
	}
	up_write(&udev->memory_lock);
	if (!ret)
		uldf_intx_resume(udev);
	return ret;
}

/**
 * uldf_power_wake - bring a device back to D0 before it is taken from its holder
 * @udev: the device
 *
 * Context: takes the rescan lock, device_lock and uldf_device.lock
 */
void uldf_power_wake(struct uldf_device *udev)
{
	if (!READ_ONCE(udev->asleep))
		return;
	pci_lock_rescan_remove();
	device_lock(&udev->pdev->dev);
	mutex_lock(&udev->lock);
	if (!udev->gone && pci_device_is_present(udev->pdev))
		uldf_power_up(udev);
	mutex_unlock(&udev->lock);
	device_unlock(&udev->pdev->dev);
	pci_unlock_rescan_remove();
}

/* Notes that the device is in D0, because it was reset or is gone. */
void uldf_power_forget(struct uldf_device *udev)
{
	if (!udev->asleep)
		return;
	down_write(&udev->memory_lock);
	pci_set_power_state(udev->pdev, PCI_D0);
	uldf_command_wake(udev);
	up_write(&udev->memory_lock);
	uldf_intx_resume(udev);
}

static int power_change(struct uldf_device *udev, u32 state)
{
	if (!udev->gate)
		return -ENODEV;
	if (!udev->pdev->pm_cap)
		return -EOPNOTSUPP;
	if (state == 0)
		return uldf_power_up(udev);
	if (udev->functions)
		return -EBUSY;
	return udev->asleep ? 0 : power_down(udev);
}

static int device_power(void *object, void *arg)
{
	struct uldf_ioc_device_power *power = arg;
	struct uldf_device *udev = object;
	int ret;

	if (power->flags || power->pad || (power->state != 0 && power->state != 3))
		return -EINVAL;
	pci_lock_rescan_remove();
	/* keeps the holder from making virtual functions meanwhile */
	device_lock(&udev->pdev->dev);
	ret = uldf_device_enter(udev);
	if (!ret) {
		ret = power_change(udev, power->state);
		uldf_device_leave(udev);
	}
	device_unlock(&udev->pdev->dev);
	pci_unlock_rescan_remove();
	return ret;
}

const struct uldf_call uldf_power_calls[] = {
	{ULDF_DEVICE_POWER, offsetofend(struct uldf_ioc_device_power, pad), .run = device_power},
	{},
};

/* ---- the machine's sleep ------------------------------------------------------------------------ */

/*
 * Switches bus mastering off: while the machine sleeps the IOMMU may be off and the device on. The PCI core
 * saves and restores the configuration, because the driver has operations for sleep.
 */
static int power_suspend(struct device *dev)
{
	struct uldf_device *udev = dev_get_drvdata(dev);

	mutex_lock(&udev->lock);
	uldf_command_stop_master(udev);
	uldf_command_forget_master(udev);
	mutex_unlock(&udev->lock);
	return 0;
}

/* Tells the holder of a reset, since the device may have lost its registers. */
static int power_resume(struct device *dev)
{
	struct uldf_device *udev = dev_get_drvdata(dev);

	mutex_lock(&udev->lock);
	uldf_events_tell(udev, ULDF_EVENTS_RESET);
	mutex_unlock(&udev->lock);
	return 0;
}

const struct dev_pm_ops uldf_pm_ops = {
	.suspend = power_suspend,
	.freeze = power_suspend,
	.poweroff = power_suspend,
	.resume = power_resume,
	.thaw = power_resume,
	.restore = power_resume,
};
