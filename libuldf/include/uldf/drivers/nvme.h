/* SPDX-License-Identifier: MIT */
#ifndef ULDF_DRIVERS_NVME_H
#define ULDF_DRIVERS_NVME_H

#include <uldf/drivers/disk.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * uldf_nvme_open() - drive a namespace of an NVMe controller (NVM Express 1.4)
 * @device: controller, attached to @space
 * @space: where its DMA memory is
 * @options: how; NULL for all zero: depth 64, by interrupt
 * @out: the disk, closed with uldf_disk_close(); untouched on failure
 *
 * One pair of queues. Where the doorbells can be mapped, submitting and polling make no system calls; a
 * device that vanishes then raises SIGBUS in the thread that rings (see uldf_region_map()).
 *
 * Return: 0, -EINVAL depth, -ENXIO no such namespace, -ENOTSUP metadata or a page size that the driver
 * does not know, -ENOMEM, -EMFILE, -ENODEV gone, -ETIMEDOUT, -EIO it does not work, -EPROTO its answers
 * make no sense.
 */
int uldf_nvme_open(struct uldf_device *device, struct uldf_space *space,
		   const struct uldf_disk_options *options, struct uldf_disk **out);

#ifdef __cplusplus
}
#endif

#endif
