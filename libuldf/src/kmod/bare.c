// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "kmod/abi.h"

static const char *bare_strerror(int err)
{
	switch (err) {
	case -ERANGE:
		return "part of it is outside the mask: use a buffer";
	case -ENOMEM:
		return "out of memory, or of memory that may be locked";
	default:
		return ctx_strerror(err);
	}
}

int kmod_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
		      struct uldf_segment *list, size_t *count, uint64_t *handle)
{
	const struct kmod_space *kmod = space->priv;
	struct uldf_ioc_segments call = {
		.argsz = sizeof(call),
		.flags = (piece->access & ULDF_DMA_READ ? ULDF_MAP_READ : 0) |
			 (piece->access & ULDF_DMA_WRITE ? ULDF_MAP_WRITE : 0),
		.offset = piece->offset,
		.size = piece->size,
		.memory = (uint32_t)piece->memory->handle,
		.count = *count > ULDF_SEGMENTS ? ULDF_SEGMENTS : (uint32_t)*count,
		.list = (uintptr_t)list,
	};
	int err;

	_Static_assert(sizeof(struct uldf_segment) == sizeof(struct uldf_ioc_segment) &&
			       offsetof(struct uldf_segment, length) ==
				       offsetof(struct uldf_ioc_segment, length),
		       "the kernel fills the caller's segments");
	if (ioctl(kmod->fd, ULDF_SPACE_SEGMENTS, &call)) {
		err = -errno;
		if (err == -ENOSPC)
			*count = call.count;
		return ctx_fail(space->ctx, err,
				"cannot tell where %" PRIu64 " bytes at %" PRIu64
				" of a memory are: %s",
				piece->size, piece->offset, bare_strerror(err));
	}
	*count = call.count;
	*handle = piece->memory->handle;
	return 0;
}

void kmod_segments_unmap(struct uldf_space *space, uint64_t handle)
{
	const struct kmod_space *kmod = space->priv;
	struct uldf_ioc_segments call = {.argsz = sizeof(call), .memory = (uint32_t)handle};

	ioctl(kmod->fd, ULDF_SPACE_SEGMENTS_END, &call);
}

int kmod_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle)
{
	const struct kmod_space *kmod = space->priv;
	struct uldf_ioc_coherent call = {.argsz = sizeof(call), .size = buffer->size};
	struct uldf_ioc_coherent end = {.argsz = sizeof(end)};
	void *address;
	int err;

	if (ioctl(kmod->fd, ULDF_SPACE_COHERENT, &call)) {
		err = -errno;
		return ctx_fail(space->ctx, err, "no buffer of %zu bytes below 0x%" PRIx64 ": %s",
				buffer->size, space->mask, bare_strerror(err));
	}
	address = mmap(NULL, buffer->size, PROT_READ | PROT_WRITE, MAP_SHARED, kmod->fd,
		       (off_t)call.offset);
	if (address == MAP_FAILED) {
		err = -errno;
		end.id = call.id;
		ioctl(kmod->fd, ULDF_SPACE_COHERENT_END, &end);
		return ctx_fail(space->ctx, err, "cannot map a buffer of %zu bytes: %s",
				buffer->size, ctx_strerror(err));
	}
	buffer->address = address;
	buffer->bus = call.address;
	*handle = call.id;
	return 0;
}

void kmod_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t handle)
{
	const struct kmod_space *kmod = space->priv;
	struct uldf_ioc_coherent end = {.argsz = sizeof(end), .id = (uint32_t)handle};

	munmap(buffer->address, buffer->size);
	ioctl(kmod->fd, ULDF_SPACE_COHERENT_END, &end);
}
