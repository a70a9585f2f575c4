// SPDX-License-Identifier: GPL-2.0-only
/* The control node: root claims and releases devices through it. */
#include <linux/fs.h>
#include <linux/module.h>

#include "claim/claim.h"
#include "claim/control.h"
#include "core/call.h"
#include "core/class.h"

static struct cdev control_cdev;
static struct device *control_device;

static struct pci_dev *find_device(u32 segment, u16 bus, u8 devfn)
{
	return segment > INT_MAX ? NULL : pci_get_domain_bus_and_slot(segment, bus, devfn);
}

static int control_claim(void *object, void *arg)
{
	struct uldf_ioc_claim *claim = arg;
	struct pci_dev *pdev;
	int ret;

	memset(claim->reason, 0, sizeof(claim->reason));
	claim->reset = ULDF_RESET_NONE;
	if (claim->flags & ~ULDF_CLAIM_GROUP || claim->pad || claim->pad2 || claim->bus > 255)
		return -EINVAL;
	pdev = find_device(claim->segment, claim->bus, claim->devfn);
	if (!pdev) {
		strscpy(claim->reason, "no such device", sizeof(claim->reason));
		return -ENODEV;
	}
	ret = uldf_claim(pdev, claim->flags & ULDF_CLAIM_GROUP, claim->reason, &claim->reset);
	pci_dev_put(pdev);
	return ret;
}

static int control_release(void *object, void *arg)
{
	struct uldf_ioc_release *release = arg;
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
	{ULDF_CLAIM, offsetofend(struct uldf_ioc_claim, reason),
	 .known = sizeof(struct uldf_ioc_claim), .always = true, .run = control_claim},
	{ULDF_RELEASE, sizeof(struct uldf_ioc_release), .run = control_release},
	{},
};

static const struct uldf_call *const control_tables[] = {
	control_calls,
	NULL,
};

static long control_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	return uldf_call_run(control_tables, NULL, command, arg);
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

	cdev_init(&control_cdev, &control_fops);
	control_cdev.owner = THIS_MODULE;
	ret = cdev_add(&control_cdev, uldf_class_control(), 1);
	if (ret)
		return ret;
	control_device = device_create(&uldf_class, NULL, uldf_class_control(), NULL, "control");
	if (IS_ERR(control_device)) {
		cdev_del(&control_cdev);
		return PTR_ERR(control_device);
	}
	return 0;
}

void uldf_control_fini(void)
{
	device_destroy(&uldf_class, uldf_class_control());
	cdev_del(&control_cdev);
}
