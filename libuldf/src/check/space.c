// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "check/checker.h"

int check_space_create(struct uldf_device *device, struct uldf_space *space)
{
	struct checker *checker = device->priv;
	struct check_space *checked = calloc(1, sizeof(*checked));
	int err;

	if (!checked)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	err = decorator_space_init(&checked->decorated, device, space);
	if (err) {
		free(checked);
		return err;
	}
	checked->checker = checker;
	pthread_mutex_lock(&checker->lock);
	checker->references++;
	pthread_mutex_unlock(&checker->lock);
	return 0;
}

void checker_leaks_mapping(struct checker *checker, const struct uldf_space *space, bool forget,
			   const char *when)
{
	struct check_mapping *mapping, *next;

	for (mapping = LIST_FIRST(&checker->mappings); mapping; mapping = next) {
		next = LIST_NEXT(mapping, entry);
		if (mapping->space != space)
			continue;
		if (mapping->by == CHECK_BY_COHERENT)
			checker_find(checker, ULDF_CHECK_LEAK_MAPPING, &mapping->trace,
				     "a buffer of 0x%" PRIx64 " bytes is left %s", mapping->size,
				     when);
		else if (mapping->by == CHECK_BY_SEGMENTS)
			checker_find(checker, ULDF_CHECK_LEAK_MAPPING, &mapping->trace,
				     "a mapping of 0x%" PRIx64 " bytes is left %s", mapping->size,
				     when);
		else
			checker_find(checker, ULDF_CHECK_LEAK_MAPPING, &mapping->trace,
				     "0x%" PRIx64 " bytes at bus address 0x%" PRIx64
				     " are mapped %s",
				     mapping->size, mapping->key, when);
		if (forget) {
			LIST_REMOVE(mapping, entry);
			free(mapping);
		}
	}
}

static void leak_memory(struct checker *checker, const struct check_memory *known)
{
	const struct uldf_memory *memory = known->memory;

	if (memory->registers)
		checker_find(checker, ULDF_CHECK_LEAK_MEMORY, &known->trace,
			     "0x%zx bytes of a region are registered when their space is "
			     "destroyed",
			     memory->size);
	else
		checker_find(checker, ULDF_CHECK_LEAK_MEMORY, &known->trace,
			     "0x%zx bytes of memory at %p are registered when their space is "
			     "destroyed",
			     memory->size, memory->address);
}

/* Forgets the memory of a space that is destroyed. It is a leak, unless the IOMMU failed. */
static void leaks_memory(struct checker *checker, const struct uldf_space *space)
{
	const struct check_space *checked = space->priv;
	struct check_memory *known, *next;

	for (known = LIST_FIRST(&checker->memories); known; known = next) {
		next = LIST_NEXT(known, entry);
		if (known->memory->space != space)
			continue;
		if (!checked->failed)
			leak_memory(checker, known);
		LIST_REMOVE(known, entry);
		free(known);
	}
}

void check_space_destroy(struct uldf_space *space)
{
	struct check_space *checked = space->priv;
	struct checker *checker = checked->checker;

	pthread_mutex_lock(&checker->lock);
	checker_look(checker);
	checker_leaks_mapping(checker, space, true, "when its space is destroyed");
	leaks_memory(checker, space);
	pthread_mutex_unlock(&checker->lock);
	decorator_space_fini(&checked->decorated);
	checker_put(checker);
	free(checked);
}

/* MS_ASYNC writes nothing back, but fails with ENOMEM when a page is not mapped: one call, whatever the size. */
static bool memory_is_there(const struct uldf_memory *memory)
{
	return !msync(memory->address, memory->size, MS_ASYNC) || errno != ENOMEM;
}

void checker_look(struct checker *checker)
{
	struct check_memory *known;

	LIST_FOREACH(known, &checker->memories, entry) {
		if (known->freed || known->memory->registers || memory_is_there(known->memory))
			continue;
		known->freed = true;
		checker_find(checker, ULDF_CHECK_MEMORY_FREED, &known->trace,
			     "0x%zx bytes of memory at %p were freed while registered",
			     known->memory->size, known->memory->address);
	}
	checker_look_faults(checker);
}

/* Prepares a registration and locks the checker. Returns NULL for want of memory. */
static struct check_memory *memory_begin(const struct uldf_space *space)
{
	struct checker *checker = checker_of(space);
	struct check_memory *known = calloc(1, sizeof(*known));

	if (!known) {
		ctx_fail(space->ctx, -ENOMEM, "out of memory");
		return NULL;
	}
	pthread_mutex_lock(&checker->lock);
	checker_look(checker);
	return known;
}

/* Ends memory_begin(): the call has registered @memory, or failed with @err. */
static void memory_end(struct check_memory *known, const struct uldf_memory *memory, int err)
{
	struct checker *checker = checker_of(memory->space);

	if (!err) {
		known->memory = memory;
		check_trace_take(&known->trace);
		LIST_INSERT_HEAD(&checker->memories, known, entry);
	}
	pthread_mutex_unlock(&checker->lock);
	if (err)
		free(known);
}

int check_memory_register(struct uldf_space *space, struct uldf_memory *memory)
{
	struct check_memory *known = memory_begin(space);
	int err;

	if (!known)
		return -ENOMEM;
	err = decorator_memory_register(space, memory);
	memory_end(known, memory, err);
	return err;
}

int check_memory_region(struct uldf_space *space, struct uldf_memory *memory,
			struct uldf_device *device, unsigned int index, uint64_t offset)
{
	struct check_memory *known = memory_begin(space);
	int err;

	if (!known)
		return -ENOMEM;
	err = decorator_memory_region(space, memory, device, index, offset);
	memory_end(known, memory, err);
	return err;
}

int check_memory_share(struct uldf_space *space, struct uldf_memory *memory,
		       const struct uldf_memory *from)
{
	struct check_memory *known = memory_begin(space);
	int err;

	if (!known)
		return -ENOMEM;
	err = decorator_memory_share(space, memory, from);
	memory_end(known, memory, err);
	return err;
}

int check_memory_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	struct check_space *checked = space->priv;
	struct checker *checker = checked->checker;
	struct check_mapping *mapping;
	struct check_memory *known;
	int err;

	pthread_mutex_lock(&checker->lock);
	checker_look(checker);
	err = decorator_memory_unregister(space, memory);
	if (err == -EIO)
		checked->unsure = checked->failed = true;
	/* The call ends the mappings of registers itself, as far as the IOMMU does. */
	if (memory->registers && (!err || err == -EIO))
		checker_forget(checker, memory);
	LIST_FOREACH(mapping, &checker->mappings, entry)
		if (mapping->memory == memory)
			break;
	if (mapping)
		checker_find(checker, ULDF_CHECK_MEMORY_MAPPED, &mapping->trace,
			     "memory at %p is unregistered while 0x%" PRIx64
			     " bytes of it are mapped",
			     memory->address, mapping->size);
	LIST_FOREACH(known, &checker->memories, entry)
		if (known->memory == memory)
			break;
	if (!err && known) {
		LIST_REMOVE(known, entry);
		free(known);
	}
	pthread_mutex_unlock(&checker->lock);
	return err;
}
