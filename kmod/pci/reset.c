// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resetting a device: the methods of the kernel for this function alone, one at a time in the order of
 * its reset_method (FLR, AF FLR, PM, bus, unless the admin said otherwise), so that it is known which
 * one did it; then the bus, where everything else on it is claimed and nobody has it open.
 *
 * Takes device_lock, uldf_device.lock (both held by the caller), memory_lock. The locks of the other
 * functions of a bus are tried, not waited for: two resets may go on at once, from either end.
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

/* ---- every reset of the function, also by others (sysfs), under device_lock --------------------- */

void uldf_reset_prepare(struct pci_dev *pdev)
{
	struct uldf_device *udev = pci_get_drvdata(pdev);

	if (!udev)
		return;
	/* one of our own is made with the device's lock held */
	if (!udev->resetting)
		mutex_lock(&udev->lock);
	/* or the configuration that is saved round the reset would be that of a device in D3hot */
	uldf_power_up(udev);
	uldf_intx_suspend(udev);
	/* the kernel writes the MSI-X table anew after the reset, wherever it decodes */
	udev->command.undecoded = uldf_command_decode_begin(udev);
	uldf_gate_zap(udev);
}

void uldf_reset_done(struct pci_dev *pdev)
{
	struct uldf_device *udev = pci_get_drvdata(pdev);

	if (!udev)
		return;
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

/*
 * Has the kernel try one of its methods. It leaves the bridge above to the caller, whose lock is tried, not
 * waited for: a reset by sysfs takes it before the device's.
 */
static int reset_by_method(struct pci_dev *pdev, u8 method)
{
	u8 all[PCI_NUM_RESET_METHODS], one[PCI_NUM_RESET_METHODS] = {method};
	struct pci_dev *bridge = method == ULDF_KERNEL_RESET_BUS ? pdev->bus->self : NULL;
	int ret;

	if (bridge && !pci_cfg_access_trylock(bridge))
		return -ENOTTY;
	memcpy(all, pdev->reset_methods, sizeof(all));
	memcpy(pdev->reset_methods, one, sizeof(one));
	ret = pci_reset_function_locked(pdev);
	/* unless the admin wrote another list meanwhile */
	if (!memcmp(pdev->reset_methods, one, sizeof(one)))
		memcpy(pdev->reset_methods, all, sizeof(all));
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
		ret = reset_by_method(pdev, methods[i]);
		if (!ret)
			*method = method_name(methods[i]);
		/* any other failure says that the device is broken, and the methods left will not mend it */
		if (ret != -ENOTTY)
			break;
	}
	return ret;
}

/* ---- its bus ------------------------------------------------------------------------------------ */

#define SIBLINGS_MAX 31

/* The other functions of a device's bus, each with its locks held. */
struct siblings {
	struct pci_dev *pdev;
	struct uldf_device *udev[SIBLINGS_MAX];
	unsigned int count;
};

/* Takes the locks of a function that is claimed and that nobody has open, nor a virtual function of it. */
static struct uldf_device *sibling_lock(struct pci_dev *pdev)
{
	struct uldf_device *udev;

	if (!pci_dev_trylock(pdev))
		return NULL;
	udev = uldf_device_of(pdev);
	if (udev && mutex_trylock(&udev->lock)) {
		if ((!udev->opened || udev->gone) && !udev->functions)
			return udev;
		mutex_unlock(&udev->lock);
	}
	pci_dev_unlock(pdev);
	return NULL;
}

static void siblings_unlock(struct siblings *siblings)
{
	while (siblings->count--) {
		mutex_unlock(&siblings->udev[siblings->count]->lock);
		pci_dev_unlock(siblings->udev[siblings->count]->pdev);
	}
}

/* Returns nonzero for what must not be reset along, which ends the walk. */
static int sibling_add(struct pci_dev *pdev, void *data)
{
	struct siblings *siblings = data;
	struct uldf_device *sibling;

	if (pdev == siblings->pdev)
		return 0;
	if (pdev->bus != siblings->pdev->bus || siblings->count == SIBLINGS_MAX)
		return -EBUSY;
	sibling = sibling_lock(pdev);
	if (!sibling)
		return -EBUSY;
	siblings->udev[siblings->count++] = sibling;
	return 0;
}

struct siblings_walk {
	struct siblings *siblings;
	int ret;
};

/* What pci_walk_bus() answers differs between kernels. */
static int sibling_visit(struct pci_dev *pdev, void *data)
{
	struct siblings_walk *walk = data;

	walk->ret = sibling_add(pdev, walk->siblings);
	return walk->ret;
}

static int siblings_lock(struct siblings *siblings)
{
	struct siblings_walk walk = {.siblings = siblings};

	pci_walk_bus(siblings->pdev->bus, sibling_visit, &walk);
	if (walk.ret)
		siblings_unlock(siblings);
	return walk.ret;
}

/* The hot-plug driver of a slot would take a reset behind its back for an unplugging. */
static bool bus_resets(struct pci_bus *bus)
{
	return bus->self && !bus->self->is_hotplug_bridge && !pci_probe_reset_bus(bus);
}

static int reset_bus(struct pci_dev *pdev)
{
	struct siblings siblings = {.pdev = pdev};
	struct pci_dev *bridge = pdev->bus->self;
	int ret = -ENOTTY;
	unsigned int i;

	if (!bus_resets(pdev->bus) || siblings_lock(&siblings))
		return -ENOTTY;
	if (!pci_cfg_access_trylock(bridge))
		goto out;
	uldf_reset_prepare(pdev);
	pci_save_state(pdev);
	pci_write_config_word(pdev, PCI_COMMAND, PCI_COMMAND_INTX_DISABLE);
	ret = pci_bridge_secondary_bus_reset(bridge);
	pci_restore_state(pdev);
	uldf_reset_done(pdev);
	for (i = 0; i < siblings.count; i++) {
		uldf_config_restore(siblings.udev[i]);
		siblings.udev[i]->reset_since_open = !ret;
	}
	pci_cfg_access_unlock(bridge);
out:
	siblings_unlock(&siblings);
	return ret;
}

/* What a value of enum uldf_ioc_reset_method says in the log. */
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
 * uldf_reset - reset a device by the first method that works
 * @udev: the device; its pdev's lock and its own are held
 * @method: out: which, of enum uldf_ioc_reset_method; untouched on failure
 *
 * Where nothing can reset it the device goes on undisturbed; otherwise bus mastering is off.
 *
 * Return: 0; -EOPNOTSUPP nothing resets it; what the reset said
 */
int uldf_reset(struct uldf_device *udev, u32 *method)
{
	struct pci_dev *pdev = udev->pdev;
	int ret;

	udev->resetting = true;
	pci_cfg_access_lock(pdev);
	ret = reset_function(pdev, method);
	if (ret == -ENOTTY) {
		ret = reset_bus(pdev);
		if (!ret)
			*method = ULDF_RESET_BUS;
	}
	/* a device that does not come back from its reset is told as one that has none */
	if (ret == -ENOTTY && !pci_device_is_present(pdev))
		ret = -ETIMEDOUT;
	pci_cfg_access_unlock(pdev);
	udev->resetting = false;
	/* it was off during the reset, and came back with the rest of the configuration */
	if (ret != -ENOTTY)
		uldf_command_stop_master(udev);
	if (!ret)
		udev->resets++;
	trace_uldf_reset(pdev, ret ? ULDF_RESET_NONE : *method);
	return ret == -ENOTTY ? -EOPNOTSUPP : ret;
}
