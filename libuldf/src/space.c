// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "backend.h"

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
		free(memory);
	}
	pthread_mutex_destroy(&space->lock);
	free(space);
}

int uldf_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			size_t *count)
{
	return space->ops->space_reserved(space, list, room, count);
}

/* Bytes charged to this process's RLIMIT_MEMLOCK now. */
static uint64_t memory_locked(void)
{
	uint64_t kib = 0;
	char line[128];
	FILE *status = fopen("/proc/self/status", "re");

	if (!status)
		return 0;
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "VmLck: %" SCNu64, &kib) == 1)
			break;
	fclose(status);
	return kib * 1024;
}

int space_fail_limit(struct uldf_space *space, size_t size)
{
	uint64_t locked = memory_locked();
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur == RLIM_INFINITY ||
	    (locked < limit.rlim_cur && size <= limit.rlim_cur - locked))
		return ctx_fail(space->ctx, -ENOMEM, "no memory to pin %zu bytes", size);
	return ctx_fail(space->ctx, -ENOMEM,
			"cannot pin %zu bytes: RLIMIT_MEMLOCK is %" PRIu64 " bytes, %" PRIu64
			" of them used: raise it to %" PRIu64 " (ulimit -l %" PRIu64
			", LimitMEMLOCK=) or give CAP_IPC_LOCK",
			size, (uint64_t)limit.rlim_cur, locked, locked + size,
			(locked + size + 1023) / 1024);
}

int uldf_memory_register(struct uldf_space *space, void *address, size_t size, unsigned int access,
			 struct uldf_memory **out)
{
	struct uldf_memory *memory;
	int err;

	if (access != ULDF_DMA_READ && access != ULDF_DMA_BOTH)
		return ctx_fail(space->ctx, -EINVAL,
				"access 0x%x: memory is registered for reading or for both",
				access);
	memory = calloc(1, sizeof(*memory));
	if (!memory)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	memory->space = space;
	memory->address = address;
	memory->size = size;
	memory->access = access;
	err = space->ops->memory_register(space, memory);
	if (err)
		goto err_free;
	pthread_mutex_lock(&space->lock);
	LIST_INSERT_HEAD(&space->memories, memory, entry);
	pthread_mutex_unlock(&space->lock);
	*out = memory;
	return 0;
err_free:
	free(memory);
	return err == -ENOMEM ? space_fail_limit(space, size) : err;
}

int uldf_memory_unregister(struct uldf_memory *memory)
{
	struct uldf_space *space;
	int err;

	if (!memory)
		return 0;
	space = memory->space;
	err = space->ops->memory_unregister(space, memory);
	if (err)
		return err;
	pthread_mutex_lock(&space->lock);
	LIST_REMOVE(memory, entry);
	pthread_mutex_unlock(&space->lock);
	free(memory);
	return 0;
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
