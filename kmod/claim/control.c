// SPDX-License-Identifier: GPL-2.0-only
/* The control node: root claims and releases devices through it. */
#include <linux/fs.h>
#include <linux/module.h>

#include "claim/claim.h"
#include "claim/control.h"
#include "claim/member.h"
#include "core/call.h"
#include "core/class.h"

static struct cdev control_cdev;
static struct device *control_device;

static int control_claim(void *object, void *arg)
{
	struct uldf_ioc_claim *claim = arg;
	struct uldf_members *members;
	int ret;

	memset(claim->reason, 0, sizeof(claim->reason));
	claim->reset = ULDF_RESET_NONE;
	if (claim->flags & ~ULDF_CLAIM_GROUP || claim->pad || claim->pad2 || claim->bus > 255)
		return -EINVAL;
	ret = uldf_members_get(claim->segment, claim->bus, claim->devfn, &members);
	if (ret == -ENODEV)
		strscpy(claim->reason, "no such device", sizeof(claim->reason));
	if (ret)
		return ret;
	ret = uldf_claim(members, claim->flags & ULDF_CLAIM_GROUP, claim->reason, &claim->reset);
	uldf_members_put(members);
	return ret;
}

static int control_release(void *object, void *arg)
{
	struct uldf_ioc_release *release = arg;
	struct uldf_members *members;
	int ret;

	memset(release->reason, 0, sizeof(release->reason));
	release->reset = ULDF_RESET_NONE;
	if (release->flags & ~(ULDF_RELEASE_REPROBE | ULDF_RELEASE_GROUP | ULDF_RELEASE_FORCE) ||
	    release->pad || release->pad2 || release->bus > 255)
		return -EINVAL;
	ret = uldf_members_get(release->segment, release->bus, release->devfn, &members);
	if (ret)
		return ret;
	ret = uldf_release(members, release->flags, release->reason, &release->reset);
	uldf_members_put(members);
	return ret;
}

static const struct uldf_call control_calls[] = {
	{ULDF_CLAIM, offsetofend(struct uldf_ioc_claim, reason),
	 .known = sizeof(struct uldf_ioc_claim), .always = true, .run = control_claim},
	{ULDF_RELEASE, offsetofend(struct uldf_ioc_release, pad2),
	 .known = sizeof(struct uldf_ioc_release), .always = true, .run = control_release},
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
