/* SPDX-License-Identifier: MIT */
#ifndef ULDF_DISCOVER_H
#define ULDF_DISCOVER_H

#include <stdbool.h>
#include <uldf/ctx.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct uldf_address - where a PCI function stands
 * @segment: PCI segment
 * @bus: bus number
 * @device: device number, 0..31
 * @function: function number, 0..7
 */
struct uldf_address {
	uint32_t segment;
	uint8_t bus;
	uint8_t device;
	uint8_t function;
};

/** ULDF_ADDRESS_TEXT - bytes that hold any address as text, NUL included */
#define ULDF_ADDRESS_TEXT 20

/**
 * uldf_address_parse() - read "dddd:bb:dd.f", or "bb:dd.f" in segment 0
 * @text: the text
 * @out: the address; untouched on failure
 *
 * Return: 0, or -EINVAL.
 */
int uldf_address_parse(const char *text, struct uldf_address *out);

/**
 * uldf_address_format() - write an address as "dddd:bb:dd.f"
 * @address: the address
 * @buf: where the text goes
 */
void uldf_address_format(const struct uldf_address *address, char buf[ULDF_ADDRESS_TEXT]);

/**
 * struct uldf_host_device - a PCI function of this host, as sysfs shows it
 * @address: where it stands
 * @vendor: vendor id
 * @device: device id
 * @subvendor: subsystem vendor id
 * @subdevice: subsystem id
 * @class_code: class, subclass and programming interface, 24 bits
 * @revision: revision id
 * @driver: name of the driver that holds it, empty for none
 * @group: IOMMU group, or -1 without IOMMU
 * @bridge: it is a bridge, and never claimed
 * @claimed: uldf.ko holds it
 */
struct uldf_host_device {
	struct uldf_address address;
	uint16_t vendor;
	uint16_t device;
	uint16_t subvendor;
	uint16_t subdevice;
	uint32_t class_code;
	uint8_t revision;
	char driver[32];
	int group;
	bool bridge;
	bool claimed;
};

/**
 * uldf_discover() - list the host's PCI functions
 * @ctx: context
 * @list: out: array ordered by address, freed with uldf_discover_free(); untouched on failure
 * @count: out: how many
 *
 * Needs no privilege. Return: 0, -ENOMEM, or what libudev answered.
 */
int uldf_discover(struct uldf_ctx *ctx, struct uldf_host_device **list, size_t *count);

/**
 * uldf_discover_free() - free what uldf_discover() gave
 * @list: the array, or NULL
 */
void uldf_discover_free(struct uldf_host_device *list);

/**
 * uldf_discover_one() - look one PCI function up
 * @ctx: context
 * @address: where it stands
 * @out: what is known of it; untouched on failure
 *
 * Return: 0, -ENODEV no such function, -ENOMEM.
 */
int uldf_discover_one(struct uldf_ctx *ctx, const struct uldf_address *address,
		      struct uldf_host_device *out);

/**
 * uldf_discover_usage() - what the host is using a device for, at a glance
 * @ctx: context
 * @address: the device
 * @buf: out: one line, such as "/dev/sda1 mounted on /mnt, eth0 is up"; empty when nothing was
 *       found; untouched on failure
 * @size: bytes at @buf; what does not fit is cut off
 *
 * Reads what /sys and /proc tell, so that nobody notices. Processes are not looked at: whoever is
 * about to take the device from its driver asks uldf_usage_create().
 *
 * Return: 0, -EINVAL @size is 0, -ENODEV no such device, -ENOMEM.
 */
int uldf_discover_usage(struct uldf_ctx *ctx, const struct uldf_address *address, char *buf,
			size_t size);

#ifdef __cplusplus
}
#endif

#endif
