// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "backend.h"

#define PAGE	       4096
#define SEGMENTS_GUESS 16

/* ---- mappings at addresses of the library's choice ---------------------------------------------- */

struct dma {
	struct uldf_dma public;
	struct uldf_space *space;
	uint64_t handle;	/* bare: the backend's */
	struct dma_range range; /* translated: the pages that were mapped */
	struct uldf_segment list[];
};

static int dma_map_translated(struct uldf_memory *memory, uint64_t offset, uint64_t size,
			      unsigned int access, struct dma **out)
{
	const uint64_t within = offset % PAGE;
	struct uldf_mapping piece = {
		.memory = memory,
		.offset = offset - within,
		.size = (within + size + PAGE - 1) / PAGE * PAGE,
		.access = access,
	};
	struct dma *dma = malloc(sizeof(*dma) + sizeof(dma->list[0]));
	int err;

	if (!dma)
		return ctx_fail(memory->space->ctx, -ENOMEM, "out of memory");
	err = dma_range_map(memory->space, &dma->range, &piece);
	if (err) {
		free(dma);
		return err;
	}
	dma->list[0] = (struct uldf_segment){piece.address + within, size};
	dma->public.count = 1;
	*out = dma;
	return 0;
}

static int dma_map_bare(struct uldf_memory *memory, uint64_t offset, uint64_t size,
			unsigned int access, struct dma **out)
{
	const struct uldf_mapping piece = {
		.memory = memory, .offset = offset, .size = size, .access = access};
	struct uldf_space *space = memory->space;
	size_t count = SEGMENTS_GUESS, room;
	struct dma *dma = NULL, *larger;
	int err;

	/* the memory is pinned: what a second call finds is what the first one counted */
	do {
		room = count;
		larger = realloc(dma, sizeof(*dma) + room * sizeof(dma->list[0]));
		if (!larger) {
			free(dma);
			return ctx_fail(space->ctx, -ENOMEM, "out of memory");
		}
		dma = larger;
		err = space->ops->segments_map(space, &piece, dma->list, &count, &dma->handle);
	} while (err == -ENOSPC && count > room);
	if (err) {
		free(dma);
		return err;
	}
	dma->public.count = count;
	*out = dma;
	return 0;
}

int uldf_dma_map(struct uldf_memory *memory, uint64_t offset, uint64_t size, unsigned int access,
		 struct uldf_dma **out)
{
	struct uldf_space *space = memory->space;
	struct dma *dma = NULL;
	int err;

	if (!size || !access || access & ~(unsigned int)ULDF_DMA_BOTH)
		return ctx_fail(space->ctx, -EINVAL,
				"%" PRIu64 " bytes with access 0x%x cannot be mapped", size,
				access);
	if (offset >= memory->size || size > memory->size - offset)
		return ctx_fail(space->ctx, -ERANGE,
				"%" PRIu64 " bytes at %" PRIu64 " are not in a memory of %zu", size,
				offset, memory->size);
	if (memory->registers)
		return ctx_fail(space->ctx, -ENOTSUP,
				"registers are mapped at addresses of the caller's alone: use "
				"uldf_space_map()");
	if (access & ~memory->access)
		return ctx_fail(space->ctx, -EPERM,
				"the memory was registered for devices to read only");
	if (space->bare)
		err = dma_map_bare(memory, offset, size, access, &dma);
	else
		err = dma_map_translated(memory, offset, size, access, &dma);
	if (err)
		return err;
	space_get(space);
	dma->space = space;
	dma->public.list = dma->list;
	dma->public.size = size;
	*out = &dma->public;
	return 0;
}

static void dma_unmap(struct dma *dma)
{
	if (dma->space->bare) {
		dma->space->ops->segments_unmap(dma->space, dma->handle);
	} else {
		const struct uldf_mapping piece = {
			.address = dma->range.first,
			.size = dma->range.last - dma->range.first + 1,
		};

		uldf_space_unmap(dma->space, &piece, 1);
		dma_range_remove(dma->space, &dma->range);
	}
}

void uldf_dma_unmap(struct uldf_dma *public)
{
	struct dma *dma = (struct dma *)public;

	if (!dma)
		return;
	if (!dma->space->destroyed)
		dma_unmap(dma);
	space_put(dma->space);
	free(dma);
}

/* ---- buffers ------------------------------------------------------------------------------------ */

static int buffer_fill_translated(struct uldf_space *space, struct dma_buffer *buffer)
{
	struct uldf_mapping piece = {.size = buffer->public.size, .access = ULDF_DMA_BOTH};
	int err;

	/* shared: a fork() must not give the pages that the device sees to the child alone */
	buffer->public.address = mmap(NULL, buffer->public.size, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (buffer->public.address == MAP_FAILED)
		return ctx_fail(space->ctx, -ENOMEM, "no memory for a buffer of %zu bytes",
				buffer->public.size);
	err = uldf_memory_register(space, buffer->public.address, buffer->public.size,
				   ULDF_DMA_BOTH, &buffer->memory);
	if (err)
		goto err_munmap;
	piece.memory = buffer->memory;
	err = dma_range_map(space, &buffer->range, &piece);
	if (err)
		goto err_unregister;
	buffer->public.bus = piece.address;
	return 0;
err_unregister:
	uldf_memory_unregister(buffer->memory);
err_munmap:
	munmap(buffer->public.address, buffer->public.size);
	return err;
}

int uldf_buffer_create(struct uldf_space *space, size_t size, struct uldf_buffer **out)
{
	struct dma_buffer *buffer;
	int err;

	if (!size || size > SIZE_MAX / 2)
		return ctx_fail(space->ctx, -EINVAL, "a buffer cannot have %zu bytes", size);
	buffer = calloc(1, sizeof(*buffer));
	if (!buffer)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	buffer->space = space;
	buffer->public.size = (size + PAGE - 1) / PAGE * PAGE;
	if (space->bare)
		err = space->ops->coherent_alloc(space, &buffer->public, &buffer->handle);
	else
		err = buffer_fill_translated(space, buffer);
	if (err) {
		free(buffer);
		return err;
	}
	space_get(space);
	pthread_mutex_lock(&space->lock);
	LIST_INSERT_HEAD(&space->buffers, buffer, entry);
	pthread_mutex_unlock(&space->lock);
	*out = &buffer->public;
	return 0;
}

static void buffer_unmap(struct dma_buffer *buffer)
{
	const struct uldf_buffer *public = &buffer->public;
	const struct uldf_mapping piece = {.address = public->bus, .size = public->size};

	uldf_space_unmap(buffer->space, &piece, 1);
	dma_range_remove(buffer->space, &buffer->range);
	/* what somebody may write to yet stays where it is */
	if (!uldf_memory_unregister(buffer->memory))
		munmap(public->address, public->size);
}

static void buffer_end(struct dma_buffer *buffer)
{
	struct uldf_space *space = buffer->space;

	pthread_mutex_lock(&space->lock);
	LIST_REMOVE(buffer, entry);
	pthread_mutex_unlock(&space->lock);
	if (space->bare)
		space->ops->coherent_free(space, &buffer->public, buffer->handle);
	else
		buffer_unmap(buffer);
}

void uldf_buffer_destroy(struct uldf_buffer *public)
{
	struct dma_buffer *buffer = (struct dma_buffer *)public;

	if (!buffer)
		return;
	if (!buffer->space->destroyed)
		buffer_end(buffer);
	space_put(buffer->space);
	free(buffer);
}
