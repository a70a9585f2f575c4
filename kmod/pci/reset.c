// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets a device alone by the kernel's methods for its function, one at a time in the order of its
 * reset_method (FLR, AF FLR, PM, bus, unless the admin said otherwise), so that the module knows which one
 * worked. pci/bus.c resets a bus with all its devices.
 *
 * Takes device_lock, uldf_device.lock (both held by the caller), memory_lock.
 */
#include "core/compat.h"
#include "core/trace.h"
#include "device/command.h"
#include "device/gate.h"
#include "irq/event.h"
#include "irq/intx.h"
#include "pci/config.h"
#include "pci/power.h"
#include "pci/reset.h"

/* ---- what lockdep is told ------------------------------------------------------------------------ */

/**
 * uldf_reset_begin - say that the PCI core resets a device
 * @udev: the device; its lock is held, and stays so, and its pdev's lock, by this thread or for it
 *
 * During a reset the PCI core takes pci_bus_sem; after an error it takes device_lock, and its callbacks ours, with
 * pci_bus_sem held. Both hold device_lock, so no two of them have our locks in either order, which lockdep
 * cannot know: it does not judge device_lock. For it our locks are not held until uldf_reset_end(), which
 * takes them back like one who cannot have to wait.
 */
void uldf_reset_begin(struct uldf_device *udev)
{
	mutex_release(&udev->lock.dep_map, _THIS_IP_);
}

void uldf_reset_end(struct uldf_device *udev)
{
	mutex_acquire(&udev->lock.dep_map, 0, 1, _THIS_IP_);
}

/* ---- called round every reset of the function, also one by sysfs, under device_lock -------------- */

void uldf_reset_prepare(struct pci_dev *pdev)
{
	struct uldf_device *udev = pci_get_drvdata(pdev);

	if (!udev)
		return;
	/* whoever sets resetting holds the device's lock already */
	if (!udev->resetting)
		mutex_lock(&udev->lock);
	/* first, or the kernel would save and restore the configuration of a device in D3hot */
	uldf_power_up(udev);
	uldf_intx_suspend(udev);
	/* the kernel writes the MSI-X table again after the reset, so the device has to decode it */
	udev->command.undecoded = uldf_command_decode_begin(udev);
	uldf_gate_zap(udev);
	rwsem_release(&udev->memory_lock.dep_map, _THIS_IP_);
	uldf_reset_begin(udev);
}

void uldf_reset_done(struct pci_dev *pdev)
{
	struct uldf_device *udev = pci_get_drvdata(pdev);

	if (!udev)
		return;
	uldf_reset_end(udev);
	rwsem_acquire(&udev->memory_lock.dep_map, 0, 1, _THIS_IP_);
	uldf_command_decode_end(udev, udev->command.undecoded);
	uldf_intx_resume(udev);
	if (!udev->resetting) {
		uldf_events_tell(udev, ULDF_EVENTS_RESET);
		mutex_unlock(&udev->lock);
	}
}

/* ---- this function alone ------------------------------------------------------------------------ */

static u32 method_name(u8 method)
{
	switch (method) {
	case ULDF_KERNEL_RESET_FLR:
		return ULDF_RESET_FLR;
	case ULDF_KERNEL_RESET_AF:
		return ULDF_RESET_AF;
	case ULDF_KERNEL_RESET_PM:
		return ULDF_RESET_PM;
	case ULDF_KERNEL_RESET_BUS:
		return ULDF_RESET_BUS;
	default:
		return ULDF_RESET_FUNCTION;
	}
}

/* Makes the kernel try one of its methods; the caller holds device_lock and pci_cfg_access_lock(). */
static int method_run(struct pci_dev *pdev, u8 method)
{
	u8 all[PCI_NUM_RESET_METHODS], one[PCI_NUM_RESET_METHODS] = {method};
	int ret;

	memcpy(all, pdev->reset_methods, sizeof(all));
	memcpy(pdev->reset_methods, one, sizeof(one));
	ret = pci_reset_function_locked(pdev);
	/* unless the admin wrote another list meanwhile */
	if (!memcmp(pdev->reset_methods, one, sizeof(one)))
		memcpy(pdev->reset_methods, all, sizeof(all));
	return ret;
}

/*
 * Makes the kernel try one method. The kernel leaves it to the caller to lock the bridge above. The bridge's
 * lock comes before the device's, which is held, so this only tries it; uldf_bus_reset() waits for it.
 */
static int method_try(struct pci_dev *pdev, u8 method)
{
	struct pci_dev *bridge = method == ULDF_KERNEL_RESET_BUS ? pdev->bus->self : NULL;
	int ret;

	if (bridge && !pci_cfg_access_trylock(bridge))
		return -ENOTTY;
	ret = method_run(pdev, method);
	if (bridge)
		pci_cfg_access_unlock(bridge);
	return ret;
}

static int reset_function(struct pci_dev *pdev, u32 *method)
{
	u8 methods[PCI_NUM_RESET_METHODS];
	int ret = -ENOTTY, i;

	memcpy(methods, pdev->reset_methods, sizeof(methods));
	for (i = 0; i < ARRAY_SIZE(methods) && methods[i]; i++) {
		ret = method_try(pdev, methods[i]);
		if (!ret)
			*method = method_name(methods[i]);
		/* any other error means that the device is broken; the methods left would not help */
		if (ret != -ENOTTY)
			break;
		/* the kernel waits a minute for a device that does not come back: wait only once */
		if (!pci_device_is_present(pdev))
			return -ETIMEDOUT;
	}
	return ret;
}

/**
 * uldf_reset_is_own - say whether some method resets a function without its slot or bus
 * @pdev: the function; the admin may change its methods at any time
 *
 * Return: whether there is one
 */
bool uldf_reset_is_own(const struct pci_dev *pdev)
{
	int i;

	for (i = 0; i < PCI_NUM_RESET_METHODS && pdev->reset_methods[i]; i++)
		if (pdev->reset_methods[i] != ULDF_KERNEL_RESET_BUS)
			return true;
	return false;
}

/**
 * uldf_reset_with_slot - reset a function by its slot, or by its bus, which has no other function
 * @udev: the device; the locks of the bridge above and of its pdev are held, and its own
 *
 * Return: 0; -ENOTTY the kernel has no such method for it, or has other ones; -ETIMEDOUT it does not come
 * back
 */
int uldf_reset_with_slot(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;
	int ret;

	if (uldf_reset_is_own(pdev) || !pdev->reset_methods[0])
		return -ENOTTY;
	udev->resetting = true;
	ret = method_run(pdev, ULDF_KERNEL_RESET_BUS);
	udev->resetting = false;
	return ret == -ENOTTY && !pci_device_is_present(pdev) ? -ETIMEDOUT : ret;
}

/* Returns the words for an enum uldf_ioc_reset_method in the log. */
const char *uldf_reset_name(u32 method)
{
	static const char *const names[] = {
		[ULDF_RESET_NONE] = "not reset",    [ULDF_RESET_QUIESCED] = "stopped",
		[ULDF_RESET_FUNCTION] = "reset",    [ULDF_RESET_FLR] = "reset (FLR)",
		[ULDF_RESET_AF] = "reset (AF FLR)", [ULDF_RESET_PM] = "reset (PM)",
		[ULDF_RESET_BUS] = "reset (bus)",
	};

	return names[method];
}

/**
 * uldf_reset - reset a device by the first of its own methods that works
 * @udev: the device; its pdev's lock and its own are held
 * @method: out: which method worked, of enum uldf_ioc_reset_method; untouched on failure
 *
 * If no method applies the device goes on undisturbed; otherwise bus mastering is off afterwards. See
 * uldf_bus_reset() for a device that has no method of its own. The kernel waits one minute for a device that
 * never answers again.
 *
 * Return: 0; -EOPNOTSUPP no method resets it; the error of the method that failed
 */
int uldf_reset(struct uldf_device *udev, u32 *method)
{
	struct pci_dev *pdev = udev->pdev;
	int ret;

	udev->resetting = true;
	pci_cfg_access_lock(pdev);
	ret = reset_function(pdev, method);
	pci_cfg_access_unlock(pdev);
	udev->resetting = false;
	/* it was off during the reset, but the kernel restored it with the rest of the configuration */
	if (ret != -ENOTTY)
		uldf_command_stop_master(udev);
	if (!ret)
		udev->resets++;
	trace_uldf_reset(pdev, ret ? ULDF_RESET_NONE : *method);
	return ret == -ENOTTY ? -EOPNOTSUPP : ret;
}
