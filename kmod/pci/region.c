// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions: which ones a device has, and which parts of them can be mapped. Constant during a claim.
 *
 * Takes uldf_device.lock.
 */
#include <linux/mm.h>
#include <linux/nospec.h>

#include "pci/region.h"

/* Fills in one region's window from its resource, which does not change while a driver is bound. */
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
	    (uldf_region_is_bar(index) && (res->flags & IORESOURCE_UNSET || !res->parent)))
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

/* Notes where the MSI-X table is (PCIe 6.0 section 7.7.2). */
static void table_init(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;
	struct uldf_window *window;
	u32 table = 0;
	u16 flags = 0;

	if (!pdev->msix_cap)
		return;
	pci_read_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS, &flags);
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_TABLE, &table);
	if (!uldf_region_is_bar(table & PCI_MSIX_TABLE_BIR))
		return;
	window = &udev->window[table & PCI_MSIX_TABLE_BIR];
	window->table = table & PCI_MSIX_TABLE_OFFSET;
	window->table_size = ((flags & PCI_MSIX_FLAGS_QSIZE) + 1) * PCI_MSIX_ENTRY_SIZE;
}

/*
 * Lists the parts of a BAR that may be mapped: whole pages that belong to the device alone, without those
 * that hold the MSI-X table, which the kernel programs. Returns how many parts there are.
 */
static u32 region_areas(struct uldf_device *udev, u32 index, struct uldf_ioc_region_area *area)
{
	const struct uldf_window *window = &udev->window[index];
	/* bytes beyond this have no offset in the device file */
	u64 size = min(window->size, BIT_ULL(ULDF_REGION_SHIFT)), begin, end;
	u32 count = 0;

	if (!uldf_region_is_bar(index) || !size || window->ports ||
	    !PAGE_ALIGNED(pci_resource_start(udev->pdev, index)))
		return 0;
	if (!PAGE_ALIGNED(size)) {
		if (!udev->rest[index].parent)
			return 0;
		size = PAGE_ALIGN(size);
	}
	if (!window->table_size) {
		area[0] = (struct uldf_ioc_region_area){.offset = 0, .size = size};
		return 1;
	}
	begin = round_down(window->table, PAGE_SIZE);
	end = PAGE_ALIGN(window->table + window->table_size);
	if (begin)
		area[count++] = (struct uldf_ioc_region_area){.size = min(begin, size)};
	if (end < size)
		area[count++] = (struct uldf_ioc_region_area){.offset = end, .size = size - end};
	return count;
}

static int region_info(void *object, void *arg)
{
	struct uldf_ioc_region_info *info = arg;
	struct uldf_device *udev = object;
	unsigned long flags = 0;
	u32 index = info->index;
	int ret;

	if (info->flags || index >= ULDF_REGIONS)
		return -EINVAL;
	index = array_index_nospec(index, ULDF_REGIONS);
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
	if (info->size && uldf_region_is_bar(index)) {
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

/* Checks that a part lies in one area of the region. Returns 0; -EOPNOTSUPP it has no area; -ERANGE. */
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

/* ---- lifetime -------------------------------------------------------------------------------- */

/*
 * Reserves what follows a small BAR in its page, so that no other resource is put there and the page
 * can be mapped.
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
	table_init(udev);
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		rest_request(udev, i);
}

/* Undoes uldf_region_init() and unmaps the BARs; the gate is closed, or was never open. */
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

const struct uldf_call uldf_region_calls[] = {
	{ULDF_REGION_INFO, offsetofend(struct uldf_ioc_region_info, area), .run = region_info},
	{},
};
