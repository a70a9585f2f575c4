// SPDX-License-Identifier: GPL-2.0-only
/*
 * The expansion ROM. The first read copies it; all reads are served from the copy.
 *
 * A device may decode its ROM and its BARs with one decoder (PCI 3.0 section 6.2.5.2), so nobody may access a
 * BAR while the ROM is enabled: rom_copy() runs with memory_lock held for writing. Takes uldf_device.lock,
 * then memory_lock.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/nospec.h>

#include "device/command.h"
#include "device/gate.h"
#include "pci/rom.h"

static int rom_copy(struct uldf_device *udev, u8 **out)
{
	size_t room = pci_resource_len(udev->pdev, PCI_ROM_RESOURCE), size;
	void __iomem *rom;
	u8 *copy;

	copy = kvmalloc(room, GFP_KERNEL_ACCOUNT);
	if (!copy)
		return -ENOMEM;
	uldf_gate_zap(udev);
	rom = pci_map_rom(udev->pdev, &size);
	if (!rom) {
		kvfree(copy);
		return -EIO;
	}
	memset(copy, 0xff, room);
	memcpy_fromio(copy, rom, min(size, room));
	pci_unmap_rom(udev->pdev, rom);
	*out = copy;
	return 0;
}

/**
 * uldf_rom_read - read from the expansion ROM
 * @udev: the device
 * @offset: inside the region
 * @width: 1, 2, 4 or 8 bytes
 * @value: out
 *
 * Return: 0; -ENODEV gone; -EIO memory decoding is off, or there is no readable ROM; -ENOMEM
 */
int uldf_rom_read(struct uldf_device *udev, u64 offset, size_t width, u64 *value)
{
	int ret;

	ret = uldf_device_enter(udev);
	if (ret)
		return ret;
	down_write(&udev->memory_lock);
	if (!udev->gate)
		ret = -ENODEV;
	else if (!uldf_command_decodes(udev, PCI_COMMAND_MEMORY))
		ret = -EIO;
	else if (!udev->rom)
		ret = rom_copy(udev, &udev->rom);
	if (!ret) {
		*value = 0;
		offset = array_index_nospec(offset, udev->window[ULDF_REGION_ROM].size);
		memcpy(value, udev->rom + offset, width);
	}
	up_write(&udev->memory_lock);
	uldf_device_leave(udev);
	return ret;
}
