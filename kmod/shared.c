// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shared pages of a device: how often each vector fired, and when last, for its holder to read
 * without a call.
 *
 * Made at the claim, for as many vectors as the device can have. A mapping stays good until its file is
 * closed, whatever becomes of the device. Written under uldf_vector.lock or, of a vector that only
 * its interrupt handler fires, by that alone.
 */
#include <linux/mm.h>
#include <linux/timex.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "uldf.h"

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

void uldf_shared_fini(struct uldf_device *udev)
{
	vfree(udev->shared);
}

/* No vector is enabled. */
void uldf_shared_clear(struct uldf_device *udev)
{
	if (udev->shared)
		memset(udev->shared, 0, udev->shared_size);
}

/* A reader that finds a new count finds the time that belongs to it, or a later one. */
void uldf_shared_count(struct uldf_ioc_vector_count *count)
{
	WRITE_ONCE(count->tsc, get_cycles());
	smp_store_release(&count->count, count->count + 1);
}

static vm_fault_t shared_fault(struct vm_fault *vmf)
{
	struct uldf_device *udev = vmf->vma->vm_private_data;
	u64 offset = ((u64)vmf->pgoff << PAGE_SHIFT) - ULDF_SHARED_AT;

	vmf->page = vmalloc_to_page((u8 *)udev->shared + offset);
	get_page(vmf->page);
	return 0;
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
	uldf_vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_private_data = udev;
	vma->vm_ops = &shared_vm_ops;
	return 0;
}
