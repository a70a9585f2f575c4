/* SPDX-License-Identifier: MIT */
/* What the kernel tells of a PCI function below /sys/bus/pci/devices, for backends that need it. */
#ifndef ULDF_SRC_SYSFS_H
#define ULDF_SRC_SYSFS_H

#include <uldf.h>

#define SYSFS_PATH 128

/**
 * sysfs_path() - where a file of a device is
 * @address: the device's address as text
 * @name: file
 * @out: its path
 */
void sysfs_path(const char *address, const char *name, char out[SYSFS_PATH]);

/**
 * sysfs_is_bridge() - is a function a bridge
 * @folder: its folder
 * @class_code: class, subclass and programming interface
 *
 * By its class (PCI Code and ID Assignment 1.11, section 1.7), or by its header's layout where that can be read: what
 * matters is that registers 0x18 and on are windows.
 *
 * Return: whether it is.
 */
bool sysfs_is_bridge(const char *folder, uint32_t class_code);

/**
 * sysfs_parse_resources() - read the text of "resource"
 * @text: a line for each of BAR 0..5 and the ROM: first and last address, flags
 * @regions: out: what of a region is told there, for these seven
 *
 * Return: 0, or -EPROTO when the text is something else.
 */
int sysfs_parse_resources(const char *text, struct uldf_region *regions);

/**
 * sysfs_resources() - the same, from the device's file
 * @address: the device's address as text
 * @regions: out: as of sysfs_parse_resources()
 *
 * Return: 0, -ENODEV no such device, -EPROTO.
 */
int sysfs_resources(const char *address, struct uldf_region *regions);

/**
 * sysfs_parse_reset() - read the text of "reset_method"
 * @text: the methods that the kernel tries, in order
 *
 * Return: how the device is reset; by a method without name where several are tried.
 */
enum uldf_reset sysfs_parse_reset(const char *text);

/**
 * sysfs_reset_method() - the same, from the device's file
 * @address: the device's address as text
 *
 * Return: as of sysfs_parse_reset().
 */
enum uldf_reset sysfs_reset_method(const char *address);

/**
 * sysfs_group_users() - who else in an IOMMU group is driven by the host
 * @group: number of the group
 * @but: address of the device to leave out
 * @driver: name of the driver that devices may have
 * @out: "0000:00:1f.3 (i801_smbus), ..."; empty for nobody
 * @size: bytes at @out; what does not fit is cut off
 */
void sysfs_group_users(int group, const char *but, const char *driver, char *out, size_t size);

#endif
