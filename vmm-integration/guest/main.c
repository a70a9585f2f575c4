// SPDX-License-Identifier: GPL-2.0-only
/*
 * uldf_guest.ko: an IOMMU driver for the devices that uldf-vmm gives to a guest. It stays loaded: the
 * kernel has no way to take an IOMMU from devices that are at work.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include "compat.h"
#include "device.h"
#include "endpoint.h"

static bool rebind;
module_param(rebind, bool, 0444);
MODULE_PARM_DESC(rebind, "unbind functions that a driver holds, and bind them again behind the "
			 "IOMMU (default: leave them as they are)");

static int __init main_is_driven(struct device *child, void *unused)
{
	return guest_is_bound(child);
}

/* virtio_pci takes each virtio function. It gives one back that no driver of virtio uses. */
static void __init main_take_device(void)
{
	struct pci_dev *pdev = NULL;

	while ((pdev = pci_get_device(GUEST_DEVICE_VENDOR, GUEST_DEVICE_ID, pdev))) {
		if (!guest_is_bound(&pdev->dev))
			continue;
		if (device_for_each_child(&pdev->dev, NULL, main_is_driven))
			pci_notice(pdev, "uldf_guest: virtio_iommu drives it\n");
		else
			device_release_driver(&pdev->dev);
	}
}

/* A driver's DMA would break off when the IOMMU comes between: it goes, or the function stays as it is. */
static void __init main_unbind(void)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev)
	{
		if (!guest_is_bound(&pdev->dev) || !guest_endpoint_behind(pdev))
			continue;
		if (rebind)
			device_release_driver(&pdev->dev);
		else
			pci_notice(pdev,
				   "uldf_guest: reaches all memory, because %s holds it: load "
				   "uldf_guest first, or with rebind=1\n",
				   dev_driver_string(&pdev->dev));
	}
}

/* Also for drivers that the kernel keeps from functions whose IOMMU, which VIOT names, has no driver. */
static void __init main_bind(void)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev) if (!guest_is_bound(&pdev->dev) && guest_endpoint_behind(pdev) &&
				   device_attach(&pdev->dev) < 0)
		pci_warn(pdev, "uldf_guest: its driver does not take it\n");
}

static int __init main_register(struct guest_device *device)
{
	struct device *dev = &device->mdev.pci_dev->dev;
	int ret = iommu_device_sysfs_add(&device->iommu, dev, NULL, "uldf_guest");

	if (ret)
		return ret;
	/* Where there is VIOT, functions find the IOMMU by its firmware node. */
	ret = iommu_device_register(&device->iommu, &guest_endpoint_ops, dev);
	if (ret)
		iommu_device_sysfs_remove(&device->iommu);
	return ret;
}

static int __init main_init(void)
{
	int ret;

	main_take_device();
	ret = pci_register_driver(&guest_device_driver);
	if (ret)
		return ret;
	if (!guest_device()) {
		pci_unregister_driver(&guest_device_driver);
		return -ENODEV;
	}
	main_unbind();
	ret = main_register(guest_device());
	/* Stays all the same: the kernel gives nothing back that it may have begun to use. */
	if (ret)
		pr_err("uldf_guest: the kernel does not take it for an IOMMU (%d): devices reach "
		       "all memory\n",
		       ret);
	main_bind();
	return 0;
}

module_init(main_init);
MODULE_DESCRIPTION("IOMMU of guests whose devices uldf-vmm serves");
MODULE_LICENSE("GPL");
