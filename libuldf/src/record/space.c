// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include "record/recorder.h"

int record_space_create(struct uldf_device *device, struct uldf_space *space)
{
	struct recorder *recorder = device->priv;
	struct record_space *recorded = calloc(1, sizeof(*recorded));
	struct record_call call;
	int err;

	if (!recorded)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	err = recorder_begin(recorder, ULDF_RECORD_SPACE_CREATE, &call);
	if (err)
		goto err_free;
	err = decorator_space_init(&recorded->decorated, device, space);
	if (!err) {
		recorded->recorder = recorder;
		recorded->number = ++recorder->spaces;
		recorder->references++;
	}
	recorder_write(&call, err, 3, space->mask, (uint64_t)space->bare, recorded->number);
	recorder_end(&call);
	if (err)
		goto err_free;
	return 0;
err_free:
	free(recorded);
	return err;
}

void record_space_destroy(struct uldf_space *space)
{
	struct record_space *recorded = space->priv;
	struct recorder *recorder = recorded->recorder;
	struct record_memory *memory, *next;
	struct record_call call;

	recorder_begin_always(recorder, ULDF_RECORD_SPACE_DESTROY, &call);
	decorator_space_fini(&recorded->decorated);
	record_window_drop_all(recorder, space);
	for (memory = LIST_FIRST(&recorder->memories); memory; memory = next) {
		next = LIST_NEXT(memory, entry);
		if (memory->space == space)
			record_memory_drop(memory);
	}
	recorder_write(&call, 0, 1, recorded->number);
	recorder_end(&call);
	recorder_put(recorder);
	free(recorded);
}

int record_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			  size_t *count)
{
	uint8_t *rows = NULL;
	struct record_call call;
	size_t there = 0, known;
	int err = recorder_begin(recorder_of(space), ULDF_RECORD_SPACE_RESERVED, &call);

	if (err)
		return err;
	err = decorator_space_reserved(space, list, room, &there);
	known = err ? 0 : there < room ? there : room;
	if (known > ULDF_RECORD_DATA / 16)
		known = ULDF_RECORD_DATA / 16;
	if (known)
		rows = malloc(known * 16);
	for (size_t i = 0; rows && i < known; i++) {
		record_word_set(rows, 2 * i, list[i].first);
		record_word_set(rows, 2 * i + 1, list[i].last);
	}
	if (known && !rows)
		call.recorder->err = -ENOMEM;
	call.record.data = rows;
	call.record.size = rows ? known * 16 : 0;
	recorder_write(&call, err, 3, recorder_number_of(space), (uint64_t)room, (uint64_t)there);
	recorder_end(&call);
	free(rows);
	if (!err)
		*count = there;
	return err;
}

/*
 * What is registered is the device's side. The driver's memory is registered for a moment: so the backend
 * says what is wrong with it, and it can be copied from and to from then on.
 */
static int register_inside(struct uldf_space *space, struct uldf_memory *memory,
			   struct record_memory *known)
{
	const struct decorator_space *decorated = space->priv;
	struct uldf_memory *inner;
	int err = decorator_memory_register(space, memory);

	if (!err)
		err = decorator_memory_unregister(space, memory);
	if (!err)
		err = uldf_memory_register(decorated->inner, known->pages->own, memory->size,
					   memory->access, &inner);
	if (err)
		return err;
	memory->handle = (uintptr_t)inner;
	known->registered = memory;
	known->driver = memory->address;
	known->device = known->pages->own;
	return 0;
}

int record_memory_register(struct uldf_space *space, struct uldf_memory *memory)
{
	struct recorder *recorder = recorder_of(space);
	struct record_memory *known;
	struct record_call call;
	uint64_t number = 0;
	int err = record_memory_create(space, memory->size, &known);

	if (err)
		return ctx_fail(space->ctx, err, "out of memory");
	err = recorder_begin(recorder, ULDF_RECORD_MEMORY_REGISTER, &call);
	if (err)
		goto err_free;
	err = register_inside(space, memory, known);
	if (!err) {
		record_memory_add(recorder, known);
		number = known->number;
	}
	recorder_write(&call, err, 4, recorder_number_of(space), (uint64_t)memory->size,
		       (uint64_t)memory->access, number);
	recorder_end(&call);
	if (err)
		goto err_free;
	return 0;
err_free:
	record_memory_free(known);
	return err;
}

int record_memory_share(struct uldf_space *space, struct uldf_memory *memory,
			const struct uldf_memory *from)
{
	struct recorder *recorder = recorder_of(space);
	struct record_memory *known;
	struct record_call call;
	int err;

	if (recorder_of(from->space) != recorder)
		return ctx_fail(space->ctx, -ENOTSUP,
				"the memory is in another recording: only a space of the same "
				"device can share it");
	known = calloc(1, sizeof(*known));
	if (!known)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	err = recorder_begin(recorder, ULDF_RECORD_MEMORY_SHARE, &call);
	if (err)
		goto err_free;
	err = decorator_memory_share(space, memory, from);
	recorder_write(&call, err, 3, recorder_number_of(space), recorder_number_of(from->space),
		       record_memory_number(recorder, from));
	if (!err) {
		known->space = space;
		known->registered = memory;
		record_memory_join(recorder, known, record_memory_find(recorder, from));
	}
	recorder_end(&call);
	if (err)
		goto err_free;
	return 0;
err_free:
	free(known);
	return err;
}

int record_memory_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	struct recorder *recorder = recorder_of(space);
	struct record_call call;
	uint64_t number;
	int err;

	recorder_begin_always(recorder, ULDF_RECORD_MEMORY_UNREGISTER, &call);
	number = record_memory_number(recorder, memory);
	err = decorator_memory_unregister(space, memory);
	if (!err) {
		record_window_drop_memory(recorder, record_memory_find(recorder, memory));
		record_memory_drop(record_memory_find(recorder, memory));
	}
	recorder_write(&call, err, 2, recorder_number_of(space), number);
	recorder_end(&call);
	return err;
}

/* The driver gets pages of the recorder's, which are all zero like the buffer. */
static void coherent_share(struct recorder *recorder, struct record_memory *memory,
			   struct record_window *window, struct uldf_buffer *buffer)
{
	const struct uldf_mapping whole = {.size = buffer->size, .access = ULDF_DMA_BOTH};

	memory->device = buffer->address;
	memory->driver = buffer->address = memory->pages->own;
	record_memory_add(recorder, memory);
	record_window_add(recorder, window, memory, &whole);
}

int record_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle)
{
	struct recorder *recorder = recorder_of(space);
	struct record_window *window = calloc(1, sizeof(*window));
	struct record_memory *memory = NULL;
	struct record_call call;
	uint64_t number = 0;
	int err = window ? record_memory_create(space, buffer->size, &memory) : -ENOMEM;

	if (err) {
		ctx_fail(space->ctx, err, "out of memory");
		goto err_free;
	}
	err = recorder_begin(recorder, ULDF_RECORD_COHERENT_ALLOC, &call);
	if (err)
		goto err_free;
	err = decorator_coherent_alloc(space, buffer, &window->key);
	if (!err) {
		window->by = RECORD_BY_COHERENT;
		*handle = window->key;
		coherent_share(recorder, memory, window, buffer);
		number = memory->number;
	}
	recorder_write(&call, err, 5, recorder_number_of(space), (uint64_t)buffer->size,
		       buffer->bus, number, window->key);
	recorder_end(&call);
	if (err)
		goto err_free;
	return 0;
err_free:
	record_memory_free(memory);
	free(window);
	return err;
}

static struct record_memory *coherent_find(const struct recorder *recorder, const void *address)
{
	struct record_memory *memory;

	LIST_FOREACH(memory, &recorder->memories, entry)
		if (!memory->registered && memory->driver == address)
			return memory;
	return NULL;
}

void record_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t handle)
{
	struct recorder *recorder = recorder_of(space);
	struct record_memory *memory;
	struct record_call call;

	recorder_begin_always(recorder, ULDF_RECORD_COHERENT_FREE, &call);
	record_window_drop(recorder, space, RECORD_BY_COHERENT, handle, 0);
	memory = coherent_find(recorder, buffer->address);
	buffer->address = memory->device;
	decorator_coherent_free(space, buffer, handle);
	record_memory_drop(memory);
	recorder_write(&call, 0, 2, recorder_number_of(space), handle);
	recorder_end(&call);
}
