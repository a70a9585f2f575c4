// SPDX-License-Identifier: GPL-2.0-only
/*
 * Confinement: a device behind no IOMMU reaches all memory, and one whose interrupts are not isolated can
 * forge any interrupt. Whoever opens such a device can make it master the bus at any time, because many
 * devices show their configuration space, or part of it, in a BAR. So opening the device takes privilege.
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/security.h>

#include "core/compat.h"
#include "dma/confine.h"
#include "dma/group.h"

static bool unsafe_interrupts;
module_param(unsafe_interrupts, bool, 0400);
MODULE_PARM_DESC(
	unsafe_interrupts,
	"let CAP_SYS_RAWIO open devices that nothing keeps from forging interrupts (taints)");

static bool allow_bare;
module_param(allow_bare, bool, 0600);
MODULE_PARM_DESC(
	allow_bare,
	"let CAP_SYS_RAWIO open devices behind no IOMMU; such a device is as powerful as root "
	"(taints)");

/**
 * uldf_confine_check - check that the caller may have a device that nothing confines
 * @udev: the device, its lock held
 *
 * Returns 0 for a confined device. Taints the kernel if it admits one that is not.
 *
 * Return: 0; -EPERM, also under lockdown
 */
int uldf_confine_check(struct uldf_device *udev)
{
	struct device *dev = &udev->pdev->dev;

	if (udev->group && uldf_isolated_msi(dev, uldf_group_iommu(udev->group)))
		return 0;
	if (!(udev->group ? unsafe_interrupts : READ_ONCE(allow_bare)))
		return -EPERM;
	if (!capable(CAP_SYS_RAWIO) || security_locked_down(LOCKDOWN_PCI_ACCESS))
		return -EPERM;
	add_taint(TAINT_USER, LOCKDEP_STILL_OK);
	return 0;
}
