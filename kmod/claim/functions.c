// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual functions (PCIe 6.0 section 9) of a claimed physical function: made by its holder, ended with
 * its last close at the latest.
 *
 * No host driver may have them: each gets driver_override "uldf" before any driver sees it, and our own
 * takes one only when it is claimed (claim.c). What that needs is allocated before the first is made, so
 * none slips through for want of memory.
 *
 * The IOMMU core puts a new function in its default domain, which with iommu=pt is all of memory. So the DMA of its
 * IOMMU group is taken as soon as the group is there, by a notifier that runs after the core's, and given back
 * just before the function goes, as the core wants no owner of an empty group. Between the core's notifier and ours
 * nobody can make the function master the bus: no driver may bind yet, and SR-IOV leaves its Bus Master
 * Enable off (section 9.3.4.1.3). A function whose group cannot be had ends with all others at once.
 *
 * Takes the rescan lock (hot-plug stays away), device_lock of the physical function (is it still claimed?), then
 * functions_lock, and lets go of device_lock before it makes or ends functions: the PCI core takes pci_bus_sem for
 * that, and AER waits for device_lock with pci_bus_sem held. remove() has device_lock and waits for
 * functions_lock, whose holder never waits for that device_lock. What remains is the driver core's remove()
 * of a device that has functions, by unbinding or unplug: it ends them under device_lock, like every
 * driver, so an error of the bus at the same moment hangs. A close or a release ends them before.
 */
#include <linux/delay.h>
#include <linux/device/bus.h>
#include <linux/slab.h>

#include "claim/functions.h"
#include "core/compat.h"
#include "core/trace.h"
#include "dma/group.h"

/* A virtual function: to be made, in a list that functions_lock guards, or made, in the list of all. */
struct function {
	struct list_head node;
	const char *override; /* driver_override that it gets; owned */
	const struct pci_dev *pdev;
	struct uldf_group *group;
};

static DEFINE_SPINLOCK(made_lock);
static LIST_HEAD(made); /* guarded by made_lock */

static void function_free(struct function *function)
{
	kfree(function->override);
	kfree(function);
}

static struct function *next_take(struct uldf_device *udev)
{
	struct function *function;

	function = list_first_entry_or_null(&udev->functions_next, struct function, node);
	if (function)
		list_del(&function->node);
	return function;
}

static void next_free(struct uldf_device *udev)
{
	struct function *function;

	while ((function = next_take(udev)))
		function_free(function);
}

static int next_alloc(struct uldf_device *udev, u32 count)
{
	struct function *function;

	while (count--) {
		function = kzalloc(sizeof(*function), GFP_KERNEL_ACCOUNT);
		if (!function)
			goto err_free;
		list_add(&function->node, &udev->functions_next);
		function->override = kstrdup("uldf", GFP_KERNEL_ACCOUNT);
		if (!function->override)
			goto err_free;
	}
	return 0;

err_free:
	next_free(udev);
	return -ENOMEM;
}

/* Is it a virtual function of a device that is claimed? */
bool uldf_functions_ours(struct pci_dev *pdev)
{
	return pdev->is_virtfn && uldf_driver_has(pci_physfn(pdev));
}

/*
 * Called for a new function before any driver is, in the thread that makes it, which holds functions_lock: so the
 * object of the physical function stays.
 */
static void function_begin(struct pci_dev *pdev)
{
	struct uldf_device *udev = pci_get_drvdata(pci_physfn(pdev));
	struct function *function = udev ? next_take(udev) : NULL;
	char reason[ULDF_REASON_SIZE] = "";
	int ret;

	if (!function)
		return;
	function->override = uldf_override_swap(pdev, function->override);
	ret = uldf_group_get(pdev, reason, &function->group);
	if (ret) {
		dev_info(&pdev->dev, "not made: %s\n", reason);
		udev->functions_error = ret;
		function_free(function);
		return;
	}
	function->pdev = pdev;
	spin_lock(&made_lock);
	list_add(&function->node, &made);
	spin_unlock(&made_lock);
}

/* Called for any device that goes, after its driver went. */
static void function_end(struct pci_dev *pdev)
{
	struct function *function, *found = NULL;

	spin_lock(&made_lock);
	list_for_each_entry(function, &made, node)
		if (function->pdev == pdev)
			found = function;
	if (found)
		list_del(&found->node);
	spin_unlock(&made_lock);
	if (!found)
		return;
	uldf_group_put(found->group);
	function_free(found);
}

static int functions_notify(struct notifier_block *block, unsigned long action, void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);

	if (action == BUS_NOTIFY_ADD_DEVICE && uldf_functions_ours(pdev))
		function_begin(pdev);
	else if (action == BUS_NOTIFY_DEL_DEVICE && pdev->is_virtfn)
		function_end(pdev);
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

/*
 * Without device_lock the PCI core may reset the physical function while it makes virtual ones. It restores the number
 * that it noted then, and it notes the new one last, so the device has none afterwards. Reads the registers while no
 * reset is under way, and sets them again if so (PCIe 6.0 section 9.3.3.3).
 */
static void functions_restore(struct pci_dev *pdev, u32 count)
{
	u16 made, control;
	int sriov;

	pci_cfg_access_lock(pdev);
	/* amid a reset, or once it is unplugged, no capability would be found */
	sriov = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_SRIOV);
	if (!sriov)
		goto unlock;
	pci_read_config_word(pdev, sriov + PCI_SRIOV_NUM_VF, &made);
	pci_read_config_word(pdev, sriov + PCI_SRIOV_CTRL, &control);
	if (made == count && control & PCI_SRIOV_CTRL_VFE)
		goto unlock;
	control |= PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE;
	pci_write_config_word(pdev, sriov + PCI_SRIOV_CTRL,
			      control & ~(PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE));
	pci_write_config_word(pdev, sriov + PCI_SRIOV_NUM_VF, count);
	pci_write_config_word(pdev, sriov + PCI_SRIOV_CTRL, control);
	msleep(100);
unlock:
	pci_cfg_access_unlock(pdev);
}

static int functions_make(struct uldf_device *udev, u32 count)
{
	int ret;

	ret = next_alloc(udev, count);
	if (ret)
		return ret;
	udev->functions_error = 0;
	ret = pci_enable_sriov(udev->pdev, count);
	next_free(udev);
	if (ret)
		return ret;
	functions_restore(udev->pdev, count);
	if (udev->functions_error)
		pci_disable_sriov(udev->pdev);
	return udev->functions_error;
}

/* Is @count a number that the device can be given now? device_lock is held. */
static int functions_check(struct uldf_device *udev, u32 count)
{
	int total = pci_sriov_get_totalvfs(udev->pdev);

	if (!udev->pdev->is_physfn || total <= 0)
		return -EOPNOTSUPP;
	if (count > total)
		return -EINVAL;
	if (count != udev->functions && functions_claimed(udev->pdev))
		return -EBUSY;
	return 0;
}

/* Returns 0 with functions_lock held, and nothing resets the device or puts it to sleep until functions_leave(). */
static int functions_enter(struct uldf_device *udev, u32 count)
{
	int ret;

	device_lock(&udev->pdev->dev);
	ret = uldf_device_enter_awake(udev);
	if (!ret) {
		/* who removes it or puts it to sleep holds device_lock, so that does not happen meanwhile */
		uldf_device_leave(udev);
		ret = functions_check(udev, count);
	}
	if (!ret) {
		mutex_lock(&udev->functions_lock);
		udev->functions = max(udev->functions, count);
	}
	device_unlock(&udev->pdev->dev);
	return ret;
}

static void functions_leave(struct uldf_device *udev, u32 count)
{
	WRITE_ONCE(udev->functions, count);
	mutex_unlock(&udev->functions_lock);
}

static int functions_change(struct uldf_device *udev, u32 count)
{
	u32 before = pci_num_vf(udev->pdev);
	int ret = 0;

	if (count == before)
		return 0;
	if (before)
		pci_disable_sriov(udev->pdev);
	if (count)
		ret = functions_make(udev, count);
	trace_uldf_functions(udev->pdev, ret ? 0 : count);
	return ret;
}

static int functions_set(void *object, void *arg)
{
	struct uldf_ioc_device_functions *functions = arg;
	struct uldf_device *udev = object;
	int ret;

	if (functions->flags || functions->pad)
		return -EINVAL;
	uldf_sriov_lock();
	ret = functions_enter(udev, functions->count);
	if (!ret) {
		ret = functions_change(udev, functions->count);
		functions_leave(udev, ret ? 0 : functions->count);
	}
	uldf_sriov_unlock();
	return ret;
}

/**
 * uldf_functions_drop - end the virtual functions of a device, claimed ones too, in remove()
 * @udev: the device; its pdev's lock may be held, its own may not
 */
void uldf_functions_drop(struct uldf_device *udev)
{
	/* a virtual function ends while functions_lock of the physical one is held */
	if (!udev->pdev->is_physfn)
		return;
	mutex_lock(&udev->functions_lock);
	if (udev->functions) {
		pci_disable_sriov(udev->pdev);
		trace_uldf_functions(udev->pdev, 0);
	}
	functions_leave(udev, 0);
}

/**
 * uldf_functions_end - the same for a device whose holder is gone, so that no more are made
 * @udev: the device; no lock of it is held
 */
void uldf_functions_end(struct uldf_device *udev)
{
	if (!READ_ONCE(udev->functions))
		return;
	uldf_sriov_lock();
	uldf_functions_drop(udev);
	uldf_sriov_unlock();
}

const struct uldf_call uldf_functions_calls[] = {
	{ULDF_DEVICE_FUNCTIONS, offsetofend(struct uldf_ioc_device_functions, pad),
	 .run = functions_set},
	{},
};
