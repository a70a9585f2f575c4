// SPDX-License-Identifier: GPL-2.0-only
/* The class of our nodes, /sys/class/uldf, and their device numbers: 0 is the control node's. */
#include <linux/fs.h>
#include <linux/idr.h>

#include "core/class.h"
#include "core/compat.h"

#define MINORS 4096

static dev_t base;
static DEFINE_IDA(minors);

static char *class_devnode(uldf_devnode_device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0600;
	return kasprintf(GFP_KERNEL, "uldf/%s", dev_name(dev));
}

struct class uldf_class = {
	.name = "uldf",
	.devnode = class_devnode,
};

/* The number of the control node. */
dev_t uldf_class_control(void)
{
	return base;
}

/* Takes a device number, to be given to uldf_class_minor_put(). */
int uldf_class_minor_get(dev_t *out)
{
	int minor = ida_alloc_range(&minors, 1, MINORS - 1, GFP_KERNEL);

	if (minor < 0)
		return minor;
	*out = MKDEV(MAJOR(base), minor);
	return 0;
}

void uldf_class_minor_put(dev_t number)
{
	ida_free(&minors, MINOR(number));
}

int uldf_class_init(void)
{
	int ret;

	ret = alloc_chrdev_region(&base, 0, MINORS, "uldf");
	if (ret)
		return ret;
	ret = class_register(&uldf_class);
	if (ret)
		unregister_chrdev_region(base, MINORS);
	return ret;
}

void uldf_class_fini(void)
{
	class_unregister(&uldf_class);
	unregister_chrdev_region(base, MINORS);
	ida_destroy(&minors);
}
