// SPDX-License-Identifier: MIT
#include "viommu_start.h"
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>

#define FEATURES 0x77 /* of a virtio-iommu: all but VIRTIO_IOMMU_F_BYPASS */
#define READY	 (VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | VIRTIO_CONFIG_S_FEATURES_OK)

bool viommu_start(struct vpci_bus *bus, uint64_t common, uint16_t config_vector,
		  const struct viommu_start_queue queues[2])
{
	const struct viommu_start_queue *a = &queues[0], *b = &queues[1];
	const struct {
		unsigned int offset, width;
		uint64_t value;
	} writes[] = {
		{VIRTIO_PCI_COMMON_STATUS, 1, 0},
		{VIRTIO_PCI_COMMON_GFSELECT, 4, 0},
		{VIRTIO_PCI_COMMON_GF, 4, FEATURES},
		{VIRTIO_PCI_COMMON_GFSELECT, 4, 1},
		{VIRTIO_PCI_COMMON_GF, 4, 1ull << (VIRTIO_F_VERSION_1 - 32)},
		{VIRTIO_PCI_COMMON_STATUS, 1, READY},
		{VIRTIO_PCI_COMMON_MSIX, 2, config_vector},
		{VIRTIO_PCI_COMMON_Q_SELECT, 2, 0},
		{VIRTIO_PCI_COMMON_Q_SIZE, 2, a->size},
		{VIRTIO_PCI_COMMON_Q_MSIX, 2, a->vector},
		{VIRTIO_PCI_COMMON_Q_DESCLO, 8, a->desc},
		{VIRTIO_PCI_COMMON_Q_AVAILLO, 8, a->avail},
		{VIRTIO_PCI_COMMON_Q_USEDLO, 8, a->used},
		{VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1},
		{VIRTIO_PCI_COMMON_Q_SELECT, 2, 1},
		{VIRTIO_PCI_COMMON_Q_SIZE, 2, b->size},
		{VIRTIO_PCI_COMMON_Q_MSIX, 2, b->vector},
		{VIRTIO_PCI_COMMON_Q_DESCLO, 8, b->desc},
		{VIRTIO_PCI_COMMON_Q_AVAILLO, 8, b->avail},
		{VIRTIO_PCI_COMMON_Q_USEDLO, 8, b->used},
		{VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1},
		{VIRTIO_PCI_COMMON_STATUS, 1, READY | VIRTIO_CONFIG_S_DRIVER_OK},
	};
	bool found = true;

	for (unsigned int i = 0; i < sizeof(writes) / sizeof(*writes); i++)
		found &= vpci_bus_memory_write(bus, common + writes[i].offset, writes[i].width,
					       writes[i].value);
	return found;
}
