// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets a bus, for devices that cannot be reset alone. Callers: a holder's call, the last close, and a
 * claim or release by the control node. remove() cannot call this: the driver core holds one device's
 * lock then, and the locks of a bus have an order.
 *
 * This file waits for each of these locks, in the order in which the kernel's own resets of a bus take them
 * (pci_reset_bus(), the reset after a fatal AER error):
 *
 *	pci_lock_rescan_remove	keeps functions from coming and going; not for a slot, see slot_reset()
 *	device_lock of the bridge above: one for the bus, so there is one reset of it at a time
 *	device_lock of each function, in the order of bus->devices
 *	uldf_device.lock of each, in the same order
 *
 * AER walks a bus with pci_bus_sem held and takes device_lock under it, so this file lists the functions
 * before it takes any device_lock. The kernel takes pci_bus_sem for reading while it waits for a bus that was
 * reset; writers hold the rescan lock, so no writer queues up between that reader and AER's walk.
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

/* A bus that is to be reset. Holds a reference to each function and, after bus_lock(), its locks. */
struct bus {
	struct pci_dev *bridge;
	struct uldf_device
		*holder; /* the device whose holder asks; NULL: nobody may have any device open */
	struct pci_dev *function[FUNCTIONS_MAX];
	struct uldf_device *udev[FUNCTIONS_MAX];
	unsigned int count;
	unsigned int entered; /* how many of @udev have their lock held */
};

/* ---- its functions and their locks ------------------------------------------------------------- */

struct walk {
	struct bus *bus;
	const struct pci_bus *pci_bus;
	bool refused;
};

/* Lists a function. Ends the walk at one of another driver or below another bridge: it must not be reset. */
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

/* Lists the functions, which the held rescan lock keeps in place. Returns whether all may be reset. */
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

/* Has the device virtual functions, or a holder other than the one who asks? Its lock is held. */
static bool is_used(const struct bus *bus, const struct uldf_device *udev)
{
	bool open = udev->opened && !udev->closing && !udev->gone;

	return udev->functions || (open && udev != bus->holder);
}

/* Takes all locks. Returns whether the bus may be reset; the caller calls bus_unlock() in either case. */
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

/* ---- each function before and after the reset ------------------------------------------------------ */

/* Stops a device that nobody has open, so that nothing is in flight when it is reset. */
static void device_stop(struct uldf_device *udev)
{
	if (uldf_power_up(udev))
		uldf_power_forget(udev);
	uldf_vectors_quiet(udev);
	uldf_command_stop_master(udev);
	pci_wait_for_pending_transaction(udev->pdev);
}

/* Restores the configuration of a device that nobody has open; @ret: 0 if it was reset, or an error. */
static void device_restart(struct uldf_device *udev, int ret)
{
	uldf_config_restore(udev);
	udev->reset_since_open = !ret;
	if (!ret)
		udev->reset = ULDF_RESET_BUS;
}

/* Prepares a device whose holder uses it again after the reset. Returns with memory_lock held for writing. */
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

/* Tells the IOMMU to expect no answers (ATS) from the functions until iommu_resume(). */
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

/* Waits for all functions: the kernel waits for the first, and not below a bridge to conventional PCI. */
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

/* The holder's device has begun in holder_stop(). */
static int bridge_reset(struct bus *bus)
{
	unsigned int i;
	int ret;

	for (i = 0; i < bus->count; i++)
		if (bus->udev[i] != bus->holder)
			uldf_reset_begin(bus->udev[i]);
	ret = pci_bridge_secondary_bus_reset(bus->bridge);
	if (!ret)
		ret = functions_wait(bus);
	for (i = 0; i < bus->count; i++)
		if (bus->udev[i] != bus->holder)
			mutex_acquire_nest(&bus->udev[i]->lock.dep_map, 0, 1,
					   &bus->bridge->dev.mutex.dep_map, _THIS_IP_);
	return ret;
}

/* Resets the bus; bus_lock() has taken all locks and returned true. */
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
	/* last, because it returns with memory_lock held */
	if (bus->holder)
		holder_stop(bus->holder);
	for (i = 0; i < bus->count; i++)
		pci_write_config_word(bus->function[i], PCI_COMMAND, PCI_COMMAND_INTX_DISABLE);
	ret = bridge_reset(bus);
	iommu_resume(bus);
	if (bus->holder)
		holder_restart(bus->holder);
	for (i = 0; i < bus->count; i++)
		if (bus->udev[i] != bus->holder)
			device_restart(bus->udev[i], ret);
	resets_count(bus, ret);
	/* the kernel returns -ENOTTY for a timeout */
	return ret ? -ETIMEDOUT : 0;
}

/* Can the bus be reset by its bridge? Not in a slot: its hot-plug driver would take that for an unplug. */
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
 * Resets a function that is alone in its slot or on its bus, by the kernel's method for such a function,
 * which tells the hot-plug driver. That driver's lock comes before the rescan lock, so this does not take
 * the latter.
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

/* Returns 1 if a device that nobody has open still needs a reset; else what uldf_bus_reset() is to return. */
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
 * uldf_bus_reset - reset a device with its bus, if nobody uses another device there
 * @pdev: the device; the caller has a reference
 * @holder: the device again, if its holder asks; NULL: it is claimed, and nobody has it open or its file is
 *          being closed
 *
 * Every other function of the bus must be claimed and not open; otherwise no device is disturbed. After
 * the reset each device without a holder has reset_since_open set until it is opened, and uldf_quiesce()
 * reports ULDF_RESET_BUS for it; without @holder this does nothing for a device that has it set already,
 * and leaves a device that has a reset of its own to uldf_reset(). Bus mastering is off afterwards.
 *
 * Context: takes the locks that the head of this file lists; the caller may hold claim_lock and no other
 * lock.
 *
 * Return: 0; -EOPNOTSUPP it was not reset, for one of these reasons; -ENODEV the device was taken from
 * its holder; -ETIMEDOUT a device does not come back; what uldf_reset_iommu_prepare() returns
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
