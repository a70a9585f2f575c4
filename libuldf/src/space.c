// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "registers.h"

#define PAGE	   4096
#define MASK_LEAST 0xfffff /* below 1 MiB nothing is worth choosing */

static int space_create(struct uldf_device *device, uint64_t mask, bool bare,
			struct uldf_space **out)
{
	struct uldf_space *space;
	int err;

	if (mask & (mask + 1) || mask < MASK_LEAST)
		return uldf_device_fail(device, -EINVAL,
					"mask 0x%" PRIx64 " is no run of 20 or more low bits",
					mask);
	space = calloc(1, sizeof(*space));
	if (!space)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	space->ctx = device->ctx;
	space->ops = device->ops;
	space->mask = mask;
	space->bare = bare;
	space->references = 1;
	LIST_INIT(&space->memories);
	LIST_INIT(&space->dma_ranges);
	LIST_INIT(&space->buffers);
	LIST_INIT(&space->register_mappings);
	err = space->ops->space_create(device, space);
	if (err)
		goto err_free;
	pthread_mutex_init(&space->lock, NULL);
	*out = space;
	return 0;
err_free:
	free(space);
	return err;
}

int uldf_space_create(struct uldf_device *device, struct uldf_space **out)
{
	return space_create(device, UINT64_MAX, false, out);
}

int uldf_space_create_masked(struct uldf_device *device, uint64_t mask, struct uldf_space **out)
{
	return space_create(device, mask, false, out);
}

int uldf_space_create_bare(struct uldf_device *device, uint64_t mask, struct uldf_space **out)
{
	if (!device->ops->segments_map)
		return uldf_device_fail(device, -ENOTSUP, "the backend %s has no bare spaces",
					device->ops->name);
	return space_create(device, mask, true, out);
}

void space_get(struct uldf_space *space)
{
	__atomic_add_fetch(&space->references, 1, __ATOMIC_RELAXED);
}

void space_put(struct uldf_space *space)
{
	if (__atomic_sub_fetch(&space->references, 1, __ATOMIC_ACQ_REL))
		return;
	pthread_mutex_destroy(&space->lock);
	free(space);
}

/* Frees the memory of buffers that are left. */
static void buffers_free(struct uldf_space *space)
{
	struct dma_buffer *buffer;

	while ((buffer = LIST_FIRST(&space->buffers))) {
		LIST_REMOVE(buffer, entry);
		if (space->bare)
			space->ops->coherent_free(space, &buffer->public, buffer->handle);
		else
			munmap(buffer->public.address, buffer->public.size);
		buffer->public.address = NULL;
	}
}

void uldf_space_destroy(struct uldf_space *space)
{
	struct uldf_memory *memory;

	if (!space)
		return;
	space->destroyed = true;
	/* Coherent memory is part of the backend's space; other memory is free once that unpinned it. */
	if (space->bare)
		buffers_free(space);
	space->ops->space_destroy(space);
	buffers_free(space);
	while ((memory = LIST_FIRST(&space->memories))) {
		LIST_REMOVE(memory, entry);
		memory_free(memory);
	}
	registers_forget_range(space, 0, UINT64_MAX);
	space_put(space);
}

int uldf_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			size_t *count)
{
	return space->ops->space_reserved(space, list, room, count);
}

static int batch_check(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	if (!count || !list)
		return ctx_fail(space->ctx, -EINVAL, "nothing to map or unmap");
	if (count > BACKEND_BATCH)
		return ctx_fail(space->ctx, -E2BIG, "%zu pieces in one batch, the most is %d",
				count, BACKEND_BATCH);
	return 0;
}

static int batch_check_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	int err = batch_check(space, list, count);

	if (err)
		return err;
	if (space->bare)
		return ctx_fail(space->ctx, -ENOTSUP,
				"a bare space has no addresses to map at: use uldf_dma_map()");
	for (size_t i = 0; i < count; i++) {
		if (!list[i].memory || list[i].memory->space != space)
			return ctx_fail(space->ctx, -EINVAL,
					"piece %zu to map has no memory of this space", i);
		if (!list[i].access || list[i].access & ~(unsigned int)ULDF_DMA_BOTH)
			return ctx_fail(space->ctx, -EINVAL, "piece %zu to map has access 0x%x", i,
					list[i].access);
	}
	return 0;
}

int uldf_space_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	int err = batch_check_map(space, list, count);

	if (err)
		return err;
	if (!registers_lock(space))
		return space->ops->map(space, list, count);
	err = registers_map(space, list, count);
	pthread_mutex_unlock(&space->lock);
	return err;
}

/* Maps pieces where there is room in a space, which is locked. */
static int map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	int err = space->ops->map_anywhere(space, list, count);

	/* The backend chooses free addresses: mappings of registers that had them have ended. */
	if (!err)
		registers_forget(space, list, count);
	return err;
}

int uldf_space_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	int err = batch_check_map(space, list, count);

	for (size_t i = 0; !err && i < count; i++)
		if (list[i].memory->registers)
			err = ctx_fail(
				space->ctx, -ENOTSUP,
				"registers are mapped at addresses of the caller's alone: use "
				"uldf_space_map()");
	if (err)
		return err;
	pthread_mutex_lock(&space->lock);
	err = map_anywhere(space, list, count);
	pthread_mutex_unlock(&space->lock);
	return err;
}

int dma_range_map(struct uldf_space *space, struct dma_range *range, struct uldf_mapping *piece)
{
	int err = batch_check_map(space, piece, 1);

	if (err)
		return err;
	/* No thread may unmap the range, and have its addresses chosen anew, before it is noted. */
	pthread_mutex_lock(&space->lock);
	err = map_anywhere(space, piece, 1);
	if (!err) {
		range->first = piece->address;
		range->last = piece->address + (piece->size - 1);
		LIST_INSERT_HEAD(&space->dma_ranges, range, entry);
	}
	pthread_mutex_unlock(&space->lock);
	return err;
}

void dma_range_remove(struct uldf_space *space, struct dma_range *range)
{
	pthread_mutex_lock(&space->lock);
	LIST_REMOVE(range, entry);
	pthread_mutex_unlock(&space->lock);
}

static int unmap_beside_registers(struct uldf_space *space, const struct uldf_mapping *list,
				  size_t count)
{
	const struct uldf_mapping *taken = registers_touch(space, list, count);

	if (taken)
		return ctx_fail(space->ctx, -EBUSY,
				"cannot unmap 0x%" PRIx64 " bytes at 0x%" PRIx64
				": registers are mapped there: use uldf_memory_unregister()",
				taken->size, taken->address);
	return space->ops->unmap(space, list, count);
}

int uldf_space_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	int err = batch_check(space, list, count);

	if (err)
		return err;
	for (size_t i = 0; i < count; i++)
		if (list[i].memory || list[i].offset || list[i].access)
			return ctx_fail(space->ctx, -EINVAL,
					"piece %zu to unmap has more than an address and a size",
					i);
	if (!registers_lock(space))
		return space->ops->unmap(space, list, count);
	err = unmap_beside_registers(space, list, count);
	pthread_mutex_unlock(&space->lock);
	return err;
}

/* Checks that ranges can be unmapped. */
static int ranges_check(struct uldf_space *space, const struct uldf_range *list, size_t count)
{
	if (space->bare)
		return ctx_fail(space->ctx, -ENOTSUP,
				"a bare space has no range to unmap: use uldf_dma_unmap()");
	for (size_t i = 0; i < count; i++)
		if (list[i].first > list[i].last || list[i].first % PAGE ||
		    list[i].last % PAGE != PAGE - 1)
			return ctx_fail(space->ctx, -EINVAL,
					"0x%" PRIx64 "..0x%" PRIx64 " to unmap are not whole pages",
					list[i].first, list[i].last);
	if (!space->ops->unmap_range)
		return ctx_fail(space->ctx, -ENOTSUP, "the backend %s unmaps no ranges",
				space->ops->name);
	return 0;
}

/* Refuses a range that has addresses of an uldf_dma or uldf_buffer of a space, which is locked. */
static int range_check_dma(struct uldf_space *space, const struct uldf_range *unmap)
{
	const struct dma_range *range;

	LIST_FOREACH(range, &space->dma_ranges, entry)
		if (range->first <= unmap->last && range->last >= unmap->first)
			return ctx_fail(space->ctx, -EBUSY,
					"cannot unmap 0x%" PRIx64 "..0x%" PRIx64
					": an uldf_dma or uldf_buffer has addresses in it",
					unmap->first, unmap->last);
	return 0;
}

/* Unmaps ranges of a space, which is locked, one by one. */
static int ranges_unmap_each(struct uldf_space *space, const struct uldf_range *list, size_t count,
			     size_t *done, struct uldf_unmapped *out)
{
	struct uldf_unmapped one;
	int err;

	for (*done = 0; *done < count; ++*done) {
		err = space->ops->unmap_range(space, list[*done].first, list[*done].last, &one);
		if (err)
			return err;
		out->mappings += one.mappings;
		out->bytes += one.bytes;
	}
	return 0;
}

static int ranges_unmap(struct uldf_space *space, const struct uldf_range *list, size_t count,
			size_t *done, struct uldf_unmapped *out)
{
	int err = 0;

	for (size_t i = 0; !err && i < count; i++)
		err = range_check_dma(space, &list[i]);
	if (err)
		return err;
	err = space->ops->unmap_ranges ? space->ops->unmap_ranges(space, list, count, done, out)
				       : -ENOTSUP;
	if (err == -ENOTSUP)
		err = ranges_unmap_each(space, list, count, done, out);
	for (size_t i = 0; i < *done; i++)
		registers_forget_range(space, list[i].first, list[i].last);
	return err;
}

int uldf_space_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
			   struct uldf_unmapped *out)
{
	const struct uldf_range range = {first, last};
	int err = ranges_check(space, &range, 1);
	struct uldf_unmapped unmapped;

	if (err)
		return err;
	pthread_mutex_lock(&space->lock);
	err = range_check_dma(space, &range);
	if (!err)
		err = space->ops->unmap_range(space, first, last, &unmapped);
	if (!err)
		registers_forget_range(space, first, last);
	pthread_mutex_unlock(&space->lock);
	if (!err && out)
		*out = unmapped;
	return err;
}

int uldf_space_unmap_ranges(struct uldf_space *space, const struct uldf_range *list, size_t count,
			    size_t *done, struct uldf_unmapped *out)
{
	struct uldf_unmapped unmapped = {};
	int err;

	*done = 0;
	if (out)
		*out = unmapped;
	if (!count)
		return ctx_fail(space->ctx, -EINVAL, "no ranges to unmap");
	if (count > BACKEND_BATCH)
		return ctx_fail(space->ctx, -E2BIG, "%zu ranges to unmap: at most %d", count,
				BACKEND_BATCH);
	err = ranges_check(space, list, count);
	if (err)
		return err;
	pthread_mutex_lock(&space->lock);
	err = ranges_unmap(space, list, count, done, &unmapped);
	pthread_mutex_unlock(&space->lock);
	if (out)
		*out = unmapped;
	return err;
}

int uldf_space_revoke(struct uldf_space *space)
{
	int err;

	if (space->bare)
		return ctx_fail(space->ctx, -ENOTSUP,
				"a bare space cannot be revoked: nothing confines its devices");
	if (!space->ops->revoke)
		return ctx_fail(space->ctx, -ENOTSUP, "the backend %s revokes no spaces",
				space->ops->name);
	pthread_mutex_lock(&space->lock);
	err = space->ops->revoke(space);
	if (!err)
		registers_forget_range(space, 0, UINT64_MAX);
	pthread_mutex_unlock(&space->lock);
	return err;
}
