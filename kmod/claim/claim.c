// SPDX-License-Identifier: GPL-2.0-only
/*
 * Claiming and releasing, one device or its whole IOMMU group, and the PCI driver that claims go through.
 *
 * A claim sets driver_override to "uldf", which no other driver matches, then asks the driver core
 * to attach this driver. Takes claim_lock, then device_lock; pending is guarded by both for writing
 * and so by either for reading.
 *
 * A probe that no claim asked for is refused, but when driver_override is "uldf" already: then the
 * admin said, by driverctl or by hand before the module was loaded, that the device is ours. Such a
 * claim leaves driver_override as it is when it ends. A device given by new_id alone is refused.
 *
 * What shares an IOMMU group shares its DMA: a claim takes the group whole, or is refused where there
 * is more in it. What the admin gave by driver_override is not asked for its group.
 */
#include <linux/iommu.h>
#include <linux/slab.h>

#include "claim/claim.h"
#include "claim/functions.h"
#include "claim/member.h"
#include "core/compat.h"
#include "core/trace.h"
#include "device/gate.h"
#include "dma/peer.h"
#include "pci/bus.h"
#include "pci/power.h"
#include "pci/reset.h"

static DEFINE_MUTEX(claim_lock);

static struct {
	struct pci_dev *pdev; /* NULL: no claim is pending */
	const char *override; /* driver_override before the claim; owned */
	bool accepted;
	int error;
	char reason[ULDF_REASON_SIZE];
} pending;

/* Refuses devices that nobody may claim. probe() checks again, for devices given by driver_override. */
static int device_check(struct pci_dev *pdev, char *reason)
{
	const char *why = NULL;

	if (uldf_member_is_bridge(pdev))
		why = "is a bridge";
	/* an IOMMU's own function, or a device that the PCI core has not enumerated wholly yet */
	else if (!uldf_may_bind(pdev))
		why = "is kept by the kernel";
	/* another driver left them: our first reset would take them from whoever has them now */
	else if (pci_num_vf(pdev))
		why = "has virtual functions already";
	if (!why)
		return 0;
	strscpy(reason, why, ULDF_REASON_SIZE);
	return -EBUSY;
}

/* Puts back the driver_override that a claim replaced, unless the admin has changed ours since. */
static void override_restore(struct pci_dev *pdev, const char *before)
{
	if (uldf_override_is(pdev, "uldf"))
		before = uldf_override_swap(pdev, before);
	kfree(before);
}

/* Is the claim of @pdev, whose lock is held, pending? */
static bool claim_pends(const struct pci_dev *pdev)
{
	return pending.pdev == pdev && !pending.accepted;
}

/**
 * uldf_claim_admit - say whether probe() may take a device
 * @pdev: the device, its lock held
 * @reason: room for ULDF_REASON_SIZE bytes: why not
 *
 * Return: 0; -EBUSY no claim may have it; -ENODEV nobody asked for it
 */
int uldf_claim_admit(struct pci_dev *pdev, char *reason)
{
	/* our virtual functions have the override to keep other drivers away */
	if (!claim_pends(pdev) && (!uldf_override_is(pdev, "uldf") || uldf_functions_ours(pdev))) {
		strscpy(reason, "nobody asked for it", ULDF_REASON_SIZE);
		return -ENODEV;
	}
	return device_check(pdev, reason);
}

/**
 * uldf_claim_settle - tell whoever claimed a device what became of it
 * @pdev: the device, its lock held
 * @ret: 0 or why probe() did not take it
 * @reason: the same in words
 *
 * On success the device keeps the driver_override that was replaced.
 */
void uldf_claim_settle(struct pci_dev *pdev, int ret, const char *reason)
{
	struct uldf_device *udev = pci_get_drvdata(pdev);

	if (!ret)
		dev_info(&pdev->dev, "claimed, %s\n", uldf_reset_name(udev->reset));
	if (!claim_pends(pdev)) {
		if (ret && ret != -ENODEV)
			dev_info(&pdev->dev, "not claimed: %s\n", reason);
		return;
	}
	if (ret) {
		pending.error = ret;
		strscpy(pending.reason, reason, sizeof(pending.reason));
		return;
	}
	udev->override = pending.override;
	udev->overridden = true;
	pending.override = NULL;
	pending.accepted = true;
}

/* Ends what uldf_claim_settle() began; the device's lock is held. */
void uldf_claim_forget(struct uldf_device *udev)
{
	if (udev->overridden)
		override_restore(udev->pdev, udev->override);
}

/* Can the device be had? Its lock is held. */
static int claim_check(struct pci_dev *pdev, char *reason)
{
	struct device *dev = &pdev->dev;

	if (dev->driver) {
		snprintf(reason, ULDF_REASON_SIZE, "held by %s", dev->driver->name);
		return -EBUSY;
	}
	if (!device_is_registered(dev)) {
		strscpy(reason, "no such device", ULDF_REASON_SIZE);
		return -ENODEV;
	}
	return device_check(pdev, reason);
}

/* Makes the claim of @pdev pending: no other driver binds to it from here on. */
static int claim_begin(struct pci_dev *pdev, char *reason)
{
	struct device *dev = &pdev->dev;
	const char *name = kstrdup("uldf", GFP_KERNEL);
	int ret;

	if (!name)
		return -ENOMEM;
	device_lock(dev);
	ret = claim_check(pdev, reason);
	if (!ret) {
		memset(&pending, 0, sizeof(pending));
		pending.pdev = pdev;
		pending.override = uldf_override_swap(pdev, name);
		name = NULL;
	}
	device_unlock(dev);
	kfree(name);
	return ret;
}

/* Ends the pending claim, and undoes it where probe() did not accept it. */
static int claim_end(struct pci_dev *pdev, int attached, char *reason)
{
	int ret = 0;

	device_lock(&pdev->dev);
	if (!pending.accepted) {
		override_restore(pdev, pending.override);
		ret = pending.error ?: (attached ?: -ENODEV);
		strscpy(reason, pending.reason, ULDF_REASON_SIZE);
		if (!reason[0])
			snprintf(reason, ULDF_REASON_SIZE, "cannot be attached, error %d", ret);
	}
	pending.pdev = NULL;
	device_unlock(&pdev->dev);
	return ret;
}

/*
 * Ends the claim of @pdev. The driver core takes the device's lock anew to unbind whatever driver it
 * finds, so driver_override stays as it is until then: nobody but ours can bind in between.
 */
static int release_one(struct pci_dev *pdev, u32 *reset)
{
	const char *override = NULL;
	struct uldf_device *udev;
	bool overridden = false;

	device_lock(&pdev->dev);
	udev = uldf_device_of(pdev);
	if (udev) {
		get_device(&udev->dev);
		swap(overridden, udev->overridden);
		swap(override, udev->override);
	}
	device_unlock(&pdev->dev);
	if (!udev)
		return -ENODEV;
	/* these take locks that come before the device's, which remove() has no more */
	uldf_functions_end(udev);
	uldf_power_wake(udev);
	device_release_driver(&pdev->dev);
	*reset = udev->reset;
	put_device(&udev->dev);
	if (overridden) {
		device_lock(&pdev->dev);
		override_restore(pdev, override);
		device_unlock(&pdev->dev);
	}
	return 0;
}

/* ---- a device, or all of its IOMMU group ------------------------------------------------------------------- */

/* Is @pdev claimed, or given to us by its driver_override? Names the driver that holds it in @driver. */
static bool member_is_ours(struct pci_dev *pdev, char *driver, size_t size)
{
	bool ours;

	device_lock(&pdev->dev);
	if (pdev->dev.driver)
		ours = uldf_driver_has(pdev);
	else
		ours = uldf_override_is(pdev, "uldf");
	strscpy(driver, pdev->dev.driver ? pdev->dev.driver->name : "", size);
	device_unlock(&pdev->dev);
	return ours;
}

/* Refuses a device that cannot be claimed, or whose IOMMU group has others in it; names them. */
static int members_refuse(const struct uldf_members *members, char *reason)
{
	unsigned int i, others = 0;
	char driver[32];
	int length, ret;

	device_lock(&members->pdev[0]->dev);
	ret = claim_check(members->pdev[0], reason);
	device_unlock(&members->pdev[0]->dev);
	if (ret)
		return ret;
	length = scnprintf(reason, ULDF_REASON_SIZE, "IOMMU group %d also has", members->number);
	for (i = 1; i < members->count; i++) {
		if (member_is_ours(members->pdev[i], driver, sizeof(driver)))
			continue;
		length += scnprintf(reason + length, ULDF_REASON_SIZE - length, "%s %s%s%s%s",
				    others ? "," : "", pci_name(members->pdev[i]),
				    driver[0] ? " (" : "", driver, driver[0] ? ")" : "");
		others++;
	}
	if (!others)
		reason[0] = '\0';
	return others ? -EBUSY : 0;
}

static int claim_one(struct pci_dev *pdev, char *reason)
{
	int ret = claim_begin(pdev, reason);

	if (ret)
		return ret;
	ret = uldf_driver_attach(pdev);
	ret = claim_end(pdev, ret, reason);
	trace_uldf_claim(pdev, -ret);
	return ret;
}

/* Claims the first member, and all others that are not claimed yet; all or none. */
static int claim_members(const struct uldf_members *members, char *reason)
{
	char why[ULDF_REASON_SIZE] = "", driver[32];
	DECLARE_BITMAP(claimed, ULDF_MEMBERS_MAX);
	unsigned int i;
	u32 reset;
	int ret;

	bitmap_zero(claimed, ULDF_MEMBERS_MAX);
	for (i = 0; i < members->count; i++) {
		if (i && member_is_ours(members->pdev[i], driver, sizeof(driver)) && driver[0])
			continue;
		ret = claim_one(members->pdev[i], why);
		if (ret)
			goto err_release;
		__set_bit(i, claimed);
	}
	return 0;

err_release:
	if (i)
		snprintf(reason, ULDF_REASON_SIZE, "%s of its IOMMU group: %s",
			 pci_name(members->pdev[i]), why);
	else
		strscpy(reason, why, ULDF_REASON_SIZE);
	while (i--)
		if (test_bit(i, claimed))
			release_one(members->pdev[i], &reset);
	return ret;
}

/* What reset a device that was just claimed. */
static u32 reset_of(struct pci_dev *pdev)
{
	u32 reset = ULDF_RESET_NONE;
	struct uldf_device *udev;

	device_lock(&pdev->dev);
	udev = uldf_device_of(pdev);
	if (udev)
		reset = udev->reset;
	device_unlock(&pdev->dev);
	return reset;
}

/* Resets what was claimed, and what probe() could not reset alone, with its bus. */
static void members_reset(const struct uldf_members *members, bool group)
{
	unsigned int i;
	u32 reset;

	for (i = 0; i < (group ? members->count : 1); i++) {
		reset = reset_of(members->pdev[i]);
		if ((reset == ULDF_RESET_NONE || reset == ULDF_RESET_QUIESCED) &&
		    !uldf_bus_reset(members->pdev[i], NULL))
			dev_info(&members->pdev[i]->dev, "%s\n", uldf_reset_name(ULDF_RESET_BUS));
	}
}

/**
 * uldf_claim - take a device
 * @members: the device, and its IOMMU group
 * @group: take all of the group
 * @reason: room for ULDF_REASON_SIZE bytes: why not
 * @reset: out: what reset the device
 *
 * Return: 0 or negative errno, as struct uldf_ioc_claim tells
 */
int uldf_claim(const struct uldf_members *members, bool group, char *reason, u32 *reset)
{
	int ret = mutex_lock_killable(&claim_lock);

	if (ret)
		return ret;
	if (!group)
		ret = members_refuse(members, reason);
	if (!ret && group)
		ret = claim_members(members, reason);
	else if (!ret)
		ret = claim_one(members->pdev[0], reason);
	if (!ret) {
		members_reset(members, group);
		*reset = reset_of(members->pdev[0]);
	}
	mutex_unlock(&claim_lock);
	return ret;
}

/*
 * Takes a device from its holder, who gets -ENODEV from now on. When all of a group are taken before the
 * first is stopped, the bus that they share can be reset.
 */
static void member_shut(struct pci_dev *pdev)
{
	struct uldf_device *udev;

	device_lock(&pdev->dev);
	udev = uldf_device_of(pdev);
	if (udev) {
		mutex_lock(&udev->lock);
		uldf_device_set_gone(udev);
		uldf_gate_shut(udev);
		uldf_peers_end(udev);
		mutex_unlock(&udev->lock);
	}
	device_unlock(&pdev->dev);
}

static bool member_is_claimed(struct pci_dev *pdev)
{
	bool claimed;

	device_lock(&pdev->dev);
	claimed = uldf_driver_has(pdev);
	device_unlock(&pdev->dev);
	return claimed;
}

/* Lets nobody open the device any more, or again. Returns false where somebody has it open, who did not let it go yet. */
static bool member_leaves(struct pci_dev *pdev, bool leaves)
{
	struct uldf_device *udev;
	bool open = false;

	device_lock(&pdev->dev);
	udev = uldf_device_of(pdev);
	if (udev) {
		mutex_lock(&udev->lock);
		open = leaves && udev->opened && !udev->closing;
		udev->leaving = leaves && !open;
		mutex_unlock(&udev->lock);
	}
	device_unlock(&pdev->dev);
	return !open;
}

/* Refuses to release what is open. */
static int members_leave(const struct uldf_members *members, unsigned int count, char *reason)
{
	unsigned int i, open;

	for (open = 0; open < count; open++)
		if (!member_leaves(members->pdev[open], true))
			break;
	if (open == count)
		return 0;
	for (i = 0; i < open; i++)
		member_leaves(members->pdev[i], false);
	if (open)
		snprintf(reason, ULDF_REASON_SIZE, "%s of its IOMMU group is open",
			 pci_name(members->pdev[open]));
	else
		strscpy(reason, "is open", ULDF_REASON_SIZE);
	return -EBUSY;
}

/*
 * A device alone, unless others of its group are claimed: the host could have no use of it. Sets the bits
 * of those that were released.
 */
static int release_members(const struct uldf_members *members, u32 flags, unsigned long *released,
			   char *reason, u32 *reset)
{
	bool group = flags & ULDF_RELEASE_GROUP;
	unsigned int i, count = group ? members->count : 1;
	u32 other;
	int ret = 0;

	if (!member_is_claimed(members->pdev[0]))
		return -ENODEV;
	for (i = 1; i < members->count && !group; i++)
		if (member_is_claimed(members->pdev[i])) {
			strscpy(reason, "others of its IOMMU group are claimed", ULDF_REASON_SIZE);
			return -EBUSY;
		}
	if (!(flags & ULDF_RELEASE_FORCE))
		ret = members_leave(members, count, reason);
	if (ret)
		return ret;
	for (i = 0; i < count; i++)
		member_shut(members->pdev[i]);
	for (i = 0; i < count; i++)
		uldf_bus_reset(members->pdev[i], NULL);
	ret = release_one(members->pdev[0], reset);
	if (!ret)
		__set_bit(0, released);
	for (i = 1; i < members->count && group; i++)
		if (!release_one(members->pdev[i], &other))
			__set_bit(i, released);
	return ret;
}

/**
 * uldf_release - give a device back
 * @members: the device, and its IOMMU group
 * @flags: ULDF_RELEASE_*
 * @reason: room for ULDF_REASON_SIZE bytes: why not
 * @reset: out: how the device was reset
 *
 * Return: 0 or negative errno, as struct uldf_ioc_release tells
 */
int uldf_release(const struct uldf_members *members, u32 flags, char *reason, u32 *reset)
{
	DECLARE_BITMAP(released, ULDF_MEMBERS_MAX);
	unsigned int i;
	int ret;

	ret = mutex_lock_killable(&claim_lock);
	if (ret)
		return ret;
	bitmap_zero(released, ULDF_MEMBERS_MAX);
	ret = release_members(members, flags, released, reason, reset);
	mutex_unlock(&claim_lock);
	/* the release succeeded, even if no driver wants the device */
	for (i = 0; flags & ULDF_RELEASE_REPROBE && i < members->count; i++)
		if (test_bit(i, released) && device_attach(&members->pdev[i]->dev) < 0)
			dev_dbg(&members->pdev[i]->dev, "reprobe failed\n");
	return ret;
}
