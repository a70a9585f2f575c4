// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/pci_regs.h>
#include <uldf/config.h>
#include <uldf/device.h>
#include <uldf/drivers/ide.h>
#include <uldf/drivers/nvme.h>

#define CLASS_IDE  0x0101 /* any programming interface */
#define CLASS_NVME 0x010802

int uldf_disk_open(struct uldf_device *device, struct uldf_space *space,
		   const struct uldf_disk_options *options, struct uldf_disk **out)
{
	uint32_t class_code;
	int err = uldf_config_read(device, PCI_CLASS_REVISION, 4, &class_code);

	if (err)
		return err;
	class_code >>= 8;
	if (class_code >> 8 == CLASS_IDE)
		return uldf_ide_open(device, space, options, out);
	if (class_code == CLASS_NVME)
		return uldf_nvme_open(device, space, options, out);
	return uldf_device_fail(device, -ENOTSUP,
				"class 0x%06x is no disk controller that has a driver here: IDE "
				"(0x0101..) and NVMe (0x010802) have",
				class_code);
}
