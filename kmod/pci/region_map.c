// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of memory BARs, which fault in while the gate is open. A fault maps a huge page if the kernel can
 * map a BAR with one, else all small pages of the mapping that share a page of the page table.
 *
 * So a fault maps at most 2 MiB of small pages: a BAR of 32 GiB takes 16,384 faults, no fault holds
 * memory_lock for long, and a process that touches one register costs one page of the page table.
 *
 * Takes memory_lock for reading; device/gate.c zaps the mappings.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/nospec.h>

#include "core/compat.h"
#include "device/command.h"
#include "pci/region.h"
#include "pci/region_map.h"

#define OFFSET_MASK (BIT_ULL(ULDF_REGION_SHIFT) - 1)

/* A run of small pages that is being mapped. */
struct run {
	struct vm_area_struct *vma;
	unsigned long pfn; /* mapped at vma->vm_start */
};

static int run_set(pte_t *pte, unsigned long address, void *data)
{
	const struct run *run = data;
	unsigned long pfn = run->pfn + ((address - run->vma->vm_start) >> PAGE_SHIFT);

	if (pte_none(ptep_get(pte)))
		set_pte_at(run->vma->vm_mm, address, pte,
			   pte_mkspecial(pfn_pte(pfn, run->vma->vm_page_prot)));
	return 0;
}

/*
 * Maps the faulting page, then the rest of the mapping that shares its page of the page table. The kernel
 * looks up how the first page may be cached; nothing maps another part of a BAR with other caching.
 */
static vm_fault_t insert_small(struct vm_fault *vmf, unsigned long pfn)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long address = vmf->address & PAGE_MASK;
	unsigned long begin = max(vma->vm_start, address & PMD_MASK);
	unsigned long end = min(vma->vm_end - 1, address | ~PMD_MASK) + 1;
	struct run run = {.vma = vma, .pfn = pfn - ((address - vma->vm_start) >> PAGE_SHIFT)};
	vm_fault_t ret;

	ret = vmf_insert_pfn(vma, address, pfn);
	/* pages that this fails to map take faults of their own later */
	if (ret == VM_FAULT_NOPAGE)
		apply_to_page_range(vma->vm_mm, begin, end - begin, run_set, &run);
	return ret;
}

/* Maps a huge page if the mapping has all of it and the BAR is aligned like the mapping. */
static vm_fault_t insert_huge(struct vm_fault *vmf, unsigned long pfn, unsigned int order)
{
	unsigned long size = PAGE_SIZE << order;
	unsigned long address = vmf->address & ~(size - 1);

	pfn -= (vmf->address - address) >> PAGE_SHIFT;
	if (address < vmf->vma->vm_start || size > vmf->vma->vm_end - address ||
	    !IS_ALIGNED(pfn, 1UL << order))
		return VM_FAULT_FALLBACK;
	return uldf_insert_pfn_huge(vmf, pfn, order);
}

/**
 * uldf_region_map_insert - map the page of a BAR that a fault needs
 * @udev: the device, its memory_lock held for reading
 * @vmf: the fault, in a mapping that shows one area of the BAR
 * @index: which BAR
 * @offset: of the faulting page, in bytes from the BAR's start
 * @order: of the page that the kernel asks for
 *
 * Return: VM_FAULT_NOPAGE mapped; VM_FAULT_FALLBACK a page of that order cannot be mapped;
 * VM_FAULT_SIGBUS the gate is closed or memory decoding off; VM_FAULT_OOM
 */
vm_fault_t uldf_region_map_insert(struct uldf_device *udev, struct vm_fault *vmf, u32 index,
				  u64 offset, unsigned int order)
{
	unsigned long pfn = (pci_resource_start(udev->pdev, index) + offset) >> PAGE_SHIFT;

	if (!udev->gate || !uldf_command_decodes(udev, PCI_COMMAND_MEMORY))
		return VM_FAULT_SIGBUS;
	return order ? insert_huge(vmf, pfn, order) : insert_small(vmf, pfn);
}

static vm_fault_t region_huge_fault(struct vm_fault *vmf, unsigned int order)
{
	struct uldf_device *udev = vmf->vma->vm_private_data;
	u64 pos = (u64)vmf->pgoff << PAGE_SHIFT;
	vm_fault_t ret;

	down_read(&udev->memory_lock);
	ret = uldf_region_map_insert(udev, vmf, pos >> ULDF_REGION_SHIFT, pos & OFFSET_MASK, order);
	up_read(&udev->memory_lock);
	return ret;
}

static vm_fault_t region_fault(struct vm_fault *vmf)
{
	return region_huge_fault(vmf, 0);
}

static const struct vm_operations_struct region_vm_ops = {
	.fault = region_fault,
	.huge_fault = uldf_huge_fault(region_huge_fault),
};

/* Sets flags and protection of a mapping of registers, for each kind of file that has one. */
void uldf_region_map_vma(struct vm_area_struct *vma)
{
	uldf_vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_page_prot = pgprot_decrypted(pgprot_noncached(vma->vm_page_prot));
}

int uldf_region_map(struct uldf_device *udev, struct vm_area_struct *vma)
{
	u64 pos = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 index = pos >> ULDF_REGION_SHIFT;

	if (READ_ONCE(udev->gone))
		return -ENODEV;
	if (!(vma->vm_flags & VM_SHARED) || index >= ULDF_REGIONS)
		return -EINVAL;
	index = array_index_nospec(index, ULDF_REGIONS);
	if (uldf_region_mappable(udev, index, pos & OFFSET_MASK, vma->vm_end - vma->vm_start))
		return -EINVAL;
	uldf_region_map_vma(vma);
	vma->vm_private_data = udev;
	vma->vm_ops = &region_vm_ops;
	return 0;
}

#ifdef uldf_find_address
/**
 * uldf_region_map_address - find an address at which a BAR can be mapped by huge pages
 * @file: what is mapped
 * @address: where the caller wants it; 0 anywhere
 * @size: bytes
 * @pgoff: pages from the start of a region, or of the device file, in which each region is aligned
 * @flags: of mmap()
 *
 * Return: the address, or a negative errno
 */
unsigned long uldf_region_map_address(struct file *file, unsigned long address, unsigned long size,
				      unsigned long pgoff, unsigned long flags)
{
	unsigned long offset = pgoff << PAGE_SHIFT, room;

	if (!address && !(flags & MAP_FIXED) && size >= PUD_SIZE) {
		room = uldf_find_address(file, 0, size + PUD_SIZE, pgoff, flags);
		if (!IS_ERR_VALUE(room))
			return room + ((offset - room) & (PUD_SIZE - 1));
	}
	return uldf_find_address(file, address, size, pgoff, flags);
}
#endif
