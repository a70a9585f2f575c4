// SPDX-License-Identifier: MIT
/* A virtio device on the bus: its configuration space, BARs and interrupts. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include <sched.h>
#include "little_endian.h"
#include "virtio_pci.h"

#define VIRTIO_PCI_VENDOR    0x1af4
#define VIRTIO_PCI_DEVICE    0x1040 /* and the number of the kind */
#define VIRTIO_PCI_SUBDEVICE 0x1100

/* The memory BAR takes one page. */
#define MEMORY_BAR	0
#define MEMORY_SIZE	0x1000
#define MEMORY_COMMON	0x000
#define MEMORY_ISR	0x080
#define MEMORY_DEVICE	0x100
#define MEMORY_TABLE	0x800
#define MEMORY_PENDING	0xc00
#define MEMORY_ISR_SIZE 4

/* Doorbells are ports: a VMM serves a port without decoding the guest's instruction. */
#define PORTS_BAR    2
#define PORTS_SIZE   (PORTS_STRIDE * VPCI_VIRTIO_QUEUES)
#define PORTS_STRIDE 4

/* Capabilities. */
#define CAP_COMMON 0x40
#define CAP_NOTIFY 0x50
#define CAP_ISR	   0x64
#define CAP_DEVICE 0x74
#define CAP_ACCESS 0x84
#define CAP_MSIX   0x98
#define CAP_VENDOR 0xa4

/* Data of a vendor (virtio 1.2 section 4.1.4.8): the generic head is followed by the vendor's number. */
#define VENDOR_CAP_TYPE	  9
#define VENDOR_CAP_NUMBER 4
#define VENDOR_CAP_DATA	  6

/**
 * struct virtio_place - where a structure of the transport is
 * @capability: its capability in the configuration space
 * @type: VIRTIO_PCI_CAP_*
 * @bar: in which BAR
 * @offset: bytes from its start
 * @size: bytes
 */
struct virtio_place {
	unsigned int capability;
	uint8_t type;
	uint8_t bar;
	uint32_t offset;
	uint32_t size;
};

static int virtio_add_capability(struct vpci_config *config, const struct virtio_place *place,
				 unsigned int size)
{
	unsigned int at = place->capability;
	int err = vpci_config_add_capability(config, PCI_CAP_ID_VNDR, at, size);

	if (err)
		return err;
	vpci_config_define(config, at + VIRTIO_PCI_CAP_LEN, 1, size, 0);
	vpci_config_define(config, at + VIRTIO_PCI_CAP_CFG_TYPE, 1, place->type, 0);
	vpci_config_define(config, at + VIRTIO_PCI_CAP_BAR, 1, place->bar, 0);
	vpci_config_define(config, at + VIRTIO_PCI_CAP_OFFSET, 4, place->offset, 0);
	vpci_config_define(config, at + VIRTIO_PCI_CAP_LENGTH, 4, place->size, 0);
	return 0;
}

/* Adds the capability through which firmware reaches registers without mapping a BAR (virtio 1.2 section 4.1.4.9). */
static int virtio_add_access(struct vpci_config *config)
{
	const struct virtio_place place = {.capability = CAP_ACCESS,
					   .type = VIRTIO_PCI_CAP_PCI_CFG};
	int err = virtio_add_capability(config, &place, sizeof(struct virtio_pci_cfg_cap));

	if (err)
		return err;
	vpci_config_define(config, CAP_ACCESS + VIRTIO_PCI_CAP_BAR, 1, 0, 0xff);
	vpci_config_define(config, CAP_ACCESS + VIRTIO_PCI_CAP_OFFSET, 4, 0, UINT32_MAX);
	vpci_config_define(config, CAP_ACCESS + VIRTIO_PCI_CAP_LENGTH, 4, 0, UINT32_MAX);
	return 0;
}

static int virtio_add_capabilities(struct vpci_config *config, const struct vpci_virtio_kind *kind)
{
	const struct virtio_place places[] = {
		{CAP_COMMON, VIRTIO_PCI_CAP_COMMON_CFG, MEMORY_BAR, MEMORY_COMMON,
		 sizeof(struct virtio_pci_common_cfg)},
		{CAP_NOTIFY, VIRTIO_PCI_CAP_NOTIFY_CFG, PORTS_BAR, 0, PORTS_SIZE},
		{CAP_ISR, VIRTIO_PCI_CAP_ISR_CFG, MEMORY_BAR, MEMORY_ISR, MEMORY_ISR_SIZE},
		{CAP_DEVICE, VIRTIO_PCI_CAP_DEVICE_CFG, MEMORY_BAR, MEMORY_DEVICE,
		 kind->config_size},
	};
	int err = 0;

	for (unsigned int i = 0; !err && i < sizeof(places) / sizeof(places[0]); i++)
		err = virtio_add_capability(config, &places[i],
					    places[i].type == VIRTIO_PCI_CAP_NOTIFY_CFG
						    ? sizeof(struct virtio_pci_notify_cap)
						    : sizeof(struct virtio_pci_cap));
	if (err)
		return err;
	vpci_config_define(config, CAP_NOTIFY + VIRTIO_PCI_NOTIFY_CAP_MULT, 4, PORTS_STRIDE, 0);
	return virtio_add_access(config);
}

int vpci_virtio_init(struct vpci_virtio *virtio, const struct vpci_virtio_kind *kind)
{
	const struct vpci_identity identity = {
		.vendor = VIRTIO_PCI_VENDOR,
		.device = (uint16_t)(VIRTIO_PCI_DEVICE + kind->id),
		.subvendor = VIRTIO_PCI_VENDOR,
		.subdevice = VIRTIO_PCI_SUBDEVICE,
		.class_code = kind->class_code,
		.revision = 1,
	};
	const struct vpci_bar memory = {.type = VPCI_BAR_MEM32, .size = MEMORY_SIZE};
	const struct vpci_bar ports = {.type = VPCI_BAR_PORTS, .size = PORTS_SIZE};
	struct vpci_config *config = &virtio->function.config;
	int err;

	virtio->kind = kind;
	vpci_config_init(config, 256, &identity);
	err = vpci_config_set_bar(config, MEMORY_BAR, &memory);
	if (!err)
		err = vpci_config_set_bar(config, PORTS_BAR, &ports);
	if (!err)
		err = virtio_add_capabilities(config, kind);
	if (!err)
		err = vpci_messages_init(&virtio->messages, config, CAP_MSIX,
					 MEMORY_TABLE | MEMORY_BAR, MEMORY_PENDING | MEMORY_BAR,
					 kind->queue_count + 1);
	if (err)
		return err;
	pthread_mutex_init(&virtio->lock, NULL);
	return 0;
}

int vpci_virtio_add_data(struct vpci_virtio *virtio, const uint8_t *data, unsigned int size)
{
	struct vpci_config *config = &virtio->function.config;
	unsigned int at = CAP_VENDOR;
	int err = vpci_config_add_capability(config, PCI_CAP_ID_VNDR, at, VENDOR_CAP_DATA + size);

	if (err)
		return err;
	vpci_config_define(config, at + VIRTIO_PCI_CAP_LEN, 1, VENDOR_CAP_DATA + size, 0);
	vpci_config_define(config, at + VIRTIO_PCI_CAP_CFG_TYPE, 1, VENDOR_CAP_TYPE, 0);
	vpci_config_define(config, at + VENDOR_CAP_NUMBER, 2, VIRTIO_PCI_VENDOR, 0);
	for (unsigned int i = 0; i < size; i++)
		vpci_config_define(config, at + VENDOR_CAP_DATA + i, 1, data[i], 0);
	return 0;
}

void vpci_virtio_fini(struct vpci_virtio *virtio)
{
	vpci_messages_fini(&virtio->messages);
	pthread_mutex_destroy(&virtio->lock);
}

/*
 * A thread that found the lock taken has left its work before it tried the lock. The fences let
 * either that thread get the lock, or this one see the work.
 */
void vpci_virtio_lock(struct vpci_virtio *virtio)
{
	__atomic_fetch_add(&virtio->outside, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&virtio->lock);
	__atomic_fetch_sub(&virtio->outside, 1, __ATOMIC_RELAXED);
}

/* A mutex is not fair: a processor that unlocks it has it again before a thread that waits has woken. */
static void virtio_lock_access(struct vpci_virtio *virtio)
{
	while (__atomic_load_n(&virtio->outside, __ATOMIC_RELAXED))
		sched_yield();
	pthread_mutex_lock(&virtio->lock);
}

void vpci_virtio_unlock(struct vpci_virtio *virtio)
{
	const struct vpci_virtio_ops *ops = virtio->kind->ops;

	do {
		if (ops->catch_up)
			ops->catch_up(virtio);
		pthread_mutex_unlock(&virtio->lock);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	} while (ops->waiting && ops->waiting(virtio) && !pthread_mutex_trylock(&virtio->lock));
}

static bool virtio_has_driver(const struct vpci_virtio *virtio)
{
	return (virtio->status & (VIRTIO_CONFIG_S_DRIVER_OK | VIRTIO_CONFIG_S_NEEDS_RESET)) ==
	       VIRTIO_CONFIG_S_DRIVER_OK;
}

bool vpci_virtio_ready(const struct vpci_virtio *virtio)
{
	return virtio_has_driver(virtio) && virtio->messages.mastering;
}

/* Serves the doorbells that wait, and ends an access. */
static void virtio_end_access(struct vpci_virtio *virtio)
{
	for (unsigned int i = 0; i < virtio->kind->queue_count; i++) {
		unsigned int bit = 1u << i;

		if (!(virtio->rung & bit) || !vpci_virtio_ready(virtio))
			continue;
		virtio->rung &= (uint8_t)~bit;
		if (virtio->kind->ops->notify(virtio, i))
			virtio->rung |= (uint8_t)bit;
	}
	vpci_messages_retry(&virtio->messages, virtio->host);
	vpci_virtio_unlock(virtio);
}

void vpci_virtio_interrupt(struct vpci_virtio *virtio, unsigned int queue)
{
	virtio->isr |= 1;
	vpci_messages_send(&virtio->messages, virtio->host, virtio->vectors[queue]);
}

/* A driver that is not ready gets no interrupt (virtio 1.2 section 2.1.2). */
void vpci_virtio_break(struct vpci_virtio *virtio)
{
	virtio->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	if (!(virtio->status & VIRTIO_CONFIG_S_DRIVER_OK))
		return;
	virtio->isr |= VIRTIO_PCI_ISR_CONFIG;
	vpci_messages_send(&virtio->messages, virtio->host, virtio->config_vector);
}

void vpci_virtio_restart(struct vpci_virtio *virtio)
{
	virtio->device_select = virtio->driver_select = 0;
	virtio->accepted = 0;
	virtio->status = virtio->isr = virtio->rung = 0;
	virtio->config_vector = VIRTIO_MSI_NO_VECTOR;
	virtio->queue_select = 0;
	virtio->messages.pending = 0;
	for (unsigned int i = 0; i < virtio->kind->queue_count; i++) {
		vpci_virtio_queue_init(&virtio->queues[i], virtio->kind->queue_most[i]);
		virtio->vectors[i] = VIRTIO_MSI_NO_VECTOR;
	}
	virtio->kind->ops->reset(virtio);
}

int vpci_virtio_attach(struct vpci_function *function)
{
	struct vpci_virtio *virtio = vpci_virtio_from(function);
	const struct vpci_host *host = vpci_function_host(function);

	if (!host->ops->memory)
		return -ENOTSUP;
	pthread_mutex_lock(&virtio->lock);
	virtio->host = host;
	virtio->messages.requester = vpci_function_requester(function);
	vpci_virtio_restart(virtio);
	vpci_virtio_unlock(virtio);
	return 0;
}

void vpci_virtio_detach(struct vpci_function *function)
{
	struct vpci_virtio *virtio = vpci_virtio_from(function);

	pthread_mutex_lock(&virtio->lock);
	vpci_virtio_restart(virtio);
	vpci_messages_reset(&virtio->messages);
	virtio->host = NULL;
	vpci_virtio_unlock(virtio);
}

static uint64_t virtio_memory_read(struct vpci_virtio *virtio, unsigned int offset,
				   unsigned int width)
{
	unsigned int size = virtio->kind->config_size;
	uint64_t value = 0;

	if (offset < MEMORY_ISR)
		return vpci_virtio_common_read(virtio, offset - MEMORY_COMMON, width);
	if (offset == MEMORY_ISR) {
		value = virtio->isr;
		virtio->isr = 0;
		return value;
	}
	if (offset >= MEMORY_DEVICE && offset - MEMORY_DEVICE + width <= size)
		return virtio->kind->ops->config_read(virtio, offset - MEMORY_DEVICE, width);
	vpci_messages_read(&virtio->messages, MEMORY_BAR, offset, width, &value);
	return value;
}

static void virtio_memory_write(struct vpci_virtio *virtio, unsigned int offset, unsigned int width,
				uint64_t value)
{
	unsigned int size = virtio->kind->config_size;

	if (offset < MEMORY_ISR)
		vpci_virtio_common_write(virtio, offset - MEMORY_COMMON, width, value);
	else if (offset >= MEMORY_DEVICE && offset - MEMORY_DEVICE + width <= size)
		virtio->kind->ops->config_write(virtio, offset - MEMORY_DEVICE, width, value);
	else
		vpci_messages_write(&virtio->messages, virtio->host, MEMORY_BAR, offset, width,
				    value);
}

/* The port tells the queue; the value that the driver writes repeats it. */
static void virtio_ring(struct vpci_virtio *virtio, uint64_t offset)
{
	unsigned int queue = (unsigned int)(offset / PORTS_STRIDE);

	if (offset % PORTS_STRIDE == 0 && queue < virtio->kind->queue_count &&
	    virtio_has_driver(virtio))
		virtio->rung |= (uint8_t)(1u << queue);
}

static uint64_t virtio_read(struct vpci_virtio *virtio, unsigned int bar, uint64_t offset,
			    unsigned int width)
{
	return bar == MEMORY_BAR ? virtio_memory_read(virtio, (unsigned int)offset, width) : 0;
}

static void virtio_write(struct vpci_virtio *virtio, unsigned int bar, uint64_t offset,
			 unsigned int width, uint64_t value)
{
	if (bar == MEMORY_BAR)
		virtio_memory_write(virtio, (unsigned int)offset, width, value);
	else
		virtio_ring(virtio, offset);
}

uint64_t vpci_virtio_bar_read(struct vpci_function *function, unsigned int bar, uint64_t offset,
			      unsigned int width)
{
	struct vpci_virtio *virtio = vpci_virtio_from(function);
	uint64_t value;

	virtio_lock_access(virtio);
	value = virtio_read(virtio, bar, offset, width);
	virtio_end_access(virtio);
	return value;
}

void vpci_virtio_bar_write(struct vpci_function *function, unsigned int bar, uint64_t offset,
			   unsigned int width, uint64_t value)
{
	struct vpci_virtio *virtio = vpci_virtio_from(function);

	virtio_lock_access(virtio);
	virtio_write(virtio, bar, offset, width, value);
	virtio_end_access(virtio);
}

/* Reads which registers the access capability selects; returns false when no BAR has them. */
static bool virtio_access(const struct vpci_config *config, struct virtio_place *place)
{
	uint32_t bar_size;

	place->bar = (uint8_t)vpci_config_read(config, CAP_ACCESS + VIRTIO_PCI_CAP_BAR, 1);
	place->offset = vpci_config_read(config, CAP_ACCESS + VIRTIO_PCI_CAP_OFFSET, 4);
	place->size = vpci_config_read(config, CAP_ACCESS + VIRTIO_PCI_CAP_LENGTH, 4);
	if (place->bar >= VPCI_BARS || config->bar[place->bar].type == VPCI_BAR_NONE)
		return false;
	bar_size = (uint32_t)config->bar[place->bar].size;
	return (place->size == 1 || place->size == 2 || place->size == 4) &&
	       place->offset % place->size == 0 && place->offset <= bar_size - place->size;
}

static bool virtio_is_access(unsigned int offset, unsigned int width)
{
	return vpci_config_touches(offset, width, CAP_ACCESS + sizeof(struct virtio_pci_cap), 4);
}

void vpci_virtio_config_read(struct vpci_function *function, unsigned int offset,
			     unsigned int width, uint32_t *value)
{
	struct vpci_virtio *virtio = vpci_virtio_from(function);
	struct virtio_place place;

	virtio_lock_access(virtio);
	/* The register is aligned to its four bytes, so an access touches it alone. */
	if (virtio_is_access(offset, width) && virtio_access(&function->config, &place)) {
		*value = (uint32_t)virtio_read(virtio, place.bar, place.offset, place.size);
		*value &= UINT32_MAX >> (32 - 8 * place.size);
		*value >>= 8 * (offset & 3);
	}
	virtio_end_access(virtio);
}

void vpci_virtio_config_write(struct vpci_function *function, unsigned int offset,
			      unsigned int width, uint32_t value)
{
	struct vpci_virtio *virtio = vpci_virtio_from(function);
	struct virtio_place place;

	virtio_lock_access(virtio);
	vpci_messages_follow(&virtio->messages, virtio->host, &function->config);
	if (virtio_is_access(offset, width) && !(offset & 3) &&
	    virtio_access(&function->config, &place) && place.size <= width)
		virtio_write(virtio, place.bar, place.offset, place.size,
			     value & (UINT32_MAX >> (32 - 8 * place.size)));
	virtio_end_access(virtio);
}
