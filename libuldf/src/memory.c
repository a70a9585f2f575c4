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
