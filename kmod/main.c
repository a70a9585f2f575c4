// SPDX-License-Identifier: GPL-2.0-only
/* uldf.ko: loading and unloading, the class and the parameters. */
#include <linux/module.h>

#include "compat.h"
#include "uldf.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

bool uldf_unsafe_interrupts;
module_param_named(unsafe_interrupts, uldf_unsafe_interrupts, bool, 0400);
MODULE_PARM_DESC(unsafe_interrupts,
		 "attach devices although nothing keeps them from forging interrupts (taints)");

bool uldf_allow_bare;
module_param_named(allow_bare, uldf_allow_bare, bool, 0600);
MODULE_PARM_DESC(
	allow_bare,
	"allow spaces on hosts without an IOMMU, to CAP_SYS_RAWIO; a device is as powerful "
	"as root then (taints)");

unsigned int uldf_mappings_max = 65536;
module_param_named(mappings_max, uldf_mappings_max, uint, 0600);
MODULE_PARM_DESC(mappings_max, "how many mappings one space may have");

static ssize_t pinned_bytes_show(uldf_attr_class *class, uldf_attr_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", uldf_memory_pinned_bytes());
}
static CLASS_ATTR_RO(pinned_bytes);

static struct attribute *class_attrs[] = {
	&class_attr_pinned_bytes.attr,
	NULL,
};
ATTRIBUTE_GROUPS(class);

static char *class_devnode(uldf_devnode_device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0600;
	return kasprintf(GFP_KERNEL, "uldf/%s", dev_name(dev));
}

struct class uldf_class = {
	.name = "uldf",
	.class_groups = class_groups,
	.devnode = class_devnode,
};

static int __init uldf_init(void)
{
	int ret;

	ret = class_register(&uldf_class);
	if (ret)
		return ret;
	ret = uldf_inodes_init();
	if (ret)
		goto err_class;
	ret = uldf_devices_init();
	if (ret)
		goto err_inodes;
	ret = uldf_spaces_init();
	if (ret)
		goto err_devices;
	ret = uldf_functions_init();
	if (ret)
		goto err_spaces;
	ret = uldf_control_init();
	if (ret)
		goto err_functions;
	return 0;

err_functions:
	uldf_functions_fini();
err_spaces:
	uldf_spaces_fini();
err_devices:
	uldf_devices_fini();
err_inodes:
	uldf_inodes_fini();
err_class:
	class_unregister(&uldf_class);
	return ret;
}

static void __exit uldf_exit(void)
{
	uldf_control_fini();
	uldf_functions_fini();
	/* waits for those that are ending: the last to let go of devices' objects, and so of inodes */
	uldf_spaces_fini();
	uldf_devices_fini();
	uldf_inodes_fini();
	class_unregister(&uldf_class);
}

module_init(uldf_init);
module_exit(uldf_exit);
MODULE_DESCRIPTION("PCI device drivers in user space and in guests");
MODULE_LICENSE("GPL");
