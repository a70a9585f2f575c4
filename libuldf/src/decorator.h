/* SPDX-License-Identifier: MIT */
/*
 * What decorators share: an ops table that wraps any device. Each op here passes a call on to the
 * device inside by the public functions, so that what those keep about it stays true. A decorator
 * fills its table with its own ops where it has something to add, and with these elsewhere. It leaves
 * none out: one that it cannot have is refused with -ENOTSUP by an op that says why.
 */
#ifndef ULDF_SRC_DECORATOR_H
#define ULDF_SRC_DECORATOR_H

#include "backend.h"

/* Begins what priv of a decorated device points to. */
struct decorator {
	struct uldf_device *inner;
};

/* Begins what priv of a decorated space points to. A memory's handle is the memory inside. */
struct decorator_space {
	struct uldf_space *inner;
};

/**
 * decorator_parse() - read what follows a decorator's name in an address
 * @ctx: context
 * @rest: ":ADDRESS" or "=VALUE:ADDRESS"; in VALUE a backslash takes the colon or backslash after it
 * @value: out: the value, to be freed; NULL where there is none
 * @address: out: the address of the device inside, part of @rest
 *
 * Return: 0, -EINVAL, -ENOMEM.
 */
int decorator_parse(struct uldf_ctx *ctx, const char *rest, char **value, const char **address);

/**
 * decorator_init() - wrap a device
 * @decorator: what is to begin the decorator's priv
 * @outer: the decorated device; its priv, information and regions are filled
 * @inner: the device inside, which is closed by decorator_fini()
 * @areas: regions can be mapped, although accesses by a mapping are nowhere seen
 */
void decorator_init(struct decorator *decorator, struct uldf_device *outer,
		    struct uldf_device *inner, bool areas);

/**
 * decorator_fini() - end decorator_init() and close the device inside
 * @decorator: decorator
 */
void decorator_fini(struct decorator *decorator);

/**
 * decorator_space_init() - create a space inside a decorated one
 * @decorated: what is to begin the decorated space's priv
 * @device: decorated device
 * @space: decorated space; its priv is filled
 *
 * Return: 0, or what the backend inside answers.
 */
int decorator_space_init(struct decorator_space *decorated, struct uldf_device *device,
			 struct uldf_space *space);

/**
 * decorator_space_fini() - end decorator_space_init()
 * @decorated: decorated space
 */
void decorator_space_fini(struct decorator_space *decorated);

/**
 * decorator_find() - the layer of a device that a decorator made
 * @device: device, decorated by any number
 * @close: the decorator's close op
 *
 * Return: the handle whose priv is that decorator's; NULL when it is not among them.
 */
struct uldf_device *decorator_find(struct uldf_device *device,
				   void (*close)(struct uldf_device *device));

int decorator_reset(struct uldf_device *device, enum uldf_reset *how);
int decorator_attach(struct uldf_device *device, struct uldf_space *space);
int decorator_move(struct uldf_device *device, struct uldf_space *space);
int decorator_detach(struct uldf_device *device);
int decorator_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
			  unsigned int width, uint64_t *out);
int decorator_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
			   unsigned int width, uint64_t value);
int decorator_region_map(struct uldf_device *device, unsigned int index, uint64_t offset,
			 size_t size, void **out);
void decorator_region_unmap(struct uldf_device *device, void *address, size_t size);
int decorator_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count);
int decorator_irq_reserve(struct uldf_device *device, enum uldf_irq_type type, unsigned int count);
int decorator_irq_disable(struct uldf_device *device);
int decorator_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		       const int *fds);
int decorator_irq_bind_unmask(struct uldf_device *device, int fd);
int decorator_irq_mask(struct uldf_device *device);
int decorator_irq_unmask(struct uldf_device *device);
int decorator_io_batch(struct uldf_device *device, struct uldf_io *list, size_t count,
		       size_t *done);
int decorator_irq_counts(struct uldf_device *device, const volatile struct uldf_irq_count **out);
int decorator_event_bind(struct uldf_device *device, int fd);
int decorator_event_read(struct uldf_device *device, unsigned int *events);
int decorator_power(struct uldf_device *device, unsigned int state);
int decorator_set_guest(struct uldf_device *device, int vm);
int decorator_functions(struct uldf_device *device, unsigned int count);
int decorator_region_fd(struct uldf_device *device, unsigned int index, uint64_t offset,
			size_t size, bool writable, int *out);

/*
 * Of those that have to see, or to change, each access: no part of a region gets out of their hands. The
 * regions of such a device have no areas (decorator_init()), so the library refuses before.
 */
int decorator_no_region_map(struct uldf_device *device, unsigned int index, uint64_t offset,
			    size_t size, void **out);
void decorator_no_region_unmap(struct uldf_device *device, void *address, size_t size);
int decorator_no_region_fd(struct uldf_device *device, unsigned int index, uint64_t offset,
			   size_t size, bool writable, int *out);
int decorator_no_memory_region(struct uldf_space *space, struct uldf_memory *memory,
			       struct uldf_device *device, unsigned int index, uint64_t offset);

int decorator_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			     size_t *count);
int decorator_memory_register(struct uldf_space *space, struct uldf_memory *memory);
int decorator_memory_region(struct uldf_space *space, struct uldf_memory *memory,
			    struct uldf_device *device, unsigned int index, uint64_t offset);
int decorator_memory_share(struct uldf_space *space, struct uldf_memory *memory,
			   const struct uldf_memory *from);
int decorator_memory_unregister(struct uldf_space *space, struct uldf_memory *memory);
int decorator_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int decorator_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count);
int decorator_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int decorator_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
			  struct uldf_unmapped *out);
int decorator_revoke(struct uldf_space *space);
int decorator_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
			   struct uldf_segment *list, size_t *count, uint64_t *handle);
void decorator_segments_unmap(struct uldf_space *space, uint64_t handle);
int decorator_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer,
			     uint64_t *handle);
void decorator_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t handle);

#endif
