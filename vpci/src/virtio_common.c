// SPDX-License-Identifier: MIT
/* The common configuration: features, status, and how the driver sets queues up (virtio 1.2 section 4.1.4.3). */
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include "little_endian.h"
#include "virtio_pci.h"

static struct vpci_virtio_queue *common_queue(struct vpci_virtio *virtio)
{
	return virtio->queue_select < virtio->kind->queue_count
		       ? &virtio->queues[virtio->queue_select]
		       : NULL;
}

static uint32_t common_half(uint64_t features, uint32_t select)
{
	return select < 2 ? (uint32_t)(features >> (32 * select)) : 0;
}

/* A queue that does not exist has size 0. */
static void common_fill_queue(const struct vpci_virtio *virtio, uint8_t *bytes)
{
	const struct vpci_virtio_queue *queue;

	vpci_le_store(bytes + VIRTIO_PCI_COMMON_Q_MSIX, 2, VIRTIO_MSI_NO_VECTOR);
	if (virtio->queue_select >= virtio->kind->queue_count)
		return;
	queue = &virtio->queues[virtio->queue_select];
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_Q_SIZE, 2, queue->size);
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_Q_MSIX, 2, virtio->vectors[virtio->queue_select]);
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_Q_ENABLE, 2, queue->started);
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_Q_NOFF, 2, virtio->queue_select);
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_Q_DESCLO, 8, queue->desc);
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_Q_AVAILLO, 8, queue->avail);
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_Q_USEDLO, 8, queue->used);
}

uint64_t vpci_virtio_common_read(const struct vpci_virtio *virtio, unsigned int offset,
				 unsigned int width)
{
	uint8_t bytes[sizeof(struct virtio_pci_common_cfg)] = {0};

	if (offset + width > sizeof(bytes))
		return 0;
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_DFSELECT, 4, virtio->device_select);
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_DF, 4,
		      common_half(virtio->kind->features, virtio->device_select));
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_GFSELECT, 4, virtio->driver_select);
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_GF, 4,
		      common_half(virtio->accepted, virtio->driver_select));
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_MSIX, 2, virtio->config_vector);
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_NUMQ, 2, virtio->kind->queue_count);
	bytes[VIRTIO_PCI_COMMON_STATUS] = virtio->status;
	vpci_le_store(bytes + VIRTIO_PCI_COMMON_Q_SELECT, 2, virtio->queue_select);
	common_fill_queue(virtio, bytes);
	return vpci_le_load(bytes + offset, width);
}

/* The driver chooses features until it sets FEATURES_OK. */
static void common_accept(struct vpci_virtio *virtio, uint32_t value)
{
	unsigned int shift = 32 * virtio->driver_select;

	if (virtio->driver_select > 1 || (virtio->status & VIRTIO_CONFIG_S_FEATURES_OK))
		return;
	virtio->accepted &= ~(0xffffffffull << shift);
	virtio->accepted |= (uint64_t)value << shift;
}

/* The device has no legacy interface, so it requires VIRTIO_F_VERSION_1 (virtio 1.2 section 6.2). */
static bool common_features_ok(const struct vpci_virtio *virtio)
{
	return !(virtio->accepted & ~virtio->kind->features) &&
	       (virtio->accepted >> VIRTIO_F_VERSION_1 & 1);
}

/* The driver adds bits, and clears them all by writing 0 (virtio 1.2 section 2.1). */
static void common_set_status(struct vpci_virtio *virtio, uint8_t value)
{
	uint8_t added = value & (uint8_t)~VIRTIO_CONFIG_S_NEEDS_RESET;

	if (!value) {
		vpci_virtio_restart(virtio);
		return;
	}
	if ((added & VIRTIO_CONFIG_S_FEATURES_OK) && !common_features_ok(virtio))
		added &= (uint8_t)~VIRTIO_CONFIG_S_FEATURES_OK;
	virtio->status |= added;
	if (!(virtio->status & VIRTIO_CONFIG_S_FEATURES_OK))
		virtio->status &= (uint8_t)~VIRTIO_CONFIG_S_DRIVER_OK;
}

static uint16_t common_vector(const struct vpci_virtio *virtio, uint16_t value)
{
	return value < virtio->messages.msix.count ? value : VIRTIO_MSI_NO_VECTOR;
}

static void common_enable(struct vpci_virtio *virtio, struct vpci_virtio_queue *queue)
{
	struct vpci_virtio_memory memory = {virtio->host->ops->memory, virtio->host->host};

	if ((virtio->status & VIRTIO_CONFIG_S_FEATURES_OK) && !queue->broken &&
	    vpci_virtio_queue_start(queue, &memory))
		vpci_virtio_break(virtio);
}

static void common_set_half(uint64_t *address, bool high, uint32_t value)
{
	if (high)
		*address = (*address & UINT32_MAX) | (uint64_t)value << 32;
	else
		*address = (*address & ~(uint64_t)UINT32_MAX) | value;
}

static void common_write_queue(struct vpci_virtio *virtio, unsigned int offset, uint32_t value)
{
	struct vpci_virtio_queue *queue = common_queue(virtio);

	if (!queue)
		return;
	if (offset == VIRTIO_PCI_COMMON_Q_MSIX)
		virtio->vectors[virtio->queue_select] = common_vector(virtio, (uint16_t)value);
	/* A started queue keeps its size and addresses. */
	if (queue->started)
		return;
	switch (offset) {
	case VIRTIO_PCI_COMMON_Q_SIZE:
		queue->size = (uint16_t)value;
		break;
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		if (value == 1)
			common_enable(virtio, queue);
		break;
	case VIRTIO_PCI_COMMON_Q_DESCLO:
	case VIRTIO_PCI_COMMON_Q_DESCHI:
		common_set_half(&queue->desc, offset == VIRTIO_PCI_COMMON_Q_DESCHI, value);
		break;
	case VIRTIO_PCI_COMMON_Q_AVAILLO:
	case VIRTIO_PCI_COMMON_Q_AVAILHI:
		common_set_half(&queue->avail, offset == VIRTIO_PCI_COMMON_Q_AVAILHI, value);
		break;
	case VIRTIO_PCI_COMMON_Q_USEDLO:
	case VIRTIO_PCI_COMMON_Q_USEDHI:
		common_set_half(&queue->used, offset == VIRTIO_PCI_COMMON_Q_USEDHI, value);
		break;
	}
}

/* Returns the bytes of the register at an offset; 0 where none begins or the driver cannot write it. */
static unsigned int common_width(unsigned int offset)
{
	switch (offset) {
	case VIRTIO_PCI_COMMON_STATUS:
		return 1;
	case VIRTIO_PCI_COMMON_MSIX:
	case VIRTIO_PCI_COMMON_Q_SELECT:
	case VIRTIO_PCI_COMMON_Q_SIZE:
	case VIRTIO_PCI_COMMON_Q_MSIX:
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		return 2;
	case VIRTIO_PCI_COMMON_DFSELECT:
	case VIRTIO_PCI_COMMON_GFSELECT:
	case VIRTIO_PCI_COMMON_GF:
	case VIRTIO_PCI_COMMON_Q_DESCLO:
	case VIRTIO_PCI_COMMON_Q_DESCHI:
	case VIRTIO_PCI_COMMON_Q_AVAILLO:
	case VIRTIO_PCI_COMMON_Q_AVAILHI:
	case VIRTIO_PCI_COMMON_Q_USEDLO:
	case VIRTIO_PCI_COMMON_Q_USEDHI:
		return 4;
	}
	return 0;
}

void vpci_virtio_common_write(struct vpci_virtio *virtio, unsigned int offset, unsigned int width,
			      uint64_t value)
{
	/* Takes a 64-bit register whole as well, although drivers write it by halves. */
	if (width == 8 && common_width(offset) == 4) {
		vpci_virtio_common_write(virtio, offset, 4, (uint32_t)value);
		vpci_virtio_common_write(virtio, offset + 4, 4, value >> 32);
		return;
	}
	if (common_width(offset) != width)
		return;
	switch (offset) {
	case VIRTIO_PCI_COMMON_DFSELECT:
		virtio->device_select = (uint32_t)value;
		break;
	case VIRTIO_PCI_COMMON_GFSELECT:
		virtio->driver_select = (uint32_t)value;
		break;
	case VIRTIO_PCI_COMMON_GF:
		common_accept(virtio, (uint32_t)value);
		break;
	case VIRTIO_PCI_COMMON_MSIX:
		virtio->config_vector = common_vector(virtio, (uint16_t)value);
		break;
	case VIRTIO_PCI_COMMON_STATUS:
		common_set_status(virtio, (uint8_t)value);
		break;
	case VIRTIO_PCI_COMMON_Q_SELECT:
		virtio->queue_select = (uint16_t)value;
		break;
	default:
		common_write_queue(virtio, offset, (uint32_t)value);
	}
}
