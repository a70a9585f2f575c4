/* SPDX-License-Identifier: MIT */
#ifndef ULDF_CONFIG_H
#define ULDF_CONFIG_H

#include <uldf/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * uldf_config_read() - read a register of the configuration space
 * @device: device
 * @offset: bytes, a multiple of @width
 * @width: 1, 2 or 4
 * @out: the value in the CPU's order; untouched on failure
 *
 * Return: 0, -EINVAL, -ERANGE past the configuration space, -ENODEV gone.
 */
int uldf_config_read(struct uldf_device *device, unsigned int offset, unsigned int width,
		     uint32_t *out);

/**
 * uldf_config_write() - write a register of the configuration space
 * @device: device
 * @offset: bytes, a multiple of @width
 * @width: 1, 2 or 4
 * @value: what to write
 *
 * Bits that belong to the host (BARs, MSI, power state, ...) keep their value, as read-only bits do.
 *
 * Return: 0, -EINVAL, -ERANGE, -ENXIO bus mastering is to be switched on (command register, bit 2) while
 * the device is attached to no space, -ENODEV gone.
 */
int uldf_config_write(struct uldf_device *device, unsigned int offset, unsigned int width,
		      uint32_t value);

/**
 * uldf_config_find() - find a standard capability (PCI 3.0 section 6.7)
 * @device: device
 * @id: capability id
 * @out: its offset, 0x40..0xfc; untouched on failure
 *
 * A list with a loop or a pointer below 0x40 ends the search.
 *
 * Return: 0, -ENOENT it has none, -ENODEV gone.
 */
int uldf_config_find(struct uldf_device *device, uint8_t id, unsigned int *out);

/**
 * uldf_config_find_extended() - find an extended capability (PCIe 6.0 section 7.6.3)
 * @device: device
 * @id: extended capability id
 * @out: its offset, 0x100..0xffc; untouched on failure
 *
 * Return: 0, -ENOENT it has none, -ENODEV gone.
 */
int uldf_config_find_extended(struct uldf_device *device, uint16_t id, unsigned int *out);

#ifdef __cplusplus
}
#endif

#endif
