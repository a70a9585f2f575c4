// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shared pages of a device: how often each vector fired, and when last. The holder maps them and reads
 * them without a system call.
 *
 * file/life.c has them made at the claim, for as many vectors as the device can have. A mapping stays valid
 * when the device is gone: it holds the file, which holds the uldf_device, which holds the pages. irq/signal.c writes the pages under uldf_vector.lock or, for a vector that only
 * its interrupt handler fires, in that handler without a lock.
 */
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "core/compat.h"
#include "irq/shared.h"

/* Allocates the pages; device/device.c frees them with the uldf_device. */
int uldf_shared_init(struct uldf_device *udev)
{
	u32 most = 0, i;

	for (i = 0; i < ULDF_VECTOR_TYPES; i++)
		most = max(most, udev->vectors[i]);
	if (!most)
		return 0;
	udev->shared_size = PAGE_ALIGN(most * sizeof(*udev->shared));
	udev->shared = vmalloc_user(udev->shared_size);
	return udev->shared ? 0 : -ENOMEM;
}

/* Zeroes the counts; no vector is enabled. */
void uldf_shared_clear(struct uldf_device *udev)
{
	if (udev->shared)
		memset(udev->shared, 0, udev->shared_size);
}

static vm_fault_t shared_fault(struct vm_fault *vmf)
{
	struct uldf_device *udev = vmf->vma->vm_private_data;
	u64 offset = ((u64)vmf->pgoff << PAGE_SHIFT) - ULDF_SHARED_AT;

	return vmf_insert_pfn(vmf->vma, vmf->address, vmalloc_to_pfn((u8 *)udev->shared + offset));
}

static const struct vm_operations_struct shared_vm_ops = {
	.fault = shared_fault,
};

int uldf_shared_mmap(struct uldf_device *udev, struct vm_area_struct *vma)
{
	u64 offset = ((u64)vma->vm_pgoff << PAGE_SHIFT) - ULDF_SHARED_AT;
	u64 size = vma->vm_end - vma->vm_start;

	if (READ_ONCE(udev->gone))
		return -ENODEV;
	if (!(vma->vm_flags & VM_SHARED) || offset >= udev->shared_size ||
	    size > udev->shared_size - offset)
		return -EINVAL;
	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	uldf_vm_flags_clear(vma, VM_MAYWRITE);
	/* without struct page: who kept a reference to a page would see what the next holder's device does */
	uldf_vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_private_data = udev;
	vma->vm_ops = &shared_vm_ops;
	return 0;
}
