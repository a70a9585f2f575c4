// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of memory BARs, which fault in page by page while the gate is open.
 *
 * Takes memory_lock for reading; device/gate.c zaps the mappings.
 */
#include <linux/fs.h>
#include <linux/mm.h>

#include "core/compat.h"
#include "device/command.h"
#include "pci/region.h"
#include "pci/region_map.h"

/* Puts the page at @offset of a BAR into a mapping; memory_lock is held for reading. */
vm_fault_t uldf_region_map_insert(struct uldf_device *udev, struct vm_fault *vmf, u32 index,
				  u64 offset)
{
	u64 address = pci_resource_start(udev->pdev, index) + offset;

	if (!udev->gate || !uldf_command_decodes(udev, PCI_COMMAND_MEMORY))
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn(vmf->vma, vmf->address, address >> PAGE_SHIFT);
}

static vm_fault_t region_fault(struct vm_fault *vmf)
{
	struct uldf_device *udev = vmf->vma->vm_private_data;
	u64 pos = (u64)vmf->pgoff << PAGE_SHIFT;
	vm_fault_t ret;

	down_read(&udev->memory_lock);
	ret = uldf_region_map_insert(udev, vmf, pos >> ULDF_REGION_SHIFT,
				     pos & (BIT_ULL(ULDF_REGION_SHIFT) - 1));
	up_read(&udev->memory_lock);
	return ret;
}

static const struct vm_operations_struct region_vm_ops = {
	.fault = region_fault,
};

/* What a mapping of registers is, whatever file it is of. */
void uldf_region_map_vma(struct vm_area_struct *vma)
{
	uldf_vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_page_prot = pgprot_decrypted(pgprot_noncached(vma->vm_page_prot));
}

int uldf_region_map(struct uldf_device *udev, struct vm_area_struct *vma)
{
	u64 pos = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 offset = pos & (BIT_ULL(ULDF_REGION_SHIFT) - 1);
	u64 index = pos >> ULDF_REGION_SHIFT;

	if (READ_ONCE(udev->gone))
		return -ENODEV;
	if (!(vma->vm_flags & VM_SHARED) || index >= ULDF_REGIONS ||
	    uldf_region_mappable(udev, index, offset, vma->vm_end - vma->vm_start))
		return -EINVAL;
	uldf_region_map_vma(vma);
	vma->vm_private_data = udev;
	vma->vm_ops = &region_vm_ops;
	return 0;
}
