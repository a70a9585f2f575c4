/* SPDX-License-Identifier: MIT */
/*
 * A virtio device as a function of the bus: the modern transport over PCI (virtio 1.2 section 4.1),
 * with MSI-X and without INTx. The kind of device stands behind struct vpci_virtio_ops.
 *
 * vpci_virtio.lock protects the device whole. Ops of the function take it inside the lock of their
 * slot. A caller from outside of the bus takes it without another lock.
 */
#ifndef VPCI_SRC_VIRTIO_PCI_H
#define VPCI_SRC_VIRTIO_PCI_H

#include <pthread.h>
#include <vpci/function.h>
#include "messages.h"
#include "virtio_queue.h"

/** VPCI_VIRTIO_QUEUES - the most queues of a device */
#define VPCI_VIRTIO_QUEUES 2

struct vpci_virtio;

/**
 * struct vpci_virtio_ops - what the kind of device does
 * @reset: the driver reset the device, or it leaves its slot: the queues are stopped.
 * @notify: the driver has rung for a queue, and is ready (DRIVER_OK). Return true when buffers are
 *	left that the next access to the function shall serve.
 * @catch_up: do the work that other threads left while the lock was held; vpci_virtio_unlock()
 *	calls it. May be NULL.
 * @waiting: return true when other threads left work. Called without the lock. NULL where @catch_up
 *	is NULL.
 * @config_read: read the device's own configuration; @offset + @width lie in it.
 * @config_write: write it, likewise.
 *
 * All but waiting are called with the lock held. All values come from a guest that may be hostile.
 */
struct vpci_virtio_ops {
	void (*reset)(struct vpci_virtio *virtio);
	bool (*notify)(struct vpci_virtio *virtio, unsigned int queue);
	void (*catch_up)(struct vpci_virtio *virtio);
	bool (*waiting)(struct vpci_virtio *virtio);
	uint64_t (*config_read)(struct vpci_virtio *virtio, unsigned int offset,
				unsigned int width);
	void (*config_write)(struct vpci_virtio *virtio, unsigned int offset, unsigned int width,
			     uint64_t value);
};

/**
 * struct vpci_virtio_kind - what kind of device it is
 * @id: virtio's number of the kind
 * @class_code: as in struct vpci_identity
 * @features: bits offered
 * @queue_count: how many queues
 * @queue_most: most entries of each
 * @config_size: bytes of the device's own configuration, up to 256
 * @ops: what it does
 */
struct vpci_virtio_kind {
	uint16_t id;
	uint32_t class_code;
	uint64_t features;
	unsigned int queue_count;
	uint16_t queue_most[VPCI_VIRTIO_QUEUES];
	unsigned int config_size;
	const struct vpci_virtio_ops *ops;
};

/**
 * struct vpci_virtio - a virtio device; embedded in what implements a kind
 * @function: the function, whose BARs and capabilities are the transport's
 * @lock: see above
 * @outside: how many calls of the VMM wait for @lock; atomic
 * @kind: what kind of device it is
 * @host: the VMM's services, while in a slot
 * @messages: vectors: 0..@kind->queue_count
 * @device_select: which half of the features the driver reads
 * @driver_select: which half of the features the driver writes
 * @accepted: features that the driver accepted
 * @rung: a bit for each queue that the driver has rung for and the device has still to serve
 * @status: the device status
 * @isr: the ISR status
 * @config_vector: vector for changes of the configuration, or VIRTIO_MSI_NO_VECTOR
 * @queue_select: which queue the driver sets up
 * @queues: queues
 * @vectors: vector of each, or VIRTIO_MSI_NO_VECTOR
 */
struct vpci_virtio {
	struct vpci_function function;
	pthread_mutex_t lock;
	unsigned int outside;
	const struct vpci_virtio_kind *kind;
	const struct vpci_host *host;
	struct vpci_messages messages;
	uint32_t device_select;
	uint32_t driver_select;
	uint64_t accepted;
	uint8_t rung;
	uint8_t status;
	uint8_t isr;
	uint16_t config_vector;
	uint16_t queue_select;
	struct vpci_virtio_queue queues[VPCI_VIRTIO_QUEUES];
	uint16_t vectors[VPCI_VIRTIO_QUEUES];
};

/**
 * vpci_virtio_from() - the virtio device that a function is
 * @function: one whose ops are those below
 *
 * Return: it.
 */
static inline struct vpci_virtio *vpci_virtio_from(struct vpci_function *function)
{
	return (struct vpci_virtio *)((char *)function - offsetof(struct vpci_virtio, function));
}

/**
 * vpci_virtio_init() - make a device with its configuration space
 * @virtio: what to fill, zero; the caller sets the ops of its function
 * @kind: what kind of device it is; must outlive the device
 *
 * Return: 0, or -ENOMEM.
 */
int vpci_virtio_init(struct vpci_virtio *virtio, const struct vpci_virtio_kind *kind);

/**
 * vpci_virtio_add_data() - add a capability with data of the vendor (virtio 1.2 section 4.1.4.8)
 * @virtio: device in no slot, without such data
 * @data: data; copied
 * @size: bytes
 *
 * Return: 0, -EINVAL no room.
 */
int vpci_virtio_add_data(struct vpci_virtio *virtio, const uint8_t *data, unsigned int size);

/**
 * vpci_virtio_fini() - undo vpci_virtio_init()
 * @virtio: device in no slot
 */
void vpci_virtio_fini(struct vpci_virtio *virtio);

/**
 * vpci_virtio_lock() - lock the device for a call of the VMM
 * @virtio: device
 *
 * A guest that rings without end does not keep the caller waiting: its accesses let the caller pass.
 */
void vpci_virtio_lock(struct vpci_virtio *virtio);

/**
 * vpci_virtio_unlock() - do the work that other threads left, and unlock
 * @virtio: device, locked
 */
void vpci_virtio_unlock(struct vpci_virtio *virtio);

/**
 * vpci_virtio_ready() - may the device use its queues?
 * @virtio: device, locked
 *
 * Return: true when the driver is ready, nothing is broken, and bus mastering is on.
 */
bool vpci_virtio_ready(const struct vpci_virtio *virtio);

/**
 * vpci_virtio_interrupt() - tell the driver of buffers in a queue's device ring
 * @virtio: device, locked
 * @queue: which
 */
void vpci_virtio_interrupt(struct vpci_virtio *virtio, unsigned int queue);

/**
 * vpci_virtio_break() - tell the driver that it must reset the device; until then nothing works
 * @virtio: device, locked
 */
void vpci_virtio_break(struct vpci_virtio *virtio);

/**
 * vpci_virtio_restart() - reset the device as its driver does
 * @virtio: device, locked
 */
void vpci_virtio_restart(struct vpci_virtio *virtio);

/**
 * vpci_virtio_common_read() - read the common configuration (virtio 1.2 section 4.1.4.3)
 * @virtio: device, locked
 * @offset: first byte
 * @width: 1, 2, 4 or 8
 *
 * Return: the value; 0 beyond the last register.
 */
uint64_t vpci_virtio_common_read(const struct vpci_virtio *virtio, unsigned int offset,
				 unsigned int width);

/**
 * vpci_virtio_common_write() - write the common configuration
 * @virtio: device, locked
 * @offset: first byte
 * @width: 1, 2, 4 or 8
 * @value: what to write; nothing happens unless @width is the register's
 */
void vpci_virtio_common_write(struct vpci_virtio *virtio, unsigned int offset, unsigned int width,
			      uint64_t value);

/* Ops of struct vpci_function_ops, for the kinds' tables. */
int vpci_virtio_attach(struct vpci_function *function);
void vpci_virtio_detach(struct vpci_function *function);
void vpci_virtio_config_read(struct vpci_function *function, unsigned int offset,
			     unsigned int width, uint32_t *value);
void vpci_virtio_config_write(struct vpci_function *function, unsigned int offset,
			      unsigned int width, uint32_t value);
uint64_t vpci_virtio_bar_read(struct vpci_function *function, unsigned int bar, uint64_t offset,
			      unsigned int width);
void vpci_virtio_bar_write(struct vpci_function *function, unsigned int bar, uint64_t offset,
			   unsigned int width, uint64_t value);

#endif
