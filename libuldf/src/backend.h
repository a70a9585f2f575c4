/* SPDX-License-Identifier: MIT */
/*
 * How a handle reaches its device: the ops table that every backend fills, and the handles that
 * the public functions and the backends share.
 *
 * The public functions refuse what is wrong whatever the backend (see each op for what it may
 * count on); all else is the backend's to refuse, with the errors that the public headers promise.
 * An op that fails leaves its reason with ctx_fail() or uldf_device_fail().
 */
#ifndef ULDF_SRC_BACKEND_H
#define ULDF_SRC_BACKEND_H

#include <pthread.h>
#include <sys/queue.h>
#include <uldf.h>
#include "ctx.h"

struct uldf_backend_ops;

/* One thread at a time, but for irq_unmask, which a vector's event calls in the thread of its loop. */
struct uldf_device {
	struct uldf_ctx *ctx;
	const struct uldf_backend_ops *ops;
	void *priv; /* the backend's */
	struct uldf_device_info info;
	struct uldf_region regions[ULDF_REGION_COUNT];
	enum uldf_irq_type irq_type; /* atomic, as irq_unmask looks at it */
	unsigned int irq_count;	     /* vectors enabled, of irq_type; likewise */
	unsigned int irq_generation; /* how often vectors were enabled */
	unsigned int irq_events;     /* not freed yet; atomic */
	bool attached;		     /* to a space */
};

/* Bus addresses of a struct uldf_dma or a struct uldf_buffer. */
struct dma_range {
	LIST_ENTRY(dma_range) entry;
	uint64_t first, last;
};

/* A struct uldf_buffer, in its space's list while it has memory. */
struct dma_buffer {
	struct uldf_buffer public;
	LIST_ENTRY(dma_buffer) entry;
	struct uldf_space *space;
	uint64_t handle;	    /* bare: the backend's */
	struct uldf_memory *memory; /* translated */
	struct dma_range range;	    /* translated */
};

struct register_mapping;

struct uldf_space {
	struct uldf_ctx *ctx;
	const struct uldf_backend_ops *ops;
	void *priv;    /* the backend's */
	uint64_t mask; /* what the library chooses of bus addresses lies below */
	bool bare;
	bool destroyed;		 /* nothing is left but what uldf_dmas and uldf_buffers point to */
	unsigned int references; /* of the holder, each uldf_dma and each uldf_buffer; atomic */
	unsigned int register_memories; /* memories of registers there are; atomic */
	pthread_mutex_t lock;		/* protects all that follows */
	LIST_HEAD(, uldf_memory) memories;
	LIST_HEAD(, dma_range) dma_ranges; /* translated spaces only */
	LIST_HEAD(, dma_buffer) buffers;
	LIST_HEAD(, register_mapping) register_mappings; /* see registers.h */
};

/* One registration, see memory.c. Each memory that shares it holds a reference. */
struct memory_origin;

/* Constant once registered. */
struct uldf_memory {
	struct uldf_space *space;
	struct memory_origin *origin;
	LIST_ENTRY(uldf_memory) entry;
	void *address;
	size_t size;
	unsigned int access;
	bool registers;	 /* memory is registers of a device, and has no @address */
	uint64_t handle; /* the backend's */
};

/**
 * struct uldf_backend_ops - what a backend guarantees
 *
 * Every op answers 0 or a negative errno, leaves its out parameters alone on failure, and answers
 * -ENODEV once the device is gone. Ops on a device are called by one thread at a time, but for
 * @irq_unmask; ops on a space by any number.
 *
 * @name: what stands before the colon of an address
 * @decorates: It wraps the device that the rest of its address names, and may be given a value:
 *	"name=value:rest". Its @open is given all that follows its name.
 * @io_judges: @io_batch itself refuses, before the first access, a list with anything wrong in it: the
 *	library looks at the list only to say what that is.
 * @open: Reach the device that the rest of the address names. Fills @priv, @info and @regions of
 *	the handle (the rest is set, or zero); regions the device lacks keep size 0. The device is
 *	quiet: no vector enabled, attached to no space, bus mastering off. On failure nothing is
 *	left open.
 * @close: Stop the device, free vectors, detach it, free @priv. Cannot fail; the device may be
 *	gone.
 * @reset: Reset this device alone and say how; -ENOTSUP where nothing can. Vectors stay enabled.
 * @attach: From its return on, the device may reach what is mapped in the space, and nothing else.
 *	The space is of the same backend. -EBUSY when attached already.
 * @move: As @attach, but take the device from its space first, if it is attached to one, with bus
 *	mastering off until it is attached to the other. -EBUSY when attached to that already, or
 *	when a device of its IOMMU group stays behind. On failure attach the device to its old
 *	space again, which may have stopped it meanwhile; only -EIO says that it is attached to
 *	none. NULL: -ENOTSUP.
 * @detach: When it returns the device masters no bus, and is detached, also with -EIO and -ENODEV:
 *	the IOMMU failed to end mappings, or the device is gone. -EINVAL when not attached.
 * @region_read: Make exactly one access of @width bytes. The index, the width and the range are
 *	checked, the value is in the CPU's order.
 * @region_write: Likewise; the region is writable.
 * @region_map: Map a part of a region, uncached. The part is aligned and lies in one of its areas.
 * @region_unmap: End @region_map.
 * @irq_enable: Allocate @count vectors, at least one and no more than the device has. -EBUSY when
 *	a type is enabled, -ENOSPC when the host has too few.
 * @irq_reserve: As @irq_enable, but vectors of the host may be taken by @irq_bind, which is -ENOSPC when
 *	there are too few. NULL: @irq_enable.
 * @irq_disable: Free all vectors of the enabled type. When it returns no eventfd is signalled.
 * @irq_bind: Signal eventfds, all or none; -1 ends it. The vectors are enabled, the descriptors
 *	are not checked (-EINVAL). The caller may close them afterwards.
 * @irq_bind_unmask: Unmask INTx when an eventfd is signalled; -1 ends it. INTx is enabled.
 * @irq_mask: Mask INTx, which is enabled.
 * @irq_unmask: Unmask INTx; fires again when the line is still asserted. INTx is enabled, unless another
 *	thread disables it during the call: -EINVAL, and it stays as @irq_disable leaves it.
 * @io_batch: As uldf_io_batch(); the list was checked, but for what only the backend knows. NULL: the
 *	library does one access after the other.
 * @irq_counts: As uldf_irq_counts(). NULL: -ENOTSUP, as of all that follow up to @space_create.
 * @event_bind: As uldf_event_bind().
 * @event_read: As uldf_event_read().
 * @dma_fault: Take the next access of the device that its space refused; the fault's device stays zero.
 *	Return 1, or 0 for none. NULL: the kernel's log tells of them (uldf/dma_fault.h).
 * @power: As uldf_device_power(); the state is 0 or 3.
 * @set_guest: As uldf_device_set_guest(); @vm is -1 or may be a descriptor.
 * @functions: As uldf_device_functions().
 * @region_fd: As uldf_region_fd(). The part is aligned and lies in one of the region's areas.
 * @space_create: Make a space that suits the device and fill its @priv; @mask and @bare are set.
 * @space_destroy: Free a space with all mappings and memory in it. Cannot fail.
 * @space_reserved: As uldf_space_reserved().
 * @memory_register: Pin the memory, charge it once, fill its @handle. Its address, size and access
 *	are set; whether they are aligned is for the backend to check.
 * @memory_region: As uldf_memory_register_region(), and fill the memory's @handle; the space is
 *	not bare, the device of the same backend, and the part aligned and in one of the region's
 *	areas. NULL: -ENOTSUP.
 * @memory_share: Register memory of the space @from->space, which is of the same backend, without
 *	pinning it again. Neither space is bare. Fill its @handle; the rest is set as @from has
 *	it. The library unregisters the memory if another thread has shared it meanwhile. NULL:
 *	-ENOTSUP.
 * @memory_unregister: Unpin, unless another space has the memory. -EBUSY while mapped. Of a
 *	decorator: the device inside ends the mappings of registers; elsewhere the library has
 *	ended them.
 * @map: Map all pieces or none. The memory of each is of this space and the access has known bits
 *	only. When it returns devices see all of it.
 * @map_anywhere: As @map, but choose the addresses, in one range below the space's @mask if there is
 *	one, and fill them in once all is mapped.
 * @unmap: End mappings. When it returns, also with an error, no device reaches those ended.
 *	-ENOENT: those before the piece have ended. -EIO, as of the two that follow: the IOMMU
 *	failed, and some have ended.
 * @unmap_range: End all mappings in a range of whole pages; the space is not bare, and no struct
 *	uldf_dma has addresses in the range. -ERANGE, with nothing ended, when the range would cut
 *	a mapping. When it returns no device reaches those ended. NULL: -ENOTSUP.
 * @unmap_ranges: As @unmap_range for each, up to the first one that fails; @done ranges before it have
 *	ended, with what is in @out, also on failure. NULL or -ENOTSUP: the library calls @unmap_range.
 * @revoke: End all mappings of a space that is not bare, and answer -ESHUTDOWN to @map and
 *	@map_anywhere from then on, also after -EIO. When it returns 0 no device reaches anything.
 *	0 also for a space that was revoked before. NULL: -ENOTSUP.
 * @segments_map: Bare spaces only, NULL otherwise, as the three that follow: say where a part of a
 *	memory is. @count is in: room in @list, out: how many there are, also with -ENOSPC, the room
 *	being too small. @handle is what ends it.
 * @segments_unmap: End @segments_map.
 * @coherent_alloc: Fill a buffer of whole pages at adjacent bus addresses; @handle is what ends it.
 * @coherent_free: End @coherent_alloc.
 */
struct uldf_backend_ops {
	const char *name;
	bool decorates;
	bool io_judges;
	int (*open)(struct uldf_device *device, const char *rest);
	void (*close)(struct uldf_device *device);
	int (*reset)(struct uldf_device *device, enum uldf_reset *how);
	int (*attach)(struct uldf_device *device, struct uldf_space *space);
	int (*move)(struct uldf_device *device, struct uldf_space *space);
	int (*detach)(struct uldf_device *device);

	int (*region_read)(struct uldf_device *device, unsigned int index, uint64_t offset,
			   unsigned int width, uint64_t *out);
	int (*region_write)(struct uldf_device *device, unsigned int index, uint64_t offset,
			    unsigned int width, uint64_t value);
	int (*region_map)(struct uldf_device *device, unsigned int index, uint64_t offset,
			  size_t size, void **out);
	void (*region_unmap)(struct uldf_device *device, void *address, size_t size);

	int (*irq_enable)(struct uldf_device *device, enum uldf_irq_type type, unsigned int count);
	int (*irq_reserve)(struct uldf_device *device, enum uldf_irq_type type, unsigned int count);
	int (*irq_disable)(struct uldf_device *device);
	int (*irq_bind)(struct uldf_device *device, unsigned int first, unsigned int count,
			const int *fds);
	int (*irq_bind_unmask)(struct uldf_device *device, int fd);
	int (*irq_mask)(struct uldf_device *device);
	int (*irq_unmask)(struct uldf_device *device);

	int (*io_batch)(struct uldf_device *device, struct uldf_io *list, size_t count,
			size_t *done);
	int (*irq_counts)(struct uldf_device *device, const volatile struct uldf_irq_count **out);
	int (*event_bind)(struct uldf_device *device, int fd);
	int (*event_read)(struct uldf_device *device, unsigned int *events);
	int (*dma_fault)(struct uldf_device *device, struct uldf_dma_fault *out);
	int (*power)(struct uldf_device *device, unsigned int state);
	int (*set_guest)(struct uldf_device *device, int vm);
	int (*functions)(struct uldf_device *device, unsigned int count);
	int (*region_fd)(struct uldf_device *device, unsigned int index, uint64_t offset,
			 size_t size, bool writable, int *out);

	int (*space_create)(struct uldf_device *device, struct uldf_space *space);
	void (*space_destroy)(struct uldf_space *space);
	int (*space_reserved)(struct uldf_space *space, struct uldf_range *list, size_t room,
			      size_t *count);
	int (*memory_register)(struct uldf_space *space, struct uldf_memory *memory);
	int (*memory_region)(struct uldf_space *space, struct uldf_memory *memory,
			     struct uldf_device *device, unsigned int index, uint64_t offset);
	int (*memory_share)(struct uldf_space *space, struct uldf_memory *memory,
			    const struct uldf_memory *from);
	int (*memory_unregister)(struct uldf_space *space, struct uldf_memory *memory);
	int (*map)(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
	int (*map_anywhere)(struct uldf_space *space, struct uldf_mapping *list, size_t count);
	int (*unmap)(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
	int (*unmap_range)(struct uldf_space *space, uint64_t first, uint64_t last,
			   struct uldf_unmapped *out);
	int (*unmap_ranges)(struct uldf_space *space, const struct uldf_range *list, size_t count,
			    size_t *done, struct uldf_unmapped *out);
	int (*revoke)(struct uldf_space *space);
	int (*segments_map)(struct uldf_space *space, const struct uldf_mapping *piece,
			    struct uldf_segment *list, size_t *count, uint64_t *handle);
	void (*segments_unmap)(struct uldf_space *space, uint64_t handle);
	int (*coherent_alloc)(struct uldf_space *space, struct uldf_buffer *buffer,
			      uint64_t *handle);
	void (*coherent_free)(struct uldf_space *space, struct uldf_buffer *buffer,
			      uint64_t handle);
};

extern const struct uldf_backend_ops kmod_backend;
extern const struct uldf_backend_ops vfio_backend;
extern const struct uldf_backend_ops uio_backend;
extern const struct uldf_backend_ops model_backend;
extern const struct uldf_backend_ops record_backend;
extern const struct uldf_backend_ops replay_backend;
extern const struct uldf_backend_ops check_backend;
extern const struct uldf_backend_ops fault_backend;

/** BACKEND_BATCH - the most pieces in one map or unmap */
#define BACKEND_BATCH 4096

/**
 * backend_of_driver() - which backend reaches the devices of a kernel driver
 * @driver: its name
 *
 * Return: the backend, or NULL.
 */
const struct uldf_backend_ops *backend_of_driver(const char *driver);

/**
 * backend_find() - which backend an address means
 * @ctx: context
 * @address: "[backend:]rest", or "decorator[=value]:address"
 * @rest: out: what follows the prefix, of a decorator what follows its name; untouched on failure
 * @out: the backend; without prefix the one that reaches the device now; untouched on failure
 *
 * Return: 0, -EINVAL malformed address or unknown prefix, -ENODEV no such device, or held by a driver
 * that no backend goes with.
 */
int backend_find(struct uldf_ctx *ctx, const char *address, const char **rest,
		 const struct uldf_backend_ops **out);

/**
 * device_open_backend() - open a device through a backend at hand
 * @ctx: context
 * @ops: backend, which need not be in the table that uldf_device_open() looks in
 * @rest: what its open op is given
 * @out: the device; untouched on failure
 *
 * Return: 0, or what the open op answers.
 */
int device_open_backend(struct uldf_ctx *ctx, const struct uldf_backend_ops *ops, const char *rest,
			struct uldf_device **out);

/**
 * region_check() - is this an access that a region can have, whatever the backend?
 * @device: device
 * @index: region, as given by the caller
 * @offset: bytes from its start
 * @width: bytes of the access
 *
 * Return: 0, -EINVAL, -ERANGE.
 */
int region_check(const struct uldf_device *device, unsigned int index, uint64_t offset,
		 unsigned int width);

/**
 * config_check_write() - is this a write of the configuration space that a device can have now?
 * @device: device
 * @offset: bytes from its start
 * @width: bytes of the access, which region_check() allows
 * @value: what is to be written
 *
 * Return: 0, -ENXIO it switches bus mastering on, and the device is attached to no space.
 */
int config_check_write(const struct uldf_device *device, uint64_t offset, unsigned int width,
		       uint64_t value);

/**
 * region_check_map() - can this part of a region be mapped?
 * @device: device
 * @index: region, as given by the caller
 * @offset: bytes from its start
 * @size: bytes
 *
 * Return: 0, -EINVAL, -ENOTSUP, -ERANGE outside its areas.
 */
int region_check_map(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size);

/**
 * space_get() - take a reference, which keeps the structure alive and nothing in it
 * @space: space
 */
void space_get(struct uldf_space *space);

/**
 * space_put() - drop a reference
 * @space: space
 */
void space_put(struct uldf_space *space);

/**
 * memory_free() - free a memory that its space's list and its backend have forgotten
 * @memory: memory
 */
void memory_free(struct uldf_memory *memory);

/**
 * dma_range_map() - map an uldf_dma or uldf_buffer where there is room
 * @space: space
 * @range: filled; stays in the space's list until dma_range_remove()
 * @piece: piece of memory that is no registers; its address is filled in; untouched on failure
 *
 * Keeps uldf_space_unmap_range() from the addresses from the first moment on.
 *
 * Return: as uldf_space_map_anywhere().
 */
int dma_range_map(struct uldf_space *space, struct dma_range *range, struct uldf_mapping *piece);

/**
 * dma_range_remove() - end dma_range_map(), after the mapping has ended
 * @space: space
 * @range: range
 */
void dma_range_remove(struct uldf_space *space, struct dma_range *range);

/**
 * space_fail_limit() - ctx_fail() for memory that cannot be pinned
 * @space: space
 * @size: bytes that were to be pinned
 *
 * Return: -ENOMEM, and the reason says by how much the limit is too low, if that is it.
 */
int space_fail_limit(struct uldf_space *space, size_t size);

#endif
