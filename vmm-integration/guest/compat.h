/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels uldf_guest.ko is built for. Nothing else in it looks at
 * LINUX_VERSION_CODE.
 */
#ifndef GUEST_COMPAT_H
#define GUEST_COMPAT_H

#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/version.h>

/*
 * 6.7: a domain that translates has an op of its own, before the op was told the type; and a map can fail when it is
 * synced
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define guest_op_alloc		      domain_alloc_paging
#define guest_alloc_arg		      struct device *
#define guest_alloc_translates(arg)   true
#define guest_sync_map_tells	      true
#define guest_sync_map_result	      int
#define guest_sync_map_return(result) return result
#else
#define guest_op_alloc		      domain_alloc
#define guest_alloc_arg		      unsigned int
#define guest_alloc_translates(arg)   ((arg) == IOMMU_DOMAIN_DMA || (arg) == IOMMU_DOMAIN_UNMANAGED)
#define guest_sync_map_tells	      false
#define guest_sync_map_result	      void
#define guest_sync_map_return(result) (void)(result)
#endif

/* 6.19: the op is told which domain the device leaves */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
#define guest_attach_old , struct iommu_domain *old
#else
#define guest_attach_old
#endif

/* 6.13 at the latest: a domain's page sizes are in the domain alone */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define GUEST_OPS_OWNER(module) .owner = (module)
#else
#define GUEST_OPS_OWNER(module) .owner = (module), .pgsize_bitmap = PAGE_SIZE
#endif

/* Before 6.7: stands in front of the DMA functions that a device has (checked.c). */
void guest_checked_setup(struct device *dev);

/* 6.10: the kernel gives a device the DMA functions that use the IOMMU, before the IOMMU's driver did */
static inline void guest_setup_dma(struct device *dev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	iommu_setup_dma_ops(dev, 0, U64_MAX);
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	guest_checked_setup(dev);
#endif
}

/* Does a driver hold the device? False while its probe runs; device_is_bound() is not exported. */
static inline bool guest_is_bound(const struct device *dev)
{
	return READ_ONCE(dev->links.status) == DL_DEV_DRIVER_BOUND;
}

#endif
