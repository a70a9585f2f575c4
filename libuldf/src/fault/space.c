// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include "fault/fault.h"

static struct fault *fault_of(const struct uldf_space *space)
{
	return ((const struct fault_space *)space->priv)->fault;
}

/* 0, or @err for a call that is to fail. */
static int strike(struct fault *fault, struct uldf_ctx *ctx, enum fault_kind kind, int err,
		  const char *what)
{
	bool strikes;

	pthread_mutex_lock(&fault->lock);
	strikes = fault_plan_strikes(&fault->plan, kind);
	pthread_mutex_unlock(&fault->lock);
	return strikes ? ctx_fail(ctx, err, "injected fault: %s", what) : 0;
}

int fault_space_create(struct uldf_device *device, struct uldf_space *space)
{
	struct fault *fault = device->priv;
	struct fault_space *faulty;
	int err = strike(fault, device->ctx, FAULT_ALLOC, -ENOMEM, "no space");

	if (err)
		return err;
	faulty = calloc(1, sizeof(*faulty));
	if (!faulty)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	err = decorator_space_init(&faulty->decorated, device, space);
	if (err) {
		free(faulty);
		return err;
	}
	faulty->fault = fault;
	pthread_mutex_lock(&fault->lock);
	fault->references++;
	pthread_mutex_unlock(&fault->lock);
	return 0;
}

void fault_space_destroy(struct uldf_space *space)
{
	struct fault_space *faulty = space->priv;

	decorator_space_fini(&faulty->decorated);
	fault_put(faulty->fault);
	free(faulty);
}

int fault_memory_register(struct uldf_space *space, struct uldf_memory *memory)
{
	int err = strike(fault_of(space), space->ctx, FAULT_ALLOC, -ENOMEM,
			 "memory cannot be pinned");

	return err ? err : decorator_memory_register(space, memory);
}

int fault_memory_share(struct uldf_space *space, struct uldf_memory *memory,
		       const struct uldf_memory *from)
{
	int err = strike(fault_of(space), space->ctx, FAULT_ALLOC, -ENOMEM,
			 "memory cannot be shared");

	return err ? err : decorator_memory_share(space, memory, from);
}

int fault_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	int err = strike(fault_of(space), space->ctx, FAULT_MAP, -ENOMEM, "nothing can be mapped");

	return err ? err : decorator_map(space, list, count);
}

int fault_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	int err = strike(fault_of(space), space->ctx, FAULT_MAP, -ENOSPC, "no bus addresses left");

	return err ? err : decorator_map_anywhere(space, list, count);
}

int fault_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
		       struct uldf_segment *list, size_t *count, uint64_t *handle)
{
	int err = strike(fault_of(space), space->ctx, FAULT_MAP, -ENOMEM, "nothing can be mapped");

	return err ? err : decorator_segments_map(space, piece, list, count, handle);
}

int fault_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle)
{
	int err = strike(fault_of(space), space->ctx, FAULT_ALLOC, -ENOMEM, "no buffer");

	return err ? err : decorator_coherent_alloc(space, buffer, handle);
}
