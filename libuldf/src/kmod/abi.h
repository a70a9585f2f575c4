/* SPDX-License-Identifier: MIT */
/*
 * The ABI of uldf.ko, and what the kmod backend keeps behind its handles. <linux/uldf.h> is
 * included here and nowhere else.
 */
#ifndef ULDF_SRC_KMOD_ABI_H
#define ULDF_SRC_KMOD_ABI_H

#include <linux/uldf.h>
#include "backend.h"

#define KMOD_CONTROL "/dev/uldf/control"
#define KMOD_OLDER   "uldf.ko is older than the library"

/* Behind struct uldf_device. */
struct kmod_device {
	int fd;
	uint64_t offset[ULDF_REGION_COUNT]; /* where each region begins in the device file */
	uint64_t shared;		    /* where the shared pages begin in it */
	size_t shared_size;
	void *counts; /* the shared pages once mapped */
};

/* Behind struct uldf_space. */
struct kmod_space {
	int fd;
};

/**
 * kmod_device_call() - an ioctl on a device's file
 * @device: device
 * @request: which
 * @arg: its structure
 * @doing: what it is to do, for the reason: "enable MSI"
 *
 * Return: 0, or the negative errno with its reason kept.
 */
int kmod_device_call(struct uldf_device *device, unsigned long request, void *arg,
		     const char *doing);

int kmod_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t *out);
int kmod_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t value);
int kmod_region_map(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		    void **out);
void kmod_region_unmap(struct uldf_device *device, void *address, size_t size);

int kmod_region_fd(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		   bool writable, int *out);
int kmod_io_batch(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done);

int kmod_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count);
int kmod_irq_reserve(struct uldf_device *device, enum uldf_irq_type type, unsigned int count);
int kmod_irq_disable(struct uldf_device *device);
int kmod_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		  const int *fds);
int kmod_irq_bind_unmask(struct uldf_device *device, int fd);
int kmod_irq_mask(struct uldf_device *device);
int kmod_irq_unmask(struct uldf_device *device);
int kmod_irq_counts(struct uldf_device *device, const volatile struct uldf_irq_count **out);

int kmod_event_bind(struct uldf_device *device, int fd);
int kmod_event_read(struct uldf_device *device, unsigned int *events);

int kmod_attach(struct uldf_device *device, struct uldf_space *space);
int kmod_move(struct uldf_device *device, struct uldf_space *space);
int kmod_detach(struct uldf_device *device);
int kmod_space_create(struct uldf_device *device, struct uldf_space *space);
void kmod_space_destroy(struct uldf_space *space);
int kmod_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			size_t *count);
int kmod_memory_register(struct uldf_space *space, struct uldf_memory *memory);
int kmod_memory_region(struct uldf_space *space, struct uldf_memory *memory,
		       struct uldf_device *device, unsigned int index, uint64_t offset);
int kmod_memory_share(struct uldf_space *space, struct uldf_memory *memory,
		      const struct uldf_memory *from);
int kmod_memory_unregister(struct uldf_space *space, struct uldf_memory *memory);
int kmod_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int kmod_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count);
int kmod_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
		      struct uldf_segment *list, size_t *count, uint64_t *handle);
void kmod_segments_unmap(struct uldf_space *space, uint64_t handle);
int kmod_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle);
void kmod_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t handle);
int kmod_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int kmod_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
		     struct uldf_unmapped *out);
int kmod_unmap_ranges(struct uldf_space *space, const struct uldf_range *list, size_t count,
		      size_t *done, struct uldf_unmapped *out);
int kmod_revoke(struct uldf_space *space);

/**
 * kmod_batch_fill() - write a batch in the ABI's form
 * @list: the pieces
 * @count: how many
 * @out: room for @count
 */
void kmod_batch_fill(const struct uldf_mapping *list, size_t count, struct uldf_ioc_mapping *out);

/**
 * kmod_reset_read() - understand how a device was reset
 * @number: what the module says
 * @out: the same; untouched on failure
 *
 * Return: 0, or -EPROTO, a number that this library does not know: the module is newer.
 */
int kmod_reset_read(uint32_t number, enum uldf_reset *out);

/**
 * kmod_control_check() - can the control node be opened
 * @ctx: context; its reason is kept for every failure
 *
 * Return: 0, -ENOENT the module is not loaded, -EPERM, or why the node cannot be opened.
 */
int kmod_control_check(struct uldf_ctx *ctx);

/**
 * kmod_control_claim() - ULDF_CLAIM
 * @ctx: context; its reason is kept for every failure, in the kernel's words where it gives any
 * @address: the device
 * @group: with all of its IOMMU group
 *
 * Return: 0, -ENOENT the module is not loaded, -EPERM, or what the kernel answers.
 */
int kmod_control_claim(struct uldf_ctx *ctx, const struct uldf_address *address, bool group);

/**
 * kmod_control_release() - ULDF_RELEASE
 * @ctx: context; its reason is kept for every failure
 * @address: the device
 * @giving: bits of enum uldf_giving
 * @reset: out: how it was reset; untouched on failure
 *
 * Return: 0, -ENOENT the module is not loaded, -EPERM, -EPROTO it was released, but nobody knows how
 * it was reset, or what the kernel answers.
 */
int kmod_control_release(struct uldf_ctx *ctx, const struct uldf_address *address,
			 unsigned int giving, enum uldf_reset *reset);

#endif
