// SPDX-License-Identifier: GPL-2.0-only
/* uldf.ko: loading and unloading. */
#include <linux/module.h>

#include "claim/control.h"
#include "claim/functions.h"
#include "claim/member.h"
#include "core/class.h"
#include "core/inode.h"
#include "device/device.h"
#include "dma/space.h"
#include "dma/space_file.h"
#include "file/driver.h"
#include "file/file.h"
#include "file/stats.h"

static int __init uldf_init(void)
{
	int ret;

	ret = uldf_class_init();
	if (ret)
		return ret;
	ret = uldf_stats_init();
	if (ret)
		goto err_class;
	ret = uldf_inodes_init();
	if (ret)
		goto err_stats;
	ret = uldf_spaces_init(&uldf_space_file_ops);
	if (ret)
		goto err_inodes;
	ret = uldf_functions_init();
	if (ret)
		goto err_spaces;
	ret = uldf_members_init();
	if (ret)
		goto err_functions;
	ret = uldf_driver_register(&uldf_pci_driver, &uldf_file_ops);
	if (ret)
		goto err_members;
	ret = uldf_control_init();
	if (ret)
		goto err_driver;
	return 0;

err_driver:
	uldf_driver_unregister(&uldf_pci_driver);
err_members:
	uldf_members_fini();
err_functions:
	uldf_functions_fini();
err_spaces:
	uldf_spaces_fini();
err_inodes:
	uldf_inodes_fini();
err_stats:
	uldf_stats_fini();
err_class:
	uldf_class_fini();
	return ret;
}

static void __exit uldf_exit(void)
{
	uldf_control_fini();
	uldf_driver_unregister(&uldf_pci_driver);
	uldf_members_fini();
	uldf_functions_fini();
	/* waits for spaces that end: they are the last to put devices' objects, and so inodes */
	uldf_spaces_fini();
	uldf_inodes_fini();
	uldf_stats_fini();
	uldf_class_fini();
}

module_init(uldf_init);
module_exit(uldf_exit);
MODULE_DESCRIPTION("PCI device drivers in user space and in guests");
MODULE_LICENSE("GPL");
