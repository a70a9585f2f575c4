/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels uldf.ko is built for. Nothing else in uldf.ko looks at
 * LINUX_VERSION_CODE.
 */
#ifndef ULDF_COMPAT_H
#define ULDF_COMPAT_H

#include <linux/device/class.h>
#include <linux/eventfd.h>
#include <linux/iommu.h>
#include <linux/irqbypass.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#include <linux/pfn_t.h>
#endif

/* For what CONFIG_INIT_STACK_ALL_ZERO would zero for nothing; 6.17 has a name of its own for it. */
#if __has_attribute(__uninitialized__)
#define uldf_uninitialized __attribute__((__uninitialized__))
#else
#define uldf_uninitialized
#endif

/* 6.2: a class' devnode callback takes a const device */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define uldf_devnode_device const struct device
#else
#define uldf_devnode_device struct device
#endif

/* 6.4: class attributes take a const class and attribute (const attribute only) */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define uldf_attr_class	    const struct class
#define uldf_attr_attribute const struct class_attribute
#else
#define uldf_attr_class	    struct class
#define uldf_attr_attribute struct class_attribute
#endif

/* 6.3: vm_flags are changed by accessors */
static inline void uldf_vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

static inline void uldf_vm_flags_clear(struct vm_area_struct *vma, unsigned long flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_clear(vma, flags);
#else
	vma->vm_flags &= ~flags;
#endif
}

/*
 * 6.12: huge entries of page tables can be special, as small ones can. Before, get_user_pages_fast() takes
 * what a huge entry shows for memory, and no BAR may be mapped by one. 6.17 has no pfn_t.
 */
#ifdef CONFIG_ARCH_SUPPORTS_PMD_PFNMAP
#define uldf_huge_fault(function) (function)
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define uldf_pfn(pfn) (pfn)
#else
#define uldf_pfn(pfn) __pfn_to_pfn_t(pfn, PFN_DEV)
#endif
#else
#define uldf_huge_fault(function) NULL
#endif

/* Maps a huge page of a device's registers; returns VM_FAULT_FALLBACK where the kernel cannot. */
static inline vm_fault_t uldf_insert_pfn_huge(struct vm_fault *vmf, unsigned long pfn,
					      unsigned int order)
{
#ifdef CONFIG_ARCH_SUPPORTS_PMD_PFNMAP
	bool write = vmf->flags & FAULT_FLAG_WRITE;

	if (order == PMD_ORDER)
		return vmf_insert_pfn_pmd(vmf, uldf_pfn(pfn), write);
#ifdef CONFIG_ARCH_SUPPORTS_PUD_PFNMAP
	if (order == PUD_ORDER)
		return vmf_insert_pfn_pud(vmf, uldf_pfn(pfn), write);
#endif
#endif
	return VM_FAULT_FALLBACK;
}

/* Without huge pages the kernel has no function that finds addresses for them. */
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
#define uldf_find_address thp_get_unmapped_area
#endif

/* 6.8: eventfd_signal() always adds one */
static inline void uldf_eventfd_signal(struct eventfd_ctx *ctx)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, 1);
#endif
}

/* 6.3: a group tells whether its MSIs are isolated, before the IOMMU of a device did */
static inline bool uldf_isolated_msi(struct device *dev, struct iommu_group *group)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return iommu_group_has_isolated_msi(group);
#else
	return device_iommu_capable(dev, IOMMU_CAP_INTR_REMAP);
#endif
}

/* 6.11: domains are allocated for a device, before for a bus */
static inline struct iommu_domain *uldf_domain_alloc(struct device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	return iommu_paging_domain_alloc(dev);
#else
	struct iommu_domain *domain = iommu_domain_alloc(dev->bus);

	return domain ?: ERR_PTR(-ENOMEM);
#endif
}

/* 6.3: iommu_map() takes allocation flags */
static inline int uldf_map(struct iommu_domain *domain, unsigned long address, phys_addr_t physical,
			   size_t size, int prot)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return iommu_map(domain, address, physical, size, prot, GFP_KERNEL_ACCOUNT);
#else
	return iommu_map(domain, address, physical, size, prot);
#endif
}

/* 6.3: iommu_map_sg() takes allocation flags */
static inline ssize_t uldf_map_sg(struct iommu_domain *domain, unsigned long address,
				  struct scatterlist *sg, unsigned int count, int prot)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return iommu_map_sg(domain, address, sg, count, prot, GFP_KERNEL_ACCOUNT);
#else
	return iommu_map_sg(domain, address, sg, count, prot);
#endif
}

/* 6.2: a vector of MSI-X can be allocated while others are in use */
static inline bool uldf_msix_can_alloc(struct pci_dev *pdev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	return pci_msix_can_alloc_dyn(pdev);
#else
	return false;
#endif
}

/* Returns the Linux interrupt number of the vector at @index, or a negative errno. */
static inline int uldf_msix_alloc(struct pci_dev *pdev, unsigned int index)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	struct msi_map map = pci_msix_alloc_irq_at(pdev, index, NULL);

	return map.index < 0 ? map.index : map.virq;
#else
	return -EOPNOTSUPP;
#endif
}

static inline void uldf_msix_free(struct pci_dev *pdev, unsigned int index, int line)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	pci_msix_free_irq(pdev, (struct msi_map){.index = index, .virq = line});
#endif
}

/* 6.17: the eventfd and the interrupt of a producer are arguments, before they were members */
static inline int uldf_producer_register(typeof(&irq_bypass_register_producer) call,
					 struct irq_bypass_producer *producer,
					 struct eventfd_ctx *event, int line)
{
#ifdef ULDF_BYPASS_EVENTFD
	return call(producer, event, line);
#else
	producer->token = event;
	producer->irq = line;
	return call(producer);
#endif
}

/*
 * Whether the kernel lets drivers have @pdev: not an IOMMU's own function, nor a device that is not wholly
 * enumerated yet. Newer kernels keep that to themselves; there a device has its file in /proc/bus/pci just
 * before drivers may bind.
 */
static inline bool uldf_may_bind(struct pci_dev *pdev)
{
#ifdef ULDF_MATCH_DRIVER
	return pdev->match_driver;
#else
	/* PCI Code and ID Assignment 1.15 §1.9: base class 08, sub-class 06 is an IOMMU */
	return READ_ONCE(pdev->procent) && pdev->class >> 8 != 0x0806;
#endif
}

/*
 * What the numbers in pci_dev.reset_methods mean; no header tells. A kernel with more of them may have
 * put a new one between these.
 */
enum uldf_kernel_reset {
#if PCI_NUM_RESET_METHODS <= 8
	ULDF_KERNEL_RESET_FLR = 3,
	ULDF_KERNEL_RESET_AF = 4,
	ULDF_KERNEL_RESET_PM = 5,
	ULDF_KERNEL_RESET_BUS = 6,
#else
	ULDF_KERNEL_RESET_FLR = 0x100,
	ULDF_KERNEL_RESET_AF,
	ULDF_KERNEL_RESET_PM,
	ULDF_KERNEL_RESET_BUS,
#endif
};

/*
 * 7.0: the IOMMU core blocks a function while it is reset, so that nothing waits for its answers (ATS); it exports
 * that to modules. The kernel's methods for one function do it themselves.
 */
static inline int uldf_reset_iommu_prepare(struct pci_dev *pdev)
{
#ifdef ULDF_RESET_IOMMU
	return pci_dev_reset_iommu_prepare(pdev);
#else
	return 0;
#endif
}

static inline void uldf_reset_iommu_done(struct pci_dev *pdev)
{
#ifdef ULDF_RESET_IOMMU
	pci_dev_reset_iommu_done(pdev);
#endif
}

/*
 * Whoever calls pci_enable_sriov() and pci_disable_sriov() holds the rescan lock, which keeps hot-plug from the
 * virtual functions. Kernels from October 2025 to February 2026 take that lock, which does not nest, inside
 * of these calls: 6.18, 6.19, and releases of older series. There it is left to them; the ranges are generous,
 * because without the lock such a call works, but a hot-unplugging at the same moment. (Those kernels hang
 * whenever a device with virtual functions is removed, under whatever driver.)
 */
#define uldf_version_in(a, b, first, last)                    \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(a, b, first) && \
	 LINUX_VERSION_CODE <= KERNEL_VERSION(a, b, last))

static inline bool uldf_sriov_locks_itself(void)
{
	return uldf_version_in(6, 1, 154, 164) || uldf_version_in(6, 6, 110, 127) ||
	       uldf_version_in(6, 12, 50, 74) || uldf_version_in(6, 17, 0, 255) ||
	       uldf_version_in(6, 18, 0, 15) || uldf_version_in(6, 19, 0, 5);
}

static inline void uldf_sriov_lock(void)
{
	if (!uldf_sriov_locks_itself())
		pci_lock_rescan_remove();
}

static inline void uldf_sriov_unlock(void)
{
	if (!uldf_sriov_locks_itself())
		pci_unlock_rescan_remove();
}

/**
 * uldf_override_swap - replace a device's driver_override
 * @pdev: the device, its lock held
 * @value: allocated by kmalloc(), or NULL; owned by the device afterwards
 *
 * driver_set_override() takes the device's lock, which remove() already holds. The override moved from
 * each bus' device to struct device, behind a lock of its own.
 *
 * Return: the previous value, owned by the caller
 */
static inline const char *uldf_override_swap(struct pci_dev *pdev, const char *value)
{
	const char *old;

#ifdef ULDF_OVERRIDE_IN_DEVICE
	spin_lock(&pdev->dev.driver_override.lock);
	old = pdev->dev.driver_override.name;
	pdev->dev.driver_override.name = value;
	spin_unlock(&pdev->dev.driver_override.lock);
#else
	old = pdev->driver_override;
	pdev->driver_override = value;
#endif
	return old;
}

/* Whether a device's driver_override, its lock held, is @name. */
static inline bool uldf_override_is(struct pci_dev *pdev, const char *name)
{
#ifdef ULDF_OVERRIDE_IN_DEVICE
	bool is;

	spin_lock(&pdev->dev.driver_override.lock);
	is = pdev->dev.driver_override.name && !strcmp(pdev->dev.driver_override.name, name);
	spin_unlock(&pdev->dev.driver_override.lock);
	return is;
#else
	return pdev->driver_override && !strcmp(pdev->driver_override, name);
#endif
}

#endif
