/* SPDX-License-Identifier: MIT */
/*
 * The vfio backend: a device bound to vfio-pci, reached through its IOMMU group.
 *
 * VFIO wants a container before it opens a device, and lets a group leave one only when all of its
 * devices are closed. So each group has a container of its own, from the first open of a device in it
 * to the last close, and a space is this library's: a table of mappings, made in the containers of
 * the groups that are attached to it, and in those only while they are.
 */
#ifndef ULDF_SRC_VFIO_VFIO_H
#define ULDF_SRC_VFIO_VFIO_H

#include <linux/vfio.h>
#include "backend.h"
#include "iova.h"
#include "pci_config.h"
#include "table.h"

struct watcher;

/* Ranges of bus addresses that an IOMMU offers, and what it lets one do with them. */
#define VFIO_RANGES 32

struct vfio_ranges {
	struct uldf_range list[VFIO_RANGES]; /* ascending, disjoint */
	size_t count;
};

/*
 * A group and its container, shared by the devices that one context has open in it. The context's
 * lock for groups protects it all; it is taken before a space's.
 */
struct vfio_group {
	LIST_ENTRY(vfio_group) entry; /* in the context */
	LIST_ENTRY(vfio_group) peer;  /* in the space */
	LIST_HEAD(, vfio_device) devices;
	int number;
	int fd;
	int container;
	struct vfio_ranges usable;
	struct vfio_space *space;
	unsigned int attached; /* devices */
	bool full;	       /* the container kept mappings of a space that the group has left */
};

/* Behind struct uldf_device. */
struct vfio_device {
	LIST_ENTRY(vfio_device) entry; /* in the group */
	char address[ULDF_ADDRESS_TEXT];
	struct vfio_group *group;
	int fd;
	bool attached;
	uint64_t offset[ULDF_REGION_COUNT]; /* where each region begins in the device's file */
	struct pci_config config;
	void *window[ULDF_REGION_COUNT]; /* whole areas, mapped for accesses of 8 bytes */
	int sink;		 /* eventfd of the vectors that the holder has bound none to */
	int request;		 /* signalled when the kernel wants the device back */
	int error;		 /* signalled on a bus error */
	unsigned int events;	 /* seen, not read yet; under the watcher's lock, if there is one */
	struct watcher *watcher; /* once an eventfd was bound to events */
	int listener;		 /* that eventfd, our duplicate */
};

/* Behind struct uldf_space. */
struct vfio_space {
	pthread_mutex_t lock; /* protects all that follows, and the memories' counts of mappings */
	LIST_HEAD(, vfio_group) groups;
	struct table table;
	struct iova iova;	   /* usable addresses at which nothing is mapped */
	struct vfio_ranges usable; /* by all groups that were ever attached */
	bool attached;		   /* one was */
	bool revoked;		   /* nothing is mapped, for good */
};

/**
 * vfio_group_get() - find or open the group of a device
 * @device: device; its context keeps the group
 * @address: of the device
 * @number: of its IOMMU group, or -1
 * @out: the group, with this device counted when it is added to its list
 *
 * The context's lock for groups is held.
 */
int vfio_group_get(struct uldf_device *device, const char *address, int number,
		   struct vfio_group **out);

/* Closes the group when no device is left in it. The context's lock for groups is held. */
void vfio_group_put(struct vfio_group *group);

/**
 * vfio_group_map() - make a mapping in a group's container
 * @group: group
 * @mapping: mapping, whose space is locked
 *
 * Return: 0, or what the kernel answers.
 */
int vfio_group_map(const struct vfio_group *group, const struct uldf_mapping *mapping);

/**
 * vfio_group_unmap() - end the mappings in a range of a group's container
 * @group: group
 * @first: first bus address
 * @last: last bus address; the range cuts no mapping
 * @bytes: out: how many bytes the kernel has unmapped; untouched on failure
 *
 * Return: 0, or what the kernel answers; then all are left.
 */
int vfio_group_unmap(const struct vfio_group *group, uint64_t first, uint64_t last,
		     uint64_t *bytes);

/**
 * vfio_group_empty() - end all mappings of a group's container
 * @group: group that is attached to no space
 *
 * Return: 0, -EIO some are left.
 */
int vfio_group_empty(struct vfio_group *group);

/* What an error of a call on mappings means. */
const char *vfio_map_strerror(int err);

/**
 * vfio_fail() - the reason of a device's failed call
 * @device: device
 * @err: negative errno
 * @doing: what was to be done
 *
 * Return: @err.
 */
int vfio_fail(struct uldf_device *device, int err, const char *doing);

int vfio_region_init(struct uldf_device *device);
void vfio_region_fini(struct uldf_device *device);
int vfio_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t *out);
int vfio_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t value);
int vfio_region_map(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		    void **out);
void vfio_region_unmap(struct uldf_device *device, void *address, size_t size);

int vfio_irq_init(struct uldf_device *device);
void vfio_irq_fini(struct uldf_device *device);
int vfio_irq_signal(struct vfio_device *vfio, unsigned int index, unsigned int first,
		    unsigned int count, const int *fds);
int vfio_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count);
int vfio_irq_disable(struct uldf_device *device);
int vfio_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		  const int *fds);
int vfio_irq_bind_unmask(struct uldf_device *device, int fd);
int vfio_irq_mask(struct uldf_device *device);
int vfio_irq_unmask(struct uldf_device *device);

int vfio_event_init(struct uldf_device *device);
void vfio_event_fini(struct uldf_device *device);
int vfio_event_bind(struct uldf_device *device, int fd);
int vfio_event_read(struct uldf_device *device, unsigned int *events);

int vfio_attach(struct uldf_device *device, struct uldf_space *space);
int vfio_move(struct uldf_device *device, struct uldf_space *space);
int vfio_detach(struct uldf_device *device);
int vfio_space_create(struct uldf_device *device, struct uldf_space *space);
void vfio_space_destroy(struct uldf_space *space);
int vfio_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			size_t *count);
int vfio_memory_register(struct uldf_space *space, struct uldf_memory *memory);
int vfio_memory_share(struct uldf_space *space, struct uldf_memory *memory,
		      const struct uldf_memory *from);
int vfio_memory_unregister(struct uldf_space *space, struct uldf_memory *memory);
int vfio_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int vfio_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count);
int vfio_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int vfio_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
		     struct uldf_unmapped *out);
int vfio_revoke(struct uldf_space *space);

/**
 * vfio_ranges_clip() - leave only what is in both
 * @ranges: changed
 * @other: the other
 */
void vfio_ranges_clip(struct vfio_ranges *ranges, const struct vfio_ranges *other);

/* Does one range hold all of it? */
bool vfio_ranges_hold(const struct vfio_ranges *ranges, uint64_t first, uint64_t last);

#endif
