// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>
#include "device.h"

#define DEVICE_REQUESTS 0 /* number of the queue */

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
	vp_modern_set_status(&device->mdev, 0);
	for (unsigned int i = 0; i < DEVICE_RESET_MS; i++) {
		if (!vp_modern_get_status(&device->mdev))
			return 0;
		msleep(1);
	}
	return -EIO;
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

static int device_start_queue(struct guest_device *device)
{
	struct virtio_pci_modern_device *mdev = &device->mdev;
	struct guest_queue *queue = &device->queue;
	int ret = guest_queue_init(queue, vp_modern_get_queue_size(mdev, DEVICE_REQUESTS));

	if (ret)
		return ret;
	vp_modern_set_queue_size(mdev, DEVICE_REQUESTS, queue->ring.num);
	vp_modern_queue_address(mdev, DEVICE_REQUESTS, virt_to_phys(queue->ring.desc),
				virt_to_phys(queue->ring.avail), virt_to_phys(queue->ring.used));
	queue->doorbell = vp_modern_map_vq_notify(mdev, DEVICE_REQUESTS, NULL);
	if (!queue->doorbell) {
		guest_queue_fini(queue);
		return -EIO;
	}
	vp_modern_set_queue_enable(mdev, DEVICE_REQUESTS, true);
	device_add_status(device, VIRTIO_CONFIG_S_DRIVER_OK);
	return 0;
}

static int device_start(struct guest_device *device)
{
	int ret = device_reset(device);

	if (ret)
		return ret;
	device_add_status(device, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	ret = device_negotiate(device);
	if (!ret)
		ret = device_read_config(device);
	if (!ret)
		ret = device_start_queue(device);
	if (ret) {
		device_add_status(device, VIRTIO_CONFIG_S_FAILED);
		dev_err(&device->mdev.pci_dev->dev, "is no virtio-iommu that can be used: %d\n",
			ret);
	}
	return ret;
}

static int device_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct guest_device *device;
	int ret;

	if (the_device)
		return -EBUSY;
	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return -ENOMEM;
	ida_init(&device->domains);
	device->mdev.pci_dev = pdev;
	ret = pci_enable_device(pdev);
	if (ret)
		goto err_free;
	ret = vp_modern_probe(&device->mdev);
	if (ret)
		goto err_disable;
	pci_set_master(pdev);
	ret = device_start(device);
	if (ret)
		goto err_remove;
	the_device = device;
	return 0;
err_remove:
	pci_clear_master(pdev);
	vp_modern_remove(&device->mdev);
err_disable:
	pci_disable_device(pdev);
err_free:
	kfree(device);
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
