// SPDX-License-Identifier: GPL-2.0-only
#include <linux/interrupt.h>
#include <linux/pci.h>
#include <linux/virtio_byteorder.h>
#include <linux/virtio_config.h>
#include "device.h"
#include "events.h"

static void events_tell(const struct guest_device *device, const struct virtio_iommu_fault *fault)
{
	u32 number = le32_to_cpu(fault->endpoint);
	bool write = le32_to_cpu(fault->flags) & VIRTIO_IOMMU_FAULT_F_WRITE;
	u64 address = le64_to_cpu(fault->address);
	struct pci_dev *pdev = pci_get_domain_bus_and_slot(pci_domain_nr(device->mdev.pci_dev->bus),
							   number >> 8, number & 0xff);
	struct iommu_domain *domain;

	if (!pdev)
		return;
	pr_err_ratelimited("uldf_guest: %s (%s): %s at %#llx refused, %s\n", pci_name(pdev),
			   dev_driver_string(&pdev->dev), write ? "write" : "read", address,
			   fault->reason == VIRTIO_IOMMU_FAULT_R_DOMAIN
				   ? "it is in no domain"
				   : "nothing is mapped there");
	domain = iommu_get_domain_for_dev(&pdev->dev);
	if (domain)
		report_iommu_fault(domain, &pdev->dev, address,
				   write ? IOMMU_FAULT_WRITE : IOMMU_FAULT_READ);
	pci_dev_put(pdev);
}

/* Each buffer is one descriptor, and goes back as soon as it is read. */
static irqreturn_t events_take(int irq, void *data)
{
	struct guest_device *device = data;
	struct guest_events *events = &device->events;
	struct vring *ring = &events->ring;

	while (__virtio16_to_cpu(true, virt_load_acquire(&ring->used->idx)) != events->index) {
		u16 entry = events->index++ & (ring->num - 1);
		u32 id = __virtio32_to_cpu(true, ring->used->ring[entry].id) & (ring->num - 1);
		struct virtio_iommu_fault fault = events->faults[id];

		ring->avail->ring[entry] = __cpu_to_virtio16(true, id);
		virt_store_release(&ring->avail->idx,
				   __cpu_to_virtio16(true, events->index + ring->num));
		events_tell(device, &fault);
	}
	iowrite16(0, events->doorbell);
	return IRQ_HANDLED;
}

/* To read the register ends an interrupt of the line, and tells whose it is. */
static irqreturn_t events_interrupt(int irq, void *data)
{
	const struct virtio_pci_modern_device *mdev = &((struct guest_device *)data)->mdev;

	return mdev->pci_dev->msix_enabled || ioread8(mdev->isr) ? IRQ_WAKE_THREAD : IRQ_NONE;
}

int guest_events_start(struct guest_device *device, u16 number)
{
	struct pci_dev *pdev = device->mdev.pci_dev;
	struct guest_events *events = &device->events;
	struct vring *ring = &events->ring;
	int ret;

	for (unsigned int i = 0; i < ring->num; i++) {
		ring->desc[i] = (struct vring_desc){
			.addr = __cpu_to_virtio64(true, virt_to_phys(&events->faults[i])),
			.len = __cpu_to_virtio32(true, sizeof(events->faults[i])),
			.flags = __cpu_to_virtio16(true, VRING_DESC_F_WRITE),
		};
		ring->avail->ring[i] = __cpu_to_virtio16(true, i);
	}
	virt_store_release(&ring->avail->idx, __cpu_to_virtio16(true, ring->num));
	ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (ret < 0)
		return ret;
	if (pdev->msix_enabled &&
	    vp_modern_queue_vector(&device->mdev, number, 0) == VIRTIO_MSI_NO_VECTOR)
		return -EBUSY;
	events->irq = pci_irq_vector(pdev, 0);
	return devm_request_threaded_irq(&pdev->dev, events->irq, events_interrupt, events_take,
					 IRQF_SHARED, KBUILD_MODNAME, device);
}
