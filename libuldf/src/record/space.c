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
		return device_fail(device, -ENOMEM, "out of memory");
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
	struct record_window *window, *next_window;
	struct record_memory *memory, *next_memory;
	struct record_call call;

	recorder_begin_always(recorder, ULDF_RECORD_SPACE_DESTROY, &call);
	for (window = LIST_FIRST(&recorder->windows); window; window = next_window) {
		next_window = LIST_NEXT(window, entry);
		if (window->space == space) {
			LIST_REMOVE(window, entry);
			record_window_free(window);
		}
	}
	for (memory = LIST_FIRST(&recorder->memories); memory; memory = next_memory) {
		next_memory = LIST_NEXT(memory, entry);
		if (memory->space == space) {
			LIST_REMOVE(memory, entry);
			free(memory);
		}
	}
	decorator_space_fini(&recorded->decorated);
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

int record_memory_register(struct uldf_space *space, struct uldf_memory *memory)
{
	struct recorder *recorder = recorder_of(space);
	struct record_memory *known = calloc(1, sizeof(*known));
	struct record_call call;
	int err;

	if (!known)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	err = recorder_begin(recorder, ULDF_RECORD_MEMORY_REGISTER, &call);
	if (err)
		goto err_free;
	err = decorator_memory_register(space, memory);
	if (!err) {
		known->space = space;
		known->memory = memory;
		known->number = ++recorder->numbers;
		LIST_INSERT_HEAD(&recorder->memories, known, entry);
	}
	recorder_write(&call, err, 4, recorder_number_of(space), (uint64_t)memory->size,
		       (uint64_t)memory->access, known->number);
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
	struct record_memory *known;
	struct record_call call;
	uint64_t number;
	int err = recorder_begin(recorder, ULDF_RECORD_MEMORY_UNREGISTER, &call);

	if (err)
		return err;
	number = record_memory_number(recorder, memory);
	err = decorator_memory_unregister(space, memory);
	LIST_FOREACH(known, &recorder->memories, entry)
		if (known->memory == memory)
			break;
	if (!err && known) {
		LIST_REMOVE(known, entry);
		free(known);
	}
	recorder_write(&call, err, 2, recorder_number_of(space), number);
	recorder_end(&call);
	return err;
}

int record_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle)
{
	struct recorder *recorder = recorder_of(space);
	struct record_window *window = NULL;
	struct record_call call;
	uint64_t ends = 0, number = 0;
	struct uldf_memory memory = {.address = buffer->address, .size = buffer->size};
	const struct uldf_mapping piece = {&memory, 0, 0, buffer->size, ULDF_DMA_BOTH};
	int err;

	err = record_window_create(&piece, &window);
	if (err)
		return ctx_fail(space->ctx, err, "out of memory");
	err = recorder_begin(recorder, ULDF_RECORD_COHERENT_ALLOC, &call);
	if (err)
		goto err_free;
	err = decorator_coherent_alloc(space, buffer, &ends);
	if (!err) {
		number = ++recorder->numbers;
		window->space = space;
		window->by = RECORD_BY_COHERENT;
		window->key = ends;
		window->memory = number;
		window->bytes = buffer->address;
		record_window_add(recorder, window);
		*handle = ends;
	}
	recorder_write(&call, err, 5, recorder_number_of(space), (uint64_t)buffer->size,
		       buffer->bus, number, ends);
	recorder_end(&call);
	if (err)
		goto err_free;
	return 0;
err_free:
	record_window_free(window);
	return err;
}

void record_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t handle)
{
	struct recorder *recorder = recorder_of(space);
	struct record_call call;

	recorder_begin_always(recorder, ULDF_RECORD_COHERENT_FREE, &call);
	record_window_drop(recorder, space, RECORD_BY_COHERENT, handle, 0);
	decorator_coherent_free(space, buffer, handle);
	recorder_write(&call, 0, 2, recorder_number_of(space), handle);
	recorder_end(&call);
}
