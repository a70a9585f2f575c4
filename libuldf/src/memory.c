// SPDX-License-Identifier: MIT
/*
 * Registers user memory, and registers of devices, with spaces. Takes the lock of a space for its
 * list of memories.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include "registers.h"

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
	unsigned int references; /* memories that share it; atomic */
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

/* Creates a memory, which takes the caller's reference to @origin. A failure drops it. */
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

/* Returns whether the space, which is locked, has a memory of this origin. */
static bool space_has_memory(const struct uldf_space *space, const struct memory_origin *origin)
{
	const struct uldf_memory *memory;

	LIST_FOREACH(memory, &space->memories, entry)
		if (memory->origin == origin)
			return true;
	return false;
}

/* Returns -EEXIST when the space has a memory of this origin. */
static int space_check_memory(struct uldf_space *space, const struct memory_origin *origin)
{
	bool had;

	pthread_mutex_lock(&space->lock);
	had = space_has_memory(space, origin);
	pthread_mutex_unlock(&space->lock);
	return had ? ctx_fail(space->ctx, -EEXIST, "the space has this memory already") : 0;
}

static void memory_insert(struct uldf_memory *memory)
{
	struct uldf_space *space = memory->space;

	pthread_mutex_lock(&space->lock);
	LIST_INSERT_HEAD(&space->memories, memory, entry);
	pthread_mutex_unlock(&space->lock);
}

/* As memory_insert(), unless the space has a memory of the same origin. Returns whether it did. */
static bool memory_insert_once(struct uldf_memory *memory)
{
	struct uldf_space *space = memory->space;
	bool had;

	pthread_mutex_lock(&space->lock);
	had = space_has_memory(space, memory->origin);
	if (!had)
		LIST_INSERT_HEAD(&space->memories, memory, entry);
	pthread_mutex_unlock(&space->lock);
	return !had;
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
		return uldf_device_fail(device, -ENOTSUP, "the space is of another backend (%s)",
					space->ops->name);
	if (space->bare)
		return uldf_device_fail(device, -ENOTSUP,
					"in a bare space its registers are at their own address");
	err = region_check_map(device, index, offset, size);
	if (err)
		return err;
	if (!space->ops->memory_region)
		return uldf_device_fail(device, -ENOTSUP, "backend %s maps no registers in spaces",
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
	__atomic_add_fetch(&space->register_memories, 1, __ATOMIC_RELEASE);
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
	if (!space->ops->memory_share)
		return ctx_fail(space->ctx, -ENOTSUP, "the backend %s shares no memory",
				space->ops->name);
	if (memory->registers)
		return ctx_fail(space->ctx, -ENOTSUP,
				"registers are not shared: register the region with each space");
	err = memory_create(space, origin_get(memory->origin), &shared);
	if (err)
		return err;
	shared->address = memory->address;
	shared->size = memory->size;
	shared->access = memory->access;
	err = space_check_memory(space, shared->origin);
	if (!err)
		err = space->ops->memory_share(space, shared, memory);
	if (err)
		goto err_free;
	/* Another thread may have shared it meanwhile. */
	if (!memory_insert_once(shared)) {
		space->ops->memory_unregister(space, shared);
		err = ctx_fail(space->ctx, -EEXIST, "the space has this memory already");
		goto err_free;
	}
	*out = shared;
	return 0;
err_free:
	memory_free(shared);
	return err;
}

/* Ends the mappings of registers, then the registration. Their addresses are free from then on. */
static int registers_unregister(struct uldf_memory *memory)
{
	struct uldf_space *space = memory->space;
	int err;

	pthread_mutex_lock(&space->lock);
	/* A decorator has the device inside unregister its memory, and so end its mappings. */
	err = space->ops->decorates ? 0 : registers_unmap(memory);
	if (!err)
		err = space->ops->memory_unregister(space, memory);
	if (!err) {
		registers_forget_memory(memory);
		__atomic_sub_fetch(&space->register_memories, 1, __ATOMIC_RELEASE);
		LIST_REMOVE(memory, entry);
	}
	pthread_mutex_unlock(&space->lock);
	if (!err)
		memory_free(memory);
	return err;
}

int uldf_memory_unregister(struct uldf_memory *memory)
{
	struct uldf_space *space;
	int err;

	if (!memory)
		return 0;
	if (memory->registers)
		return registers_unregister(memory);
	space = memory->space;
	err = space->ops->memory_unregister(space, memory);
	if (err)
		return err;
	pthread_mutex_lock(&space->lock);
	LIST_REMOVE(memory, entry);
	pthread_mutex_unlock(&space->lock);
	memory_free(memory);
	return 0;
}
