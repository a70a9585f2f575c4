// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "backend.h"

#define PAGE	   4096
#define MASK_LEAST 0xfffff /* below 1 MiB nothing is worth choosing */

static int space_create(struct uldf_device *device, uint64_t mask, bool bare,
			struct uldf_space **out)
{
	struct uldf_space *space;
	int err;

	if (mask & (mask + 1) || mask < MASK_LEAST)
		return device_fail(device, -EINVAL,
				   "mask 0x%" PRIx64 " is no run of 20 or more low bits", mask);
	space = calloc(1, sizeof(*space));
	if (!space)
		return device_fail(device, -ENOMEM, "out of memory");
	space->ctx = device->ctx;
	space->ops = device->ops;
	space->mask = mask;
	space->bare = bare;
	LIST_INIT(&space->memories);
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
		return device_fail(device, -ENOTSUP, "the backend %s has no bare spaces",
				   device->ops->name);
	return space_create(device, mask, true, out);
}

void uldf_space_destroy(struct uldf_space *space)
{
	struct uldf_memory *memory;

	if (!space)
		return;
	space->ops->space_destroy(space);
	while ((memory = LIST_FIRST(&space->memories))) {
		LIST_REMOVE(memory, entry);
		memory_free(memory);
	}
	pthread_mutex_destroy(&space->lock);
	free(space);
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

	return err ? err : space->ops->map(space, list, count);
}

int uldf_space_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	int err = batch_check_map(space, list, count);

	return err ? err : space->ops->map_anywhere(space, list, count);
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
	return space->ops->unmap(space, list, count);
}

int uldf_space_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
			   struct uldf_unmapped *out)
{
	struct uldf_unmapped unmapped;
	int err;

	if (space->bare)
		return ctx_fail(space->ctx, -ENOTSUP,
				"a bare space has no range to unmap: use uldf_dma_unmap()");
	if (first > last || first % PAGE || last % PAGE != PAGE - 1)
		return ctx_fail(space->ctx, -EINVAL,
				"0x%" PRIx64 "..0x%" PRIx64 " to unmap are not whole pages", first,
				last);
	err = space->ops->unmap_range(space, first, last, &unmapped);
	if (!err && out)
		*out = unmapped;
	return err;
}

int uldf_space_revoke(struct uldf_space *space)
{
	if (space->bare)
		return ctx_fail(space->ctx, -ENOTSUP,
				"a bare space cannot be revoked: nothing confines its devices");
	return space->ops->revoke(space);
}
