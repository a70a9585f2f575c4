/* SPDX-License-Identifier: MIT */
/*
 * The uio backend: a device bound to uio_pci_generic. Registers through the files of sysfs, which know
 * no owner, INTx through /dev/uioN. No spaces, as no IOMMU is told anything, and so no bus mastering
 * and no MSI, which is a bus master's write.
 */
#ifndef ULDF_SRC_UIO_UIO_H
#define ULDF_SRC_UIO_UIO_H

#include <stdatomic.h>
#include "backend.h"
#include "pci_config.h"

struct watcher;

/* What the watcher's thread watches. */
enum {
	UIO_WATCH_LINE,	  /* /dev/uioN: interrupts, and its end */
	UIO_WATCH_UNMASK, /* the holder's eventfd that unmasks INTx */
};

/* Behind struct uldf_device. */
struct uio_device {
	int fd; /* /dev/uioN, locked against a second opener */
	struct pci_config config;
	int ports[ULDF_REGION_COUNT];	 /* files of port regions, once one was accessed; -1 */
	void *window[ULDF_REGION_COUNT]; /* memory regions, mapped at their first access */
	struct watcher *watcher;	 /* NULL where the device has no interrupt line */
	atomic_bool gone;

	/* all that follows under the watcher's lock */
	bool enabled;
	int trigger;  /* signalled when INTx fires; our duplicate, or -1 */
	int unmask;   /* unmasks INTx; likewise */
	int listener; /* signalled on events; likewise */
	bool missed;  /* INTx fired when there was no trigger */
	unsigned int events;
};

/**
 * uio_fail() - the reason of a device's failed call
 * @device: device
 * @err: negative errno
 * @doing: what was to be done
 *
 * Return: @err.
 */
int uio_fail(struct uldf_device *device, int err, const char *doing);

int uio_region_init(struct uldf_device *device);
void uio_region_fini(struct uldf_device *device);
int uio_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		    unsigned int width, uint64_t *out);
int uio_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t value);
int uio_region_map(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		   void **out);
void uio_region_unmap(struct uldf_device *device, void *address, size_t size);

int uio_irq_init(struct uldf_device *device);
void uio_irq_fini(struct uldf_device *device);
int uio_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count);
int uio_irq_disable(struct uldf_device *device);
int uio_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		 const int *fds);
int uio_irq_bind_unmask(struct uldf_device *device, int fd);
int uio_irq_mask(struct uldf_device *device);
int uio_irq_unmask(struct uldf_device *device);
int uio_event_bind(struct uldf_device *device, int fd);
int uio_event_read(struct uldf_device *device, unsigned int *events);

#endif
