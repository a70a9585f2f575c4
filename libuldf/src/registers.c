// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "registers.h"

struct register_mapping {
	LIST_ENTRY(register_mapping) entry; /* in the space */
	const struct uldf_memory *memory;
	uint64_t address, size;
};

bool registers_lock(struct uldf_space *space)
{
	if (!__atomic_load_n(&space->register_memories, __ATOMIC_ACQUIRE))
		return false;
	pthread_mutex_lock(&space->lock);
	return true;
}

static bool mapping_touches(const struct register_mapping *mapping,
			    const struct uldf_mapping *piece)
{
	return piece->address < mapping->address
		       ? mapping->address - piece->address < piece->size
		       : piece->address - mapping->address < mapping->size;
}

const struct uldf_mapping *registers_touch(const struct uldf_space *space,
					   const struct uldf_mapping *list, size_t count)
{
	const struct register_mapping *mapping;

	for (size_t i = 0; i < count; i++)
		LIST_FOREACH(mapping, &space->register_mappings, entry)
			if (mapping_touches(mapping, &list[i]))
				return &list[i];
	return NULL;
}

static void mapping_drop(struct register_mapping *mapping)
{
	LIST_REMOVE(mapping, entry);
	free(mapping);
}

static int mapping_add(struct uldf_space *space, const struct uldf_mapping *piece)
{
	struct register_mapping *mapping = malloc(sizeof(*mapping));

	if (!mapping)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	mapping->memory = piece->memory;
	mapping->address = piece->address;
	mapping->size = piece->size;
	LIST_INSERT_HEAD(&space->register_mappings, mapping, entry);
	return 0;
}

int registers_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	const struct uldf_mapping *taken = registers_touch(space, list, count);
	struct register_mapping *before = LIST_FIRST(&space->register_mappings);
	int err = 0;

	if (taken)
		return ctx_fail(space->ctx, -EEXIST,
				"cannot map 0x%" PRIx64 " bytes at 0x%" PRIx64
				": registers have the addresses until they are unregistered",
				taken->size, taken->address);
	for (size_t i = 0; !err && i < count; i++)
		if (list[i].memory->registers)
			err = mapping_add(space, &list[i]);
	if (!err)
		err = space->ops->map(space, list, count);
	while (err && LIST_FIRST(&space->register_mappings) != before)
		mapping_drop(LIST_FIRST(&space->register_mappings));
	return err;
}

void registers_forget(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	struct register_mapping *mapping, *next;

	for (mapping = LIST_FIRST(&space->register_mappings); mapping; mapping = next) {
		next = LIST_NEXT(mapping, entry);
		for (size_t i = 0; i < count; i++) {
			if (!mapping_touches(mapping, &list[i]))
				continue;
			mapping_drop(mapping);
			break;
		}
	}
}

void registers_forget_range(struct uldf_space *space, uint64_t first, uint64_t last)
{
	struct register_mapping *mapping, *next;

	for (mapping = LIST_FIRST(&space->register_mappings); mapping; mapping = next) {
		next = LIST_NEXT(mapping, entry);
		if (mapping->address >= first && mapping->address + (mapping->size - 1) <= last)
			mapping_drop(mapping);
	}
}

int registers_unmap(const struct uldf_memory *memory)
{
	struct uldf_space *space = memory->space;
	struct register_mapping *mapping, *next;
	int err = 0;

	for (mapping = LIST_FIRST(&space->register_mappings); !err && mapping; mapping = next) {
		const struct uldf_mapping piece = {.address = mapping->address,
						   .size = mapping->size};

		next = LIST_NEXT(mapping, entry);
		if (mapping->memory != memory)
			continue;
		err = space->ops->unmap(space, &piece, 1);
		if (err == -ENOENT) /* it has ended with the device */
			err = 0;
		if (!err)
			mapping_drop(mapping);
	}
	return err;
}

void registers_forget_memory(const struct uldf_memory *memory)
{
	struct register_mapping *mapping, *next;

	for (mapping = LIST_FIRST(&memory->space->register_mappings); mapping; mapping = next) {
		next = LIST_NEXT(mapping, entry);
		if (mapping->memory == memory)
			mapping_drop(mapping);
	}
}
