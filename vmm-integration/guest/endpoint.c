// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>
#include <linux/slab.h>
#include "compat.h"
#include "device.h"
#include "domain.h"
#include "endpoint.h"

/* The device tells the host of a question about what it does not know, so it is not asked without need. */
static bool endpoint_cannot_be(struct pci_dev *pdev)
{
	struct pci_dev *own = guest_device()->mdev.pci_dev;

	return pdev == own || pdev->class >> 16 == PCI_BASE_CLASS_BRIDGE ||
	       pci_domain_nr(pdev->bus) != pci_domain_nr(own->bus);
}

/* Asks the device of a function. Returns -ENODEV for one that it does not know, and other errors. */
static struct guest_endpoint *endpoint_ask(struct pci_dev *pdev)
{
	const union guest_request request = {
		.probe.head.type = VIRTIO_IOMMU_T_PROBE,
		.probe.endpoint = cpu_to_le32(pci_dev_id(pdev)),
	};
	struct guest_device *device = guest_device();
	struct guest_endpoint *endpoint;
	unsigned long flags;
	int ret;

	if (endpoint_cannot_be(pdev))
		return ERR_PTR(-ENODEV);
	endpoint = kzalloc(struct_size(endpoint, properties,
				       device->probe_size + sizeof(struct virtio_iommu_req_tail)),
			   GFP_KERNEL);
	if (!endpoint)
		return ERR_PTR(-ENOMEM);
	endpoint->number = pci_dev_id(pdev);
	spin_lock_irqsave(&device->queue.lock, flags);
	ret = guest_queue_call(&device->queue, &request, endpoint->properties, device->probe_size);
	spin_unlock_irqrestore(&device->queue.lock, flags);
	if (!ret)
		return endpoint;
	kfree(endpoint);
	return ERR_PTR(ret);
}

bool guest_endpoint_behind(struct pci_dev *pdev)
{
	struct guest_endpoint *endpoint = endpoint_ask(pdev);

	if (IS_ERR(endpoint))
		return false;
	kfree(endpoint);
	return true;
}

/* A function that a driver holds has mapped memory without the IOMMU. */
static struct iommu_device *endpoint_probe(struct device *dev)
{
	struct guest_endpoint *endpoint;

	if (!dev_is_pci(dev) || guest_is_bound(dev))
		return ERR_PTR(-ENODEV);
	endpoint = endpoint_ask(to_pci_dev(dev));
	if (IS_ERR(endpoint))
		return ERR_CAST(endpoint);
	dev_iommu_priv_set(dev, endpoint);
	return &guest_device()->iommu;
}

static void endpoint_release(struct device *dev)
{
	struct guest_endpoint *endpoint = dev_iommu_priv_get(dev);
	struct guest_queue *queue = &guest_device()->queue;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	guest_domain_detach(endpoint);
	spin_unlock_irqrestore(&queue->lock, flags);
	dev_iommu_priv_set(dev, NULL);
	kfree(endpoint);
}

static void endpoint_add_range(struct list_head *list,
			       const struct virtio_iommu_probe_resv_mem *property)
{
	u64 first = le64_to_cpu(property->start), last = le64_to_cpu(property->end);
	bool msi = property->subtype == VIRTIO_IOMMU_RESV_MEM_T_MSI;
	int prot = msi ? IOMMU_WRITE | IOMMU_NOEXEC | IOMMU_MMIO : 0;
	struct iommu_resv_region *region;

	if (last < first)
		return;
	region = iommu_alloc_resv_region(first, last - first + 1, prot,
					 msi ? IOMMU_RESV_MSI : IOMMU_RESV_RESERVED, GFP_KERNEL);
	if (region)
		list_add_tail(&region->list, list);
}

static void endpoint_ranges(struct device *dev, struct list_head *list)
{
	const struct guest_endpoint *endpoint = dev_iommu_priv_get(dev);
	size_t size = guest_device()->probe_size, length;

	for (size_t at = 0; at + sizeof(struct virtio_iommu_probe_property) <= size; at += length) {
		const struct virtio_iommu_probe_property *head = (void *)&endpoint->properties[at];
		u16 type = le16_to_cpu(head->type) & VIRTIO_IOMMU_PROBE_T_MASK;

		length = sizeof(*head) + le16_to_cpu(head->length);
		if (type == VIRTIO_IOMMU_PROBE_T_NONE || length > size - at)
			break;
		if (type == VIRTIO_IOMMU_PROBE_T_RESV_MEM &&
		    length >= sizeof(struct virtio_iommu_probe_resv_mem))
			endpoint_add_range(list, (const void *)head);
	}
}

static bool endpoint_capable(struct device *dev, enum iommu_cap cap)
{
	return cap == IOMMU_CAP_CACHE_COHERENCY;
}

/* dma-iommu is not to be lazy itself. */
static int endpoint_domain_type(struct device *dev)
{
	return IOMMU_DOMAIN_DMA;
}

const struct iommu_ops guest_endpoint_ops = {
	.capable = endpoint_capable,
	.guest_op_alloc = guest_domain_alloc,
	.probe_device = endpoint_probe,
	.release_device = endpoint_release,
	.probe_finalize = guest_setup_dma,
	.device_group = pci_device_group,
	.get_resv_regions = endpoint_ranges,
	.def_domain_type = endpoint_domain_type,
	.default_domain_ops = &guest_domain_ops,
	GUEST_OPS_OWNER(THIS_MODULE),
};
