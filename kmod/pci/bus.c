// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resetting a bus, for devices that nothing resets alone. Callers: a holder's call, the last close, a claim and
 * a release by the control node. remove() is no caller: the driver core holds one device's lock then, and
 * the locks of a bus have an order.
 *
 * The locks of a bus, each waited for, none tried, in the order in which the kernel's own resets of a bus take
 * them (pci_reset_bus(), the reset after a fatal AER error):
 *
 *	pci_lock_rescan_remove	nobody adds or removes functions; not for a slot, see slot_reset()
 *	device_lock of the bridge above: the one lock of the bus, so one reset of it at a time
 *	device_lock of each function, in the order of bus->devices
 *	uldf_device.lock of each, in the same order
 *
 * pci_bus_sem comes before device_lock, because AER walks a bus with it. So the functions are listed before
 * any device_lock is taken. The kernel takes pci_bus_sem for reading while it waits for a bus that was reset;
 * writers hold the rescan lock, so none stands between that and AER's walk.
 */
#include <linux/delay.h>

#include "core/compat.h"
#include "core/trace.h"
#include "device/command.h"
#include "irq/vector.h"
#include "pci/bus.h"
#include "pci/config.h"
#include "pci/power.h"
#include "pci/reset.h"

#define FUNCTIONS_MAX 32
#define ANSWER_MS     1100 /* PCI 3.0 section 4.3.2: Tpvrh and Trhfa */

/* A bus that is to be reset; each function with a reference and, once locked, its locks. */
struct bus {
	struct pci_dev *bridge;
	struct uldf_device
		*holder; /* who asks for its own device; NULL: nobody may have any open */
	struct pci_dev *function[FUNCTIONS_MAX];
	struct uldf_device *udev[FUNCTIONS_MAX];
	unsigned int count;
	unsigned int entered; /* of udev, those whose lock is held */
};

/* ---- its functions and their locks ------------------------------------------------------------- */

struct walk {
	struct bus *bus;
	const struct pci_bus *pci_bus;
	bool refused;
};

/* Ends the walk at what must not be reset along: functions of other drivers, and all below another bridge. */
static int function_add(struct pci_dev *pdev, void *data)
{
	struct walk *walk = data;
	struct bus *bus = walk->bus;

	walk->refused =
		pdev->bus != walk->pci_bus || bus->count == FUNCTIONS_MAX || !uldf_driver_has(pdev);
	if (walk->refused)
		return -EBUSY;
	bus->function[bus->count++] = pci_dev_get(pdev);
	return 0;
}

/* Lists the functions; the rescan lock is held, so that they stay. Returns whether all are claimed. */
static bool functions_get(struct bus *bus, struct pci_bus *pci_bus)
{
	struct walk walk = {.bus = bus, .pci_bus = pci_bus};

	pci_walk_bus(pci_bus, function_add, &walk);
	return !walk.refused;
}

static void functions_put(struct bus *bus)
{
	while (bus->count)
		pci_dev_put(bus->function[--bus->count]);
}

/* Has somebody a use for the device as it is? Its lock is held. */
static bool is_used(const struct bus *bus, const struct uldf_device *udev)
{
	bool open = udev->opened && !udev->closing && !udev->gone;

	return udev->functions || (open && udev != bus->holder);
}

/* Takes all locks. Returns whether the bus may be reset; to be unlocked in any case. */
static bool bus_lock(struct bus *bus)
{
	bool held = !bus->holder;
	unsigned int i;

	pci_dev_lock(bus->bridge);
	for (i = 0; i < bus->count; i++)
		pci_dev_lock(bus->function[i]);
	for (i = 0; i < bus->count; i++) {
		struct uldf_device *udev = uldf_device_of(bus->function[i]);

		if (!udev)
			return false;
		mutex_lock_nest_lock(&udev->lock, &bus->bridge->dev.mutex);
		bus->udev[bus->entered++] = udev;
		if (is_used(bus, udev))
			return false;
		held |= udev == bus->holder && !udev->gone;
	}
	return held;
}

static void bus_unlock(struct bus *bus)
{
	unsigned int i;

	while (bus->entered)
		mutex_unlock(&bus->udev[--bus->entered]->lock);
	for (i = bus->count; i--;)
		pci_dev_unlock(bus->function[i]);
	pci_dev_unlock(bus->bridge);
}

/* ---- what is done to each function ----------------------------------------------------------------- */

/* Stops a device that nobody has open, so that its reset cuts nothing short. */
static void device_stop(struct uldf_device *udev)
{
	if (uldf_power_up(udev))
		uldf_power_forget(udev);
	uldf_vectors_quiet(udev);
	uldf_command_stop_master(udev);
	pci_wait_for_pending_transaction(udev->pdev);
}

/* The device was reset, or was not, as @ret tells. */
static void device_restart(struct uldf_device *udev, int ret)
{
	uldf_config_restore(udev);
	udev->reset_since_open = !ret;
	if (!ret)
		udev->reset = ULDF_RESET_BUS;
}

/* The same for a device whose holder goes on with it afterwards. */
static void holder_stop(struct uldf_device *udev)
{
	udev->resetting = true;
	uldf_reset_prepare(udev->pdev);
	pci_save_state(udev->pdev);
}

static void holder_restart(struct uldf_device *udev)
{
	pci_restore_state(udev->pdev);
	uldf_reset_done(udev->pdev);
	udev->resetting = false;
	uldf_command_stop_master(udev);
}

static void resets_count(struct bus *bus, int ret)
{
	unsigned int i;

	for (i = 0; i < bus->entered; i++) {
		if (!ret)
			bus->udev[i]->resets++;
		trace_uldf_reset(bus->udev[i]->pdev, ret ? ULDF_RESET_NONE : ULDF_RESET_BUS);
	}
}

/* ---- resetting ----------------------------------------------------------------------------------- */

/* The IOMMU has to expect no answer of the functions (ATS) until iommu_resume(). */
static int iommu_suspend(struct bus *bus)
{
	unsigned int i;
	int ret;

	for (i = 0; i < bus->count; i++) {
		ret = uldf_reset_iommu_prepare(bus->function[i]);
		if (ret)
			goto err_done;
	}
	return 0;

err_done:
	while (i--)
		uldf_reset_iommu_done(bus->function[i]);
	return ret;
}

static void iommu_resume(struct bus *bus)
{
	unsigned int i;

	for (i = 0; i < bus->count; i++)
		uldf_reset_iommu_done(bus->function[i]);
}

/* The kernel waits for the first function of a bus only, and not below a bridge to conventional PCI. */
static int functions_wait(struct bus *bus)
{
	unsigned int i, waited = 0;

	for (i = 0; i < bus->count; i++) {
		while (!pci_device_is_present(bus->function[i])) {
			if (waited >= ANSWER_MS)
				return -ETIMEDOUT;
			msleep(10);
			waited += 10;
		}
	}
	return 0;
}

/* All locks are held, and the bus may be reset. */
static int functions_reset(struct bus *bus)
{
	unsigned int i;
	int ret;

	ret = iommu_suspend(bus);
	if (ret)
		return ret;
	for (i = 0; i < bus->count; i++)
		if (bus->udev[i] != bus->holder)
			device_stop(bus->udev[i]);
	/* the last: it keeps memory_lock */
	if (bus->holder)
		holder_stop(bus->holder);
	for (i = 0; i < bus->count; i++)
		pci_write_config_word(bus->function[i], PCI_COMMAND, PCI_COMMAND_INTX_DISABLE);
	ret = pci_bridge_secondary_bus_reset(bus->bridge);
	if (!ret)
		ret = functions_wait(bus);
	iommu_resume(bus);
	if (bus->holder)
		holder_restart(bus->holder);
	for (i = 0; i < bus->count; i++)
		if (bus->udev[i] != bus->holder)
			device_restart(bus->udev[i], ret);
	resets_count(bus, ret);
	/* -ENOTTY is a time out */
	return ret ? -ETIMEDOUT : 0;
}

/* The hot-plug driver of a slot would take a reset behind its back for an unplugging. */
static bool bus_resets(struct pci_bus *pci_bus)
{
	return !pci_bus->self->is_hotplug_bridge && !pci_probe_reset_bus(pci_bus);
}

static int bus_reset(struct bus *bus, struct pci_bus *pci_bus)
{
	int ret = -ENOTTY;

	pci_lock_rescan_remove();
	if (bus_resets(pci_bus) && functions_get(bus, pci_bus)) {
		if (bus_lock(bus))
			ret = functions_reset(bus);
		bus_unlock(bus);
	}
	functions_put(bus);
	pci_unlock_rescan_remove();
	return ret;
}

/*
 * Resets a function that has its slot or bus for itself by the kernel's method for that, which tells the
 * hot-plug driver. That driver's lock comes before the rescan lock, so the rescan lock is not taken.
 */
static int slot_reset(struct bus *bus, struct pci_dev *pdev)
{
	int ret = -ENOTTY;

	bus->function[bus->count++] = pci_dev_get(pdev);
	if (bus_lock(bus)) {
		if (!bus->holder)
			device_stop(bus->udev[0]);
		ret = uldf_reset_with_slot(bus->udev[0]);
		if (!bus->holder)
			device_restart(bus->udev[0], ret);
		else if (ret != -ENOTTY)
			uldf_command_stop_master(bus->udev[0]);
		if (ret != -ENOTTY)
			resets_count(bus, ret);
	}
	bus_unlock(bus);
	functions_put(bus);
	return ret;
}

/* Is there anything to do for a device that nobody has open? Returns 1, or what uldf_bus_reset() returns. */
static int reset_is_due(struct pci_dev *pdev)
{
	struct uldf_device *udev;
	int ret = -EOPNOTSUPP;

	device_lock(&pdev->dev);
	udev = uldf_device_of(pdev);
	if (udev && pci_device_is_present(pdev)) {
		mutex_lock(&udev->lock);
		ret = !udev->reset_since_open;
		mutex_unlock(&udev->lock);
	}
	device_unlock(&pdev->dev);
	return ret;
}

/**
 * uldf_bus_reset - reset a device with its bus, if nobody has a use for anything else there
 * @pdev: the device; the caller has a reference
 * @holder: the device again, if its holder asks; NULL: it is claimed, and nobody has it open or its file is
 *          being closed
 *
 * Every other function of the bus must be claimed, and nobody may have it open; else nothing is disturbed. All
 * that were reset and have no holder remember it until they are opened (reset_since_open), and
 * uldf_quiesce() tells ULDF_RESET_BUS of them; for a device that remembers it already nothing is done.
 * Without @holder a device that has a reset of its own is left to uldf_reset(). Bus mastering is off afterwards.
 *
 * Context: takes all that the head of this file lists; claim_lock may be held, any other lock may not.
 *
 * Return: 0; -EOPNOTSUPP it was not reset, for any of these reasons; -ENODEV @holder's device was taken from it;
 * -ETIMEDOUT a device does not come back; what 7.2's IOMMU core says
 */
int uldf_bus_reset(struct pci_dev *pdev, struct uldf_device *holder)
{
	struct bus bus = {.bridge = pdev->bus->self, .holder = holder};
	int ret;

	if (!bus.bridge || (!holder && uldf_reset_is_own(pdev)))
		return -EOPNOTSUPP;
	if (!holder) {
		ret = reset_is_due(pdev);
		if (ret <= 0)
			return ret;
	}
	ret = pdev->reset_methods[0] ? slot_reset(&bus, pdev) : -ENOTTY;
	if (ret == -ENOTTY)
		ret = bus_reset(&bus, pdev->bus);
	if (ret != -ENOTTY)
		return ret;
	return holder && READ_ONCE(holder->gone) ? -ENODEV : -EOPNOTSUPP;
}
