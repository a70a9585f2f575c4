// SPDX-License-Identifier: GPL-2.0-only
/* The control node: who may take devices, and give them back. */
#include <linux/fs.h>
#include <linux/module.h>

#include "uldf.h"

static struct cdev control_cdev;
static struct device *control_device;

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
	if (claim->flags & ~ULDF_CLAIM_GROUP || claim->pad || claim->bus > 255)
		return -EINVAL;
	pdev = find_device(claim->segment, claim->bus, claim->devfn);
	if (!pdev) {
		strscpy(claim->reason, "no such device", sizeof(claim->reason));
		return -ENODEV;
	}
	ret = uldf_claim(pdev, claim->flags & ULDF_CLAIM_GROUP, claim->reason);
	pci_dev_put(pdev);
	return ret;
}

static int control_release(void *object, union uldf_args *args)
{
	struct uldf_ioc_release *release = &args->release;
	struct pci_dev *pdev;
	int ret;

	if (release->flags & ~(ULDF_RELEASE_REPROBE | ULDF_RELEASE_GROUP) || release->pad ||
	    release->pad2 || release->bus > 255)
		return -EINVAL;
	pdev = find_device(release->segment, release->bus, release->devfn);
	if (!pdev)
		return -ENODEV;
	ret = uldf_release(pdev, release->flags & ULDF_RELEASE_GROUP,
			   release->flags & ULDF_RELEASE_REPROBE, &release->reset);
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
