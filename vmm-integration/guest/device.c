// SPDX-License-Identifier: GPL-2.0-only
#include <linux/iopoll.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>
#include "device.h"
#include "lazy.h"

/* Numbers of the queues. */
#define DEVICE_REQUESTS 0
#define DEVICE_EVENTS	1

/*
 * What the device must have. The driver does not use BYPASS_CONFIG: with it, an endpoint that is in no domain
 * reaches what the host lets it reach.
 */
#define DEVICE_FEATURES                                                           \
	(1ULL << VIRTIO_F_VERSION_1 | 1ULL << VIRTIO_IOMMU_F_INPUT_RANGE |        \
	 1ULL << VIRTIO_IOMMU_F_DOMAIN_RANGE | 1ULL << VIRTIO_IOMMU_F_MAP_UNMAP | \
	 1ULL << VIRTIO_IOMMU_F_PROBE | 1ULL << VIRTIO_IOMMU_F_MMIO |             \
	 1ULL << VIRTIO_IOMMU_F_BYPASS_CONFIG)

/* The longest answer to PROBE that it takes, in bytes. */
#define DEVICE_PROBE_MOST SZ_64K

/* A reset takes no longer, in milliseconds. */
#define DEVICE_RESET_MS 1000

/* The host's policy is data of the vendor (virtio 1.2 section 4.1.4.8) that ends in a signature. */
#define DEVICE_POLICY_FLAGS	6
#define DEVICE_POLICY_STRICT	0x1
#define DEVICE_POLICY_SIGNATURE 8
#define DEVICE_POLICY_ULDF	0x66646c75 /* the letters */

static struct guest_device *the_device;

struct guest_device *guest_device(void)
{
	return the_device;
}

static void device_add_status(struct guest_device *device, u8 bits)
{
	vp_modern_set_status(&device->mdev, vp_modern_get_status(&device->mdev) | bits);
}

static int device_reset(struct guest_device *device)
{
	u8 status;

	vp_modern_set_status(&device->mdev, 0);
	return read_poll_timeout(vp_modern_get_status, status, !status, USEC_PER_MSEC,
				 DEVICE_RESET_MS * USEC_PER_MSEC, false, &device->mdev);
}

static int device_negotiate(struct guest_device *device)
{
	if (DEVICE_FEATURES & ~vp_modern_get_features(&device->mdev))
		return -EOPNOTSUPP;
	vp_modern_set_features(&device->mdev, DEVICE_FEATURES);
	device_add_status(device, VIRTIO_CONFIG_S_FEATURES_OK);
	return vp_modern_get_status(&device->mdev) & VIRTIO_CONFIG_S_FEATURES_OK ? 0 : -EOPNOTSUPP;
}

static int device_read_config(struct guest_device *device)
{
	u32 *words = (u32 *)&device->config;
	u64 page_sizes;

	if (device->mdev.device_len < sizeof(device->config))
		return -EINVAL;
	for (unsigned int i = 0; i < sizeof(device->config) / sizeof(*words); i++)
		words[i] = ioread32(device->mdev.device + i * sizeof(*words));
	/* The smallest page of the device is one of the kernel's, or a part of it. */
	page_sizes = le64_to_cpu(device->config.page_size_mask);
	device->probe_size = le32_to_cpu(device->config.probe_size);
	return page_sizes & (2 * PAGE_SIZE - 1) && device->probe_size <= DEVICE_PROBE_MOST
		       ? 0
		       : -EINVAL;
}

/* Does the host demand that unmaps wait for nothing? */
static bool device_demands_strict(struct pci_dev *pdev)
{
	u8 at = pci_find_capability(pdev, PCI_CAP_ID_VNDR);
	u32 signature;
	u16 flags;

	for (; at; at = pci_find_next_capability(pdev, at, PCI_CAP_ID_VNDR)) {
		pci_read_config_word(pdev, at + DEVICE_POLICY_FLAGS, &flags);
		pci_read_config_dword(pdev, at + DEVICE_POLICY_SIGNATURE, &signature);
		if (signature == DEVICE_POLICY_ULDF)
			return flags & DEVICE_POLICY_STRICT;
	}
	return false;
}

/* Starts a queue of the device, with room for @most entries or fewer. Its memory lives as long as the driver is bound. */
static int device_start_queue(struct guest_device *device, u16 number, unsigned int most,
			      struct vring *ring, void __iomem **doorbell)
{
	struct virtio_pci_modern_device *mdev = &device->mdev;
	unsigned int size = min_t(unsigned int, vp_modern_get_queue_size(mdev, number), most);
	unsigned long pages;

	if (size < 2 || !is_power_of_2(size))
		return -EINVAL;
	pages = devm_get_free_pages(&mdev->pci_dev->dev, GFP_KERNEL | __GFP_ZERO,
				    get_order(vring_size(size, SMP_CACHE_BYTES)));
	*doorbell = vp_modern_map_vq_notify(mdev, number, NULL);
	if (!pages || !*doorbell)
		return -ENOMEM;
	vring_init(ring, size, (void *)pages, SMP_CACHE_BYTES);
	vp_modern_set_queue_size(mdev, number, size);
	vp_modern_queue_address(mdev, number, virt_to_phys(ring->desc), virt_to_phys(ring->avail),
				virt_to_phys(ring->used));
	vp_modern_set_queue_enable(mdev, number, true);
	return 0;
}

static int device_start(struct guest_device *device)
{
	struct guest_queue *queue = &device->queue;
	struct guest_events *events = &device->events;
	struct pci_dev *pdev = device->mdev.pci_dev;
	int ret = device_reset(device);

	if (ret)
		return ret;
	device_add_status(device, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	ret = device_negotiate(device) ?:
	      device_read_config(device) ?:
	      device_start_queue(device, DEVICE_REQUESTS, 2 * GUEST_QUEUE_MOST, &queue->ring,
				 &queue->doorbell) ?:
	      device_start_queue(device, DEVICE_EVENTS, GUEST_EVENTS_MOST, &events->ring,
				 &events->doorbell);
	if (!ret)
		guest_queue_init(queue);
	if (!ret && guest_events_start(device, DEVICE_EVENTS))
		pci_warn(pdev, "uldf_guest: has no interrupt, so faults are not told\n");
	if (ret)
		pci_err(pdev, "uldf_guest: is no virtio-iommu that can be used: %d\n", ret);
	device_add_status(device, ret ? VIRTIO_CONFIG_S_FAILED : VIRTIO_CONFIG_S_DRIVER_OK);
	return ret;
}

static int device_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct guest_device *device;
	int ret;

	if (the_device)
		return -EBUSY;
	device = devm_kzalloc(&pdev->dev, sizeof(*device), GFP_KERNEL);
	if (!device)
		return -ENOMEM;
	spin_lock_init(&device->queue.lock);
	xa_init_flags(&device->domains, XA_FLAGS_ALLOC);
	device->mdev.pci_dev = pdev;
	ret = pcim_enable_device(pdev) ?: vp_modern_probe(&device->mdev);
	if (ret)
		return ret;
	pci_set_master(pdev);
	ret = device_start(device);
	if (!ret) {
		the_device = device;
		pci_info(pdev, "uldf_guest: unmaps are %s\n",
			 guest_lazy_settle(device_demands_strict(pdev)));
		return 0;
	}
	pci_clear_master(pdev);
	vp_modern_remove(&device->mdev);
	return ret;
}

static const struct pci_device_id device_ids[] = {
	{PCI_DEVICE(GUEST_DEVICE_VENDOR, GUEST_DEVICE_ID)},
	{},
};
MODULE_DEVICE_TABLE(pci, device_ids);

/* The IOMMU of devices that are at work cannot be taken away, so nothing unbinds it. */
struct pci_driver guest_device_driver = {
	.name = KBUILD_MODNAME,
	.id_table = device_ids,
	.probe = device_probe,
	.driver.suppress_bind_attrs = true,
};
