/* SPDX-License-Identifier: MIT */
#ifndef ULDF_IRQ_H
#define ULDF_IRQ_H

#include <uldf/device.h>

struct event_base;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * uldf_irq_enable() - allocate vectors of one type
 * @device: device, with no type enabled
 * @type: which
 * @count: how many, 1..what uldf_device_info() says
 *
 * Nothing is signalled until uldf_irq_bind(). INTx begins unmasked. MSI and MSI-X are writes by the
 * device (PCI 3.0 section 6.8): they arrive only while it is attached to a space and its bus
 * mastering is on.
 *
 * Return: 0, -EINVAL count, -ENOTSUP the device has none of this type, -EBUSY a type is enabled,
 * -ENOSPC the host has too few, -ENODEV gone.
 */
int uldf_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count);

/**
 * uldf_irq_reserve() - uldf_irq_enable(), but the host's vectors are taken as they are bound
 * @device: device, with no type enabled
 * @type: which
 * @count: how many may be bound, 1..what uldf_device_info() says
 *
 * For who cannot know how many of a device's vectors come to be used, as a VMM: of MSI-X one vector of the
 * host is taken now, and another one when a vector gets its first eventfd; uldf_irq_bind() tells a
 * shortage. The device holds back what is not bound, and uldf_irq_counts() does not count it. Other
 * types, and backends that cannot, take all now.
 *
 * Return: as uldf_irq_enable().
 */
int uldf_irq_reserve(struct uldf_device *device, enum uldf_irq_type type, unsigned int count);

/**
 * uldf_irq_disable() - free the vectors
 * @device: device
 *
 * The device raises none afterwards. Return: 0 (also when none was enabled), -ENODEV gone.
 */
int uldf_irq_disable(struct uldf_device *device);

/**
 * uldf_irq_bind() - have eventfds signalled when vectors fire
 * @device: device with vectors enabled
 * @first: first vector
 * @count: how many
 * @fds: @count descriptors of eventfds, -1 for none; the caller keeps them, and may close them
 *
 * All or none change. Where kernels before 6.2 take a vector that was reserved, those bound before
 * fire once without the device's doing, as they may have missed something.
 *
 * Return: 0, -EINVAL no vectors enabled, range, or not eventfds, -ENODEV gone; of vectors that were
 * reserved: -ENOSPC the host has too few, -EIO the device is asleep, -ENOMEM.
 */
int uldf_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		  const int *fds);

/**
 * uldf_irq_bind_unmask() - have INTx unmasked when an eventfd is signalled (resample)
 * @device: device with INTx enabled
 * @fd: eventfd, or -1 to end it
 *
 * Return: 0, -EINVAL INTx is not enabled or not an eventfd, -ENOTSUP, -ENODEV gone.
 */
int uldf_irq_bind_unmask(struct uldf_device *device, int fd);

/**
 * uldf_irq_mask() - mask INTx
 * @device: device with INTx enabled
 *
 * Return: 0, -EINVAL INTx is not enabled, -ENODEV gone.
 */
int uldf_irq_mask(struct uldf_device *device);

/**
 * uldf_irq_unmask() - unmask INTx; a line still asserted fires again
 * @device: device with INTx enabled
 *
 * May be called by a struct uldf_irq_event in another thread than the one that uses the device, also while
 * that disables the vectors.
 *
 * Return: 0, -EINVAL INTx is not enabled, -ENODEV gone.
 */
int uldf_irq_unmask(struct uldf_device *device);

/**
 * struct uldf_irq_count - how often a vector fired; the kernel writes it, in step with the eventfd
 * @count: times since the vectors were enabled
 * @tsc: the processor's time stamp when it fired last
 */
struct uldf_irq_count {
	uint64_t count;
	uint64_t tsc;
};

/**
 * uldf_irq_counts() - counts of all vectors, to be read without a system call
 * @device: device
 * @out: one for each vector, of as many as the device has; valid until the device is closed, zeroed
 *       by uldf_irq_enable()
 *
 * Return: 0, -ENOTSUP the backend has none, -ENOMEM, -ENODEV gone.
 */
int uldf_irq_counts(struct uldf_device *device, const volatile struct uldf_irq_count **out);

/**
 * DOC: struct uldf_irq_event - a vector that calls back from a libevent loop
 *
 * Opaque.
 */
struct uldf_irq_event;

/**
 * uldf_irq_event_new() - call a function from a libevent loop when a vector fires
 * @base: the loop, which must outlive the event; run by the thread that uses the device, or created after
 *        evthread_use_pthreads() (libevent_pthreads), and then by any thread
 * @device: device with vectors enabled
 * @vector: which
 * @fn: called in the loop's thread, with how often the vector fired since the last call. Where that is not
 *      the thread that uses the device, @fn may call uldf_irq_unmask() and nothing else of the device
 * @arg: its argument
 * @out: the event, freed with uldf_irq_event_free(); untouched on failure
 *
 * Binds an eventfd of its own to the vector. INTx stays masked until uldf_irq_unmask(). A loop in another
 * thread may call @fn before this returns.
 *
 * Return: 0, -ENOMEM, -EMFILE, and as uldf_irq_bind().
 */
int uldf_irq_event_new(struct event_base *base, struct uldf_device *device, unsigned int vector,
		       void (*fn)(uint64_t count, void *arg), void *arg,
		       struct uldf_irq_event **out);

/**
 * uldf_irq_event_free() - end uldf_irq_event_new()
 * @event: the event, or NULL; its device must still be open
 *
 * Ends the vector's binding, in the thread that uses the device. When it returns @fn is not running and will
 * not be called: it waits for a call in another thread to end, so the caller may hold no lock that @fn
 * takes. @fn may call it if the loop runs in the thread that uses the device.
 */
void uldf_irq_event_free(struct uldf_irq_event *event);

#ifdef __cplusplus
}
#endif

#endif
