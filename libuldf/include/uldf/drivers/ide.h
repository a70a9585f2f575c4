/* SPDX-License-Identifier: MIT */
#ifndef ULDF_DRIVERS_IDE_H
#define ULDF_DRIVERS_IDE_H

#include <uldf/drivers/disk.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * uldf_ide_open() - drive an ATA disk of an IDE controller (ATA/ATAPI-6, PCI IDE 1.0, BMIDE 1.0)
 * @device: controller in compatibility or native mode, attached to @space
 * @space: where its DMA memory is, with the mask 0xffffffff
 * @options: how; NULL for all zero. Depth is always 1
 * @out: the disk, closed with uldf_disk_close(); untouched on failure
 *
 * Transfer modes and timings stay as firmware, or the driver before, has set them. The other disks of the
 * controller are left alone, and must not be in use by anybody.
 *
 * Return: 0, -EINVAL no such unit, -ERANGE the space has more address bits, -ENXIO no ATA disk answers
 * there, -ENOTSUP the controller lacks the registers, or the disk has a write cache that can be neither
 * flushed nor switched off, -ENOMEM, -EMFILE, -ENODEV gone, -ETIMEDOUT, -EIO it does not work.
 */
int uldf_ide_open(struct uldf_device *device, struct uldf_space *space,
		  const struct uldf_disk_options *options, struct uldf_disk **out);

#ifdef __cplusplus
}
#endif

#endif
