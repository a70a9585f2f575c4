// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes accesses to regions, one at a time, for pread, pwrite and batches.
 *
 * Takes memory_lock for reading. uldf_access_prepare() takes uldf_device.lock, then memory_lock for writing.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "core/compat.h"
#include "device/command.h"
#include "device/gate.h"
#include "pci/access.h"
#include "pci/config.h"
#include "pci/region.h"
#include "pci/rom.h"

static void memory_access(void __iomem *at, size_t width, u64 *value, bool write)
{
	switch (width) {
	case 1:
		if (write)
			writeb(*value, at);
		else
			*value = readb(at);
		break;
	case 2:
		if (write)
			writew(*value, at);
		else
			*value = readw(at);
		break;
	case 4:
		if (write)
			writel(*value, at);
		else
			*value = readl(at);
		break;
	default:
		if (write)
			writeq(*value, at);
		else
			*value = readq(at);
	}
}

static void port_access(unsigned long port, size_t width, u64 *value, bool write)
{
	switch (width) {
	case 1:
		if (write)
			outb(*value, port);
		else
			*value = inb(port);
		break;
	case 2:
		if (write)
			outw(*value, port);
		else
			*value = inw(port);
		break;
	default:
		if (write)
			outl(*value, port);
		else
			*value = inl(port);
	}
}

/* Maps a memory BAR into the kernel at its first access; uldf_region_fini() unmaps it. */
int uldf_access_prepare(struct uldf_device *udev, u32 index)
{
	int ret;

	ret = uldf_device_enter(udev);
	if (ret)
		return ret;
	down_write(&udev->memory_lock);
	if (!udev->bar[index])
		udev->bar[index] = pci_iomap(udev->pdev, index, 0);
	if (!udev->bar[index])
		ret = -ENOMEM;
	up_write(&udev->memory_lock);
	uldf_device_leave(udev);
	return ret;
}

/*
 * Makes one access to a BAR that the device decodes and that, if it is memory, uldf_access_prepare() has
 * mapped. The MSI-X table reads as all ones, because it tells where the host takes interrupts, and
 * ignores writes. No access of natural width crosses its ends: it begins at a multiple of 8 bytes, with
 * entries of 16.
 */
void uldf_access_bar(struct uldf_device *udev, u32 index, u64 offset, size_t width, u64 *value,
		     bool write)
{
	const struct uldf_window *window = &udev->window[index];

	if (window->ports)
		port_access(window->port + offset, width, value, write);
	else if (likely(offset - window->table >= window->table_size))
		memory_access(udev->bar[index] + offset, width, value, write);
	else if (!write)
		*value = GENMASK_ULL(8 * width - 1, 0);
}

static int bar_access(struct uldf_device *udev, u32 index, u64 offset, size_t width, u64 *value,
		      bool write)
{
	const struct uldf_window *window = &udev->window[index];
	int ret = 0;

	if (!window->ports && !READ_ONCE(udev->bar[index])) {
		ret = uldf_access_prepare(udev, index);
		if (ret)
			return ret;
	}
	uldf_access_begin(udev);
	if (unlikely(!udev->gate))
		ret = -ENODEV;
	else if (!uldf_command_decodes(udev, window->decode))
		ret = -EIO;
	else
		uldf_access_bar(udev, index, offset, width, value, write);
	uldf_access_end(udev);
	return ret;
}

/* Makes one access, whose index, width, alignment and range were checked. Takes the locks that it needs. */
int uldf_access_one(struct uldf_device *udev, u32 index, u64 offset, size_t width, u64 *value,
		    bool write)
{
	if (uldf_region_is_bar(index))
		return bar_access(udev, index, offset, width, value, write);
	if (index == ULDF_REGION_ROM)
		return write ? -EINVAL : uldf_rom_read(udev, offset, width, value);
	if (write)
		return uldf_config_write(udev, offset, width, *value);
	return uldf_config_read(udev, offset, width, value);
}

/* Reads @width bytes by get_user(): copy_from_user() of a variable size costs a hundred instructions. */
static int value_get(u64 *value, const void __user *buf, size_t width)
{
	u64 qword;
	u32 dword;
	u16 word;
	u8 byte;
	int ret;

	switch (width) {
	case 1:
		ret = get_user(byte, (const u8 __user *)buf);
		*value = byte;
		break;
	case 2:
		ret = get_user(word, (const u16 __user *)buf);
		*value = word;
		break;
	case 4:
		ret = get_user(dword, (const u32 __user *)buf);
		*value = dword;
		break;
	default:
		ret = get_user(qword, (const u64 __user *)buf);
		*value = qword;
	}
	return ret;
}

static int value_put(u64 value, void __user *buf, size_t width)
{
	switch (width) {
	case 1:
		return put_user((u8)value, (u8 __user *)buf);
	case 2:
		return put_user((u16)value, (u16 __user *)buf);
	case 4:
		return put_user((u32)value, (u32 __user *)buf);
	default:
		return put_user(value, (u64 __user *)buf);
	}
}

/* Where an access by pread or pwrite goes. */
struct access {
	u32 index;
	u64 offset;
};

/*
 * Checks an access of @count bytes at @pos of the device file, by the offsets of struct
 * uldf_ioc_region_info. Inline, so that no access has to write @out to memory and read it back.
 */
static __always_inline int access_find(struct uldf_device *udev, size_t count, u64 pos,
				       struct access *out)
{
	u64 offset = pos & (BIT_ULL(ULDF_REGION_SHIFT) - 1);
	u64 index = pos >> ULDF_REGION_SHIFT;
	const struct uldf_window *window;

	if (READ_ONCE(udev->gone))
		return -ENODEV;
	if (!count || count > 8 || count & (count - 1) || offset & (count - 1))
		return -EINVAL;
	if (index >= ULDF_REGIONS)
		return -ERANGE;
	index = array_index_nospec(index, ULDF_REGIONS);
	window = &udev->window[index];
	if (offset >= window->size || count > window->size - offset)
		return -ERANGE;
	if (!(window->widths & count))
		return -EINVAL;
	*out = (struct access){.index = index, .offset = offset};
	return 0;
}

/* Makes one access of natural width. The host has the byte order of the bus, so values are not swapped. */
ssize_t uldf_access_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct uldf_device *udev = file->private_data;
	struct access access uldf_uninitialized;
	u64 value uldf_uninitialized;
	int ret;

	ret = access_find(udev, count, *pos, &access);
	if (ret)
		return ret;
	if (access.index == ULDF_REGION_CONFIG)
		ret = uldf_config_read(udev, access.offset, count, &value);
	else
		ret = uldf_access_one(udev, access.index, access.offset, count, &value, false);
	if (ret)
		return ret;
	return value_put(value, buf, count) ? -EFAULT : count;
}

ssize_t uldf_access_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct uldf_device *udev = file->private_data;
	struct access access uldf_uninitialized;
	u64 value uldf_uninitialized;
	int ret;

	ret = access_find(udev, count, *pos, &access);
	if (ret)
		return ret;
	if (value_get(&value, buf, count))
		return -EFAULT;
	ret = uldf_access_one(udev, access.index, access.offset, count, &value, true);
	return ret ?: count;
}
