// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/pci_regs.h>
#include "backend.h"

/* No list can be longer than the space has room for capabilities of the least size. */
#define CONFIG_STANDARD_MOST ((256 - 64) / 4)
#define CONFIG_EXTENDED_MOST ((4096 - 256) / 8)

int uldf_config_read(struct uldf_device *device, unsigned int offset, unsigned int width,
		     uint32_t *out)
{
	uint64_t value;
	int err;

	if (width > 4)
		return uldf_device_fail(device, -EINVAL,
					"config: an access cannot be %u bytes wide", width);
	err = uldf_region_read(device, ULDF_CONFIG, offset, width, &value);
	if (!err)
		*out = (uint32_t)value;
	return err;
}

int uldf_config_write(struct uldf_device *device, unsigned int offset, unsigned int width,
		      uint32_t value)
{
	if (width > 4)
		return uldf_device_fail(device, -EINVAL,
					"config: an access cannot be %u bytes wide", width);
	return uldf_region_write(device, ULDF_CONFIG, offset, width, value);
}

int config_check_write(const struct uldf_device *device, uint64_t offset, unsigned int width,
		       uint64_t value)
{
	uint64_t shift = 8 * (PCI_COMMAND - offset);

	if (device->attached || offset > PCI_COMMAND || offset + width <= PCI_COMMAND ||
	    !(value >> shift & PCI_COMMAND_MASTER))
		return 0;
	return uldf_device_fail(
		device, -ENXIO,
		"config: bus mastering cannot be switched on while the device is attached "
		"to no space: call uldf_device_attach() first");
}

static int config_absent(struct uldf_device *device, const char *kind, unsigned int id)
{
	return uldf_device_fail(device, -ENOENT, "no %s capability 0x%02x", kind, id);
}

int uldf_config_find(struct uldf_device *device, uint8_t id, unsigned int *out)
{
	unsigned int offset, visited;
	uint32_t value;
	int err;

	err = uldf_config_read(device, PCI_STATUS, 2, &value);
	if (err)
		return err;
	if (!(value & PCI_STATUS_CAP_LIST))
		return config_absent(device, "standard", id);
	err = uldf_config_read(device, PCI_CAPABILITY_LIST, 1, &value);
	for (visited = 0; !err && visited < CONFIG_STANDARD_MOST; visited++) {
		/* The low two bits are reserved and to be masked (PCI 3.0 section 6.7). */
		offset = value & 0xfc;
		if (offset < PCI_STD_HEADER_SIZEOF)
			break;
		err = uldf_config_read(device, offset, 2, &value);
		if (err)
			break;
		if ((value & 0xff) == id) {
			*out = offset;
			return 0;
		}
		value >>= 8;
	}
	return err ? err : config_absent(device, "standard", id);
}

int uldf_config_find_extended(struct uldf_device *device, uint16_t id, unsigned int *out)
{
	unsigned int offset = PCI_CFG_SPACE_SIZE, visited;
	uint32_t header;
	int err;

	if (device->regions[ULDF_CONFIG].size <= PCI_CFG_SPACE_SIZE)
		return config_absent(device, "extended", id);
	for (visited = 0; visited < CONFIG_EXTENDED_MOST; visited++) {
		err = uldf_config_read(device, offset, 4, &header);
		if (err)
			return err;
		/* Zero: there are none; ones: nothing answers beyond the first 256 bytes. */
		if (header == 0 || header == UINT32_MAX)
			break;
		if (PCI_EXT_CAP_ID(header) == id) {
			*out = offset;
			return 0;
		}
		offset = PCI_EXT_CAP_NEXT(header);
		if (offset < PCI_CFG_SPACE_SIZE)
			break;
	}
	return config_absent(device, "extended", id);
}
