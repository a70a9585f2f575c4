// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions: what they are, access by pread and pwrite, and mappings of memory BARs.
 *
 * An access reaches the device only under uldf_device.memory_lock held for reading, with the gate
 * open and the region's decoding on. Who changes either holds the lock for writing and zaps the
 * mappings first; they fault in again page by page. All mappings of a device belong to its one inode,
 * so to one address space.
 */
#include <linux/io.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "uldf.h"

static bool region_is_bar(u32 index)
{
	return index < PCI_STD_NUM_BARS;
}

/* What there is of a region; resources do not change while a driver is bound. */
static void window_init(struct uldf_device *udev, u32 index)
{
	struct uldf_window *window = &udev->window[index];
	struct pci_dev *pdev = udev->pdev;
	struct resource *res;

	window->widths = 1 | 2 | 4;
	if (index == ULDF_REGION_CONFIG) {
		window->size = pdev->cfg_size;
		return;
	}
	res = &pdev->resource[index == ULDF_REGION_ROM ? PCI_ROM_RESOURCE : index];
	if (!res->flags ||
	    (region_is_bar(index) && (res->flags & IORESOURCE_UNSET || !res->parent)))
		return;
	window->size = resource_size(res);
	if (res->flags & IORESOURCE_IO) {
		window->ports = true;
		window->port = res->start;
		window->decode = PCI_COMMAND_IO;
	} else {
		window->widths |= 8;
		window->decode = PCI_COMMAND_MEMORY;
	}
}

/*
 * The parts of a BAR that may be mapped: whole pages, all of them the device's own, without those
 * that hold the MSI-X table, which the kernel programs.
 */
static u32 region_areas(struct uldf_device *udev, u32 index, struct uldf_ioc_region_area *area)
{
	/* what is beyond has no offset in the file */
	u64 size = min(udev->window[index].size, BIT_ULL(ULDF_REGION_SHIFT)), begin, end;
	u32 count = 0;

	if (!region_is_bar(index) || !size ||
	    !(pci_resource_flags(udev->pdev, index) & IORESOURCE_MEM) ||
	    !PAGE_ALIGNED(pci_resource_start(udev->pdev, index)))
		return 0;
	if (!PAGE_ALIGNED(size)) {
		if (!udev->rest[index].parent)
			return 0;
		size = PAGE_ALIGN(size);
	}
	if (!udev->msix_table_size || index != udev->msix_table_bar) {
		area[0] = (struct uldf_ioc_region_area){.offset = 0, .size = size};
		return 1;
	}
	begin = round_down(udev->msix_table_offset, PAGE_SIZE);
	end = PAGE_ALIGN((u64)udev->msix_table_offset + udev->msix_table_size);
	if (begin)
		area[count++] = (struct uldf_ioc_region_area){.size = min(begin, size)};
	if (end < size)
		area[count++] = (struct uldf_ioc_region_area){.offset = end, .size = size - end};
	return count;
}

int uldf_region_info(void *object, union uldf_args *args)
{
	struct uldf_ioc_region_info *info = &args->region_info;
	struct uldf_device *udev = object;
	unsigned long flags = 0;
	u32 index = info->index;
	int ret;

	if (info->flags || index >= ULDF_REGIONS)
		return -EINVAL;
	ret = uldf_device_enter(udev);
	if (ret)
		return ret;
	memset(info->area, 0, sizeof(info->area));
	info->size = udev->window[index].size;
	info->offset = (u64)index << ULDF_REGION_SHIFT;
	info->areas = region_areas(udev, index, info->area);
	info->address = 0;
	if (info->size)
		info->flags = ULDF_REGION_READ;
	if (info->size && index != ULDF_REGION_ROM)
		info->flags |= ULDF_REGION_WRITE;
	if (info->size && region_is_bar(index)) {
		info->address = pci_bus_address(udev->pdev, index);
		flags = pci_resource_flags(udev->pdev, index);
	}
	if (flags & IORESOURCE_IO)
		info->flags |= ULDF_REGION_PORTS;
	if (flags & IORESOURCE_PREFETCH)
		info->flags |= ULDF_REGION_PREFETCH;
	if (flags & IORESOURCE_MEM_64)
		info->flags |= ULDF_REGION_64BIT;
	if (flags & IORESOURCE_PCI_FIXED)
		info->flags |= ULDF_REGION_FIXED;
	uldf_device_leave(udev);
	return 0;
}

/* ---- pread and pwrite ---------------------------------------------------------------------- */

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

/* Maps a memory BAR into the kernel at its first access; unmapped by uldf_region_fini(). */
int uldf_bar_map(struct uldf_device *udev, u32 index)
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

static bool in_msix_table(struct uldf_device *udev, u32 index, u64 offset, size_t width)
{
	u64 table = udev->msix_table_offset;

	return udev->msix_table_size && index == udev->msix_table_bar && offset + width > table &&
	       offset < table + udev->msix_table_size;
}

/* One access to a BAR that answers and, being memory, was given to uldf_bar_map(). */
void uldf_bar_touch(struct uldf_device *udev, u32 index, u64 offset, size_t width, u64 *value,
		    bool write)
{
	const struct uldf_window *window = &udev->window[index];

	if (window->ports)
		port_access(window->port + offset, width, value, write);
	else if (!write || !in_msix_table(udev, index, offset, width))
		memory_access(udev->bar[index] + offset, width, value, write);
}

static int bar_access(struct uldf_device *udev, u32 index, u64 offset, size_t width, u64 *value,
		      bool write)
{
	const struct uldf_window *window = &udev->window[index];
	int ret = 0;

	if (!window->ports && !READ_ONCE(udev->bar[index])) {
		ret = uldf_bar_map(udev, index);
		if (ret)
			return ret;
	}
	uldf_access_begin(udev);
	if (unlikely(!udev->gate))
		ret = -ENODEV;
	else if (!uldf_config_decodes(udev, window->decode))
		ret = -EIO;
	else
		uldf_bar_touch(udev, index, offset, width, value, write);
	uldf_access_end(udev);
	return ret;
}

/* One access, of which index, width, alignment and range were judged. Takes what locks it needs. */
int uldf_region_one(struct uldf_device *udev, u32 index, u64 offset, size_t width, u64 *value,
		    bool write)
{
	if (region_is_bar(index))
		return bar_access(udev, index, offset, width, value, write);
	if (index == ULDF_REGION_ROM)
		return write ? -EINVAL : uldf_rom_read(udev, offset, width, value);
	if (write)
		return uldf_config_write(udev, offset, width, *value);
	return uldf_config_read(udev, offset, width, value);
}

/* By width: a copy of so many bytes costs a hundred instructions. */
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

/*
 * Judges an access of @count bytes at @pos of the device file, by the offsets of struct
 * uldf_ioc_region_info.
 */
static int access_check(struct uldf_device *udev, size_t count, u64 pos)
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
	window = &udev->window[index];
	if (offset >= window->size || count > window->size - offset)
		return -ERANGE;
	return window->widths & count ? 0 : -EINVAL;
}

/* One access of natural width, in the byte order of the bus, which is the host's. */
ssize_t uldf_region_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct uldf_device *udev = file->private_data;
	u64 offset = *pos & (BIT_ULL(ULDF_REGION_SHIFT) - 1), value;
	u64 index = (u64)*pos >> ULDF_REGION_SHIFT;
	int ret;

	ret = access_check(udev, count, *pos);
	if (ret)
		return ret;
	if (index == ULDF_REGION_CONFIG)
		ret = uldf_config_read(udev, offset, count, &value);
	else
		ret = uldf_region_one(udev, index, offset, count, &value, false);
	if (ret)
		return ret;
	return value_put(value, buf, count) ? -EFAULT : count;
}

ssize_t uldf_region_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct uldf_device *udev = file->private_data;
	u64 offset = *pos & (BIT_ULL(ULDF_REGION_SHIFT) - 1), value;
	u64 index = (u64)*pos >> ULDF_REGION_SHIFT;
	int ret;

	ret = access_check(udev, count, *pos);
	if (ret)
		return ret;
	if (value_get(&value, buf, count))
		return -EFAULT;
	ret = uldf_region_one(udev, index, offset, count, &value, true);
	return ret ?: count;
}

/* ---- mmap ---------------------------------------------------------------------------------- */

/* Puts the page at @offset of a BAR into a mapping; memory_lock is held for reading. */
vm_fault_t uldf_region_insert(struct uldf_device *udev, struct vm_fault *vmf, u32 index, u64 offset)
{
	u64 address = pci_resource_start(udev->pdev, index) + offset;

	if (!udev->gate || !uldf_config_decodes(udev, PCI_COMMAND_MEMORY))
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn(vmf->vma, vmf->address, address >> PAGE_SHIFT);
}

static vm_fault_t region_fault(struct vm_fault *vmf)
{
	struct uldf_device *udev = vmf->vma->vm_private_data;
	u64 pos = (u64)vmf->pgoff << PAGE_SHIFT;
	vm_fault_t ret;

	down_read(&udev->memory_lock);
	ret = uldf_region_insert(udev, vmf, pos >> ULDF_REGION_SHIFT,
				 pos & (BIT_ULL(ULDF_REGION_SHIFT) - 1));
	up_read(&udev->memory_lock);
	return ret;
}

static const struct vm_operations_struct region_vm_ops = {
	.fault = region_fault,
};

/* What a mapping of registers is, whatever file it is of. */
void uldf_region_vma(struct vm_area_struct *vma)
{
	uldf_vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_page_prot = pgprot_decrypted(pgprot_noncached(vma->vm_page_prot));
}

/* Is that part within one area of the region? 0; -EOPNOTSUPP it has none; -ERANGE. */
int uldf_region_mappable(struct uldf_device *udev, u32 index, u64 offset, u64 size)
{
	struct uldf_ioc_region_area area[ULDF_REGION_AREAS];
	u32 count = region_areas(udev, index, area), i;

	for (i = 0; i < count; i++)
		if (offset >= area[i].offset && offset - area[i].offset < area[i].size &&
		    size <= area[i].offset + area[i].size - offset)
			return 0;
	return count ? -ERANGE : -EOPNOTSUPP;
}

int uldf_region_mmap(struct uldf_device *udev, struct vm_area_struct *vma)
{
	u64 pos = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 offset = pos & (BIT_ULL(ULDF_REGION_SHIFT) - 1);
	u64 index = pos >> ULDF_REGION_SHIFT;

	if (READ_ONCE(udev->gone))
		return -ENODEV;
	if (!(vma->vm_flags & VM_SHARED) || index >= ULDF_REGIONS ||
	    uldf_region_mappable(udev, index, offset, vma->vm_end - vma->vm_start))
		return -EINVAL;
	uldf_region_vma(vma);
	vma->vm_private_data = udev;
	vma->vm_ops = &region_vm_ops;
	return 0;
}

/* memory_lock is held for writing */
void uldf_region_zap(struct uldf_device *udev)
{
	if (udev->mapping)
		unmap_mapping_range(udev->mapping, 0, ULDF_SHARED_AT, true);
}

/* ---- lifetime -------------------------------------------------------------------------------- */

/*
 * Takes the rest of the page that a small BAR begins, so that nothing else is ever put there and the
 * page can be mapped.
 */
static void rest_request(struct uldf_device *udev, u32 index)
{
	struct resource *res = &udev->pdev->resource[index], *rest = &udev->rest[index];

	if (!udev->window[index].size || !(res->flags & IORESOURCE_MEM) ||
	    !PAGE_ALIGNED(res->start) || PAGE_ALIGNED(resource_size(res)))
		return;
	rest->name = "uldf rest of page";
	rest->start = res->end + 1;
	rest->end = ALIGN(res->end + 1, PAGE_SIZE) - 1;
	rest->flags = res->flags;
	if (request_resource(res->parent, rest))
		rest->parent = NULL;
}

void uldf_region_init(struct uldf_device *udev)
{
	u32 i;

	for (i = 0; i < ULDF_REGIONS; i++)
		window_init(udev, i);
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		rest_request(udev, i);
}

/* The gate is closed, or was never open. */
void uldf_region_fini(struct uldf_device *udev)
{
	u32 i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		if (udev->bar[i])
			pci_iounmap(udev->pdev, udev->bar[i]);
		udev->bar[i] = NULL;
		if (udev->rest[i].parent)
			release_resource(&udev->rest[i]);
		udev->rest[i].parent = NULL;
	}
}

/* Opens the gate for the holder of a new file, whose address space is @mapping. */
void uldf_region_open(struct uldf_device *udev, struct address_space *mapping)
{
	down_write(&udev->memory_lock);
	udev->mapping = mapping;
	udev->opening++;
	uldf_config_command(udev);
	udev->gate = true;
	up_write(&udev->memory_lock);
}

/* Closes the gate: nothing that its holder does reaches the device any more. */
void uldf_region_shut(struct uldf_device *udev)
{
	down_write(&udev->memory_lock);
	udev->gate = false;
	uldf_region_zap(udev);
	up_write(&udev->memory_lock);
}

void uldf_region_close(struct uldf_device *udev)
{
	uldf_region_shut(udev);
	/* the gate is closed: no page comes any more */
	down_write(&udev->memory_lock);
	udev->mapping = NULL;
	up_write(&udev->memory_lock);
}
