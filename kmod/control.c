// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control node: claiming and releasing; and the PCI driver that claims go through.
 *
 * A claim sets driver_override to "uldf", which no other driver matches, then asks the driver core
 * to attach this driver. Takes claim_lock, then device_lock; pending is guarded by both for writing
 * and so by either for reading.
 *
 * A probe that no claim asked for is refused, but when driver_override is "uldf" already: then the
 * admin said, by driverctl or by hand before the module was loaded, that the device is ours. Such a
 * claim leaves driver_override as it is when it ends. A device given by new_id alone is refused.
 */
#include <linux/fs.h>
#include <linux/module.h>

#include "compat.h"
#include "uldf.h"

static DEFINE_MUTEX(claim_lock);

static struct {
	struct pci_dev *pdev; /* NULL: none */
	const char *override; /* to be restored; owned */
	bool accepted;
	int error;
	char reason[ULDF_REASON_SIZE];
} pending;

static struct cdev control_cdev;
static struct device *control_device;

/* What no claim can change: checked again in probe() for those that come by driver_override. */
static int device_check(struct pci_dev *pdev, char *reason)
{
	const char *why = NULL;

	if (pdev->hdr_type != PCI_HEADER_TYPE_NORMAL || pdev->class >> 16 == PCI_BASE_CLASS_BRIDGE)
		why = "is a bridge";
	/* an IOMMU's own function, or one that is not wholly enumerated yet */
	else if (!uldf_may_bind(pdev))
		why = "is kept by the kernel";
	if (!why)
		return 0;
	strscpy(reason, why, ULDF_REASON_SIZE);
	return -EBUSY;
}

/* Puts the driver_override back that a claim replaced, unless the admin has changed ours since. */
static void override_restore(struct pci_dev *pdev, const char *before)
{
	if (uldf_override_is(pdev, "uldf"))
		before = uldf_override_swap(pdev, before);
	kfree(before);
}

static int control_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	bool claimed = pending.pdev == pdev && !pending.accepted;
	char reason[ULDF_REASON_SIZE] = "";
	struct uldf_device *udev;
	int ret;

	if (!claimed && !uldf_override_is(pdev, "uldf"))
		return -ENODEV;
	ret = device_check(pdev, reason);
	if (!ret)
		ret = uldf_device_create(pdev, reason, &udev);
	if (!ret) {
		dev_info(&pdev->dev, "claimed\n");
		if (claimed) {
			udev->override = pending.override;
			udev->overridden = true;
			pending.override = NULL;
			pending.accepted = true;
		}
		return 0;
	}
	if (claimed) {
		pending.error = ret;
		strscpy(pending.reason, reason, sizeof(pending.reason));
	} else {
		dev_info(&pdev->dev, "not claimed: %s\n", reason);
	}
	/* the driver core complains about any other error in the log */
	return -ENODEV;
}

static void control_remove(struct pci_dev *pdev)
{
	struct uldf_device *udev = pci_get_drvdata(pdev);

	if (udev->overridden)
		override_restore(pdev, udev->override);
	uldf_device_destroy(udev);
}

struct pci_driver uldf_pci_driver = {
	.name = "uldf",
	.probe = control_probe,
	.remove = control_remove,
	.err_handler = &uldf_error_handlers,
	.driver_managed_dma = true,
};

/* Makes the claim of @pdev pending: from then on no driver but ours binds to it. */
static int claim_begin(struct pci_dev *pdev, char *reason)
{
	struct device *dev = &pdev->dev;
	const char *name = kstrdup("uldf", GFP_KERNEL);
	int ret;

	if (!name)
		return -ENOMEM;
	device_lock(dev);
	if (dev->driver) {
		snprintf(reason, ULDF_REASON_SIZE, "held by %s", dev->driver->name);
		ret = -EBUSY;
	} else if (!device_is_registered(dev)) {
		strscpy(reason, "no such device", ULDF_REASON_SIZE);
		ret = -ENODEV;
	} else {
		ret = device_check(pdev, reason);
	}
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

/* Ends the pending claim; one that was not accepted leaves no trace. */
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

static struct pci_dev *find_device(u32 segment, u16 bus, u8 devfn)
{
	return segment > INT_MAX ? NULL : pci_get_domain_bus_and_slot(segment, bus, devfn);
}

static int control_claim(void *object, union uldf_args *args)
{
	struct uldf_ioc_claim *claim = &args->claim;
	struct pci_dev *pdev;
	int ret;

	memset(claim->reason, 0, sizeof(claim->reason));
	if (claim->flags || claim->pad || claim->bus > 255)
		return -EINVAL;
	pdev = find_device(claim->segment, claim->bus, claim->devfn);
	if (!pdev) {
		strscpy(claim->reason, "no such device", sizeof(claim->reason));
		return -ENODEV;
	}
	ret = mutex_lock_killable(&claim_lock);
	if (ret)
		goto out;
	ret = claim_begin(pdev, claim->reason);
	if (!ret) {
		ret = device_driver_attach(&uldf_pci_driver.driver, &pdev->dev);
		ret = claim_end(pdev, ret, claim->reason);
	}
	mutex_unlock(&claim_lock);
out:
	pci_dev_put(pdev);
	return ret;
}

/*
 * Ends the claim of @pdev. The driver core takes the device's lock anew to unbind whatever driver it
 * finds, so driver_override stays as it is until then: nobody but ours can bind in between.
 */
static int release_claimed(struct pci_dev *pdev, u32 *reset)
{
	struct uldf_device *udev = NULL;
	const char *override = NULL;
	bool overridden = false;

	device_lock(&pdev->dev);
	if (pdev->dev.driver == &uldf_pci_driver.driver)
		udev = pci_get_drvdata(pdev);
	if (udev) {
		get_device(&udev->dev);
		swap(overridden, udev->overridden);
		swap(override, udev->override);
	}
	device_unlock(&pdev->dev);
	if (!udev)
		return -ENODEV;
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

static int control_release(void *object, union uldf_args *args)
{
	struct uldf_ioc_release *release = &args->release;
	struct pci_dev *pdev;
	int ret;

	if (release->flags & ~ULDF_RELEASE_REPROBE || release->pad || release->pad2 ||
	    release->bus > 255)
		return -EINVAL;
	pdev = find_device(release->segment, release->bus, release->devfn);
	if (!pdev)
		return -ENODEV;
	ret = mutex_lock_killable(&claim_lock);
	if (ret)
		goto out;
	ret = release_claimed(pdev, &release->reset);
	mutex_unlock(&claim_lock);

	/* that no driver wants the device is no failure of the release */
	if (!ret && release->flags & ULDF_RELEASE_REPROBE && device_attach(&pdev->dev) < 0)
		dev_dbg(&pdev->dev, "reprobe failed\n");
out:
	pci_dev_put(pdev);
	return ret;
}

static const struct uldf_call control_calls[] = {
	{ULDF_CLAIM, sizeof(struct uldf_ioc_claim), .always = true, .run = control_claim},
	{ULDF_RELEASE, sizeof(struct uldf_ioc_release), .run = control_release},
};

static long control_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	return uldf_call(control_calls, ARRAY_SIZE(control_calls), NULL, command, arg);
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

int uldf_control_init(void)
{
	int ret;

	ret = pci_register_driver(&uldf_pci_driver);
	if (ret)
		return ret;
	cdev_init(&control_cdev, &control_fops);
	control_cdev.owner = THIS_MODULE;
	ret = cdev_add(&control_cdev, uldf_devices_number(0), 1);
	if (ret)
		goto err_driver;
	control_device = device_create(&uldf_class, NULL, uldf_devices_number(0), NULL, "control");
	if (IS_ERR(control_device)) {
		ret = PTR_ERR(control_device);
		goto err_cdev;
	}
	return 0;

err_cdev:
	cdev_del(&control_cdev);
err_driver:
	pci_unregister_driver(&uldf_pci_driver);
	return ret;
}

void uldf_control_fini(void)
{
	device_destroy(&uldf_class, uldf_devices_number(0));
	cdev_del(&control_cdev);
	pci_unregister_driver(&uldf_pci_driver);
}
