// SPDX-License-Identifier: MIT
/* Registers user memory with spaces. Takes the lock of a space for its list of memories. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include "backend.h"

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

/* ---- registrations */

struct memory_origin {
	unsigned int references; /* the memories that come from it; atomic */
};

static struct memory_origin *origin_create(void)
{
	struct memory_origin *origin = malloc(sizeof(*origin));

	if (origin)
		origin->references = 1;
	return origin;
}

static struct memory_origin *origin_get(struct memory_origin *origin)
{
	__atomic_add_fetch(&origin->references, 1, __ATOMIC_RELAXED);
	return origin;
}

static void origin_put(struct memory_origin *origin)
{
	if (origin && !__atomic_sub_fetch(&origin->references, 1, __ATOMIC_ACQ_REL))
		free(origin);
}

void memory_free(struct uldf_memory *memory)
{
	origin_put(memory->origin);
	free(memory);
}

/* Takes over the reference to @origin, also on failure. */
static int memory_create(struct uldf_space *space, struct memory_origin *origin,
			 struct uldf_memory **out)
{
	struct uldf_memory *memory = calloc(1, sizeof(*memory));

	if (!memory || !origin) {
		free(memory);
		origin_put(origin);
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	}
	memory->space = space;
	memory->origin = origin;
	*out = memory;
	return 0;
}

/* Adds a memory to its space's list, unless one of the same origin is there. */
static int memory_enter(struct uldf_memory *memory)
{
	struct uldf_space *space = memory->space;
	const struct uldf_memory *other;

	pthread_mutex_lock(&space->lock);
	LIST_FOREACH(other, &space->memories, entry)
		if (other->origin == memory->origin)
			break;
	if (!other)
		LIST_INSERT_HEAD(&space->memories, memory, entry);
	pthread_mutex_unlock(&space->lock);
	return other ? ctx_fail(space->ctx, -EEXIST, "the space has this memory already") : 0;
}

static void memory_insert(struct uldf_memory *memory)
{
	struct uldf_space *space = memory->space;

	pthread_mutex_lock(&space->lock);
	LIST_INSERT_HEAD(&space->memories, memory, entry);
	pthread_mutex_unlock(&space->lock);
}

static void memory_leave(struct uldf_memory *memory)
{
	struct uldf_space *space = memory->space;

	pthread_mutex_lock(&space->lock);
	LIST_REMOVE(memory, entry);
	pthread_mutex_unlock(&space->lock);
	memory_free(memory);
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
	err = memory_create(space, origin_create(), &memory);
	if (err)
		return err;
	memory->address = address;
	memory->size = size;
	memory->access = access;
	err = space->ops->memory_register(space, memory);
	if (err) {
		memory_free(memory);
		return err == -ENOMEM ? space_fail_limit(space, size) : err;
	}
	memory_insert(memory);
	*out = memory;
	return 0;
}

int uldf_memory_register_region(struct uldf_space *space, struct uldf_device *device,
				unsigned int index, uint64_t offset, size_t size,
				struct uldf_memory **out)
{
	struct uldf_memory *memory;
	int err;

	if (space->ops != device->ops)
		return device_fail(device, -ENOTSUP, "the space is of another backend (%s)",
				   space->ops->name);
	if (space->bare)
		return device_fail(device, -ENOTSUP,
				   "in a bare space its registers are at their own address");
	err = region_check_map(device, index, offset, size);
	if (err)
		return err;
	if (!space->ops->memory_region)
		return device_fail(device, -ENOTSUP, "backend %s maps no registers in spaces",
				   space->ops->name);
	err = memory_create(space, origin_create(), &memory);
	if (err)
		return err;
	memory->size = size;
	memory->access = ULDF_DMA_BOTH;
	memory->registers = true;
	err = space->ops->memory_region(space, memory, device, index, offset);
	if (err) {
		memory_free(memory);
		return err;
	}
	memory_insert(memory);
	*out = memory;
	return 0;
}

int uldf_memory_share(struct uldf_memory *memory, struct uldf_space *space,
		      struct uldf_memory **out)
{
	struct uldf_memory *shared;
	int err;

	if (space->ops != memory->space->ops)
		return ctx_fail(space->ctx, -ENOTSUP,
				"memory of the backend %s cannot be shared with a space of %s",
				memory->space->ops->name, space->ops->name);
	if (space->bare || memory->space->bare)
		return ctx_fail(space->ctx, -ENOTSUP, "a bare space shares no memory");
	if (memory->registers)
		return ctx_fail(space->ctx, -ENOTSUP,
				"registers are not shared: register the region with each space");
	err = memory_create(space, origin_get(memory->origin), &shared);
	if (err)
		return err;
	shared->address = memory->address;
	shared->size = memory->size;
	shared->access = memory->access;
	err = memory_enter(shared);
	if (err) {
		memory_free(shared);
		return err;
	}
	err = space->ops->memory_share(space, shared, memory);
	if (err) {
		memory_leave(shared);
		return err;
	}
	*out = shared;
	return 0;
}

int uldf_memory_unregister(struct uldf_memory *memory)
{
	int err;

	if (!memory)
		return 0;
	err = memory->space->ops->memory_unregister(memory->space, memory);
	if (!err)
		memory_leave(memory);
	return err;
}
