// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include "record/recorder.h"

/* What a batch needs besides the call: all of it is there before anything is mapped. */
struct pieces {
	size_t count;
	struct record_window **windows;
	uint8_t *rows;
};

static void pieces_fini(struct pieces *pieces)
{
	for (size_t i = 0; pieces->windows && i < pieces->count; i++)
		record_window_free(pieces->windows[i]);
	free(pieces->windows);
	free(pieces->rows);
}

static int pieces_init(struct pieces *pieces, const struct uldf_mapping *list, size_t count)
{
	int err = 0;

	pieces->count = count;
	pieces->rows = malloc(count * 40);
	pieces->windows = calloc(count, sizeof(struct record_window *));
	if (!pieces->rows || !pieces->windows)
		err = -ENOMEM;
	for (size_t i = 0; i < count && !err; i++)
		err = record_window_create(&list[i], &pieces->windows[i]);
	if (err)
		pieces_fini(pieces);
	return err;
}

static void pieces_add(struct recorder *recorder, const struct uldf_space *space,
		       struct pieces *pieces, const struct uldf_mapping *list)
{
	for (size_t i = 0; i < pieces->count; i++) {
		struct record_window *window = pieces->windows[i];

		window->space = space;
		window->by = RECORD_BY_ADDRESS;
		window->key = list[i].address;
		window->memory = record_memory_number(recorder, list[i].memory);
		record_window_add(recorder, window);
		pieces->windows[i] = NULL;
	}
}

static void pieces_write(struct record_call *call, struct pieces *pieces,
			 const struct uldf_mapping *list)
{
	for (size_t i = 0; i < pieces->count; i++) {
		const uint64_t row[] = {record_memory_number(call->recorder, list[i].memory),
					list[i].offset, list[i].size, list[i].access,
					list[i].address};

		for (size_t j = 0; j < 5; j++)
			record_word_set(pieces->rows, 5 * i + j, row[j]);
	}
	call->record.data = pieces->rows;
	call->record.size = pieces->count * 40;
}

int record_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	struct recorder *recorder = recorder_of(space);
	struct record_call call;
	struct pieces pieces;
	int err = pieces_init(&pieces, list, count);

	if (err)
		return ctx_fail(space->ctx, err, "out of memory");
	err = recorder_begin(recorder, ULDF_RECORD_MAP, &call);
	if (err)
		goto out_fini;
	err = decorator_map(space, list, count);
	if (!err)
		pieces_add(recorder, space, &pieces, list);
	pieces_write(&call, &pieces, list);
	recorder_write(&call, err, 1, recorder_number_of(space));
	recorder_end(&call);
out_fini:
	pieces_fini(&pieces);
	return err;
}

int record_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	struct recorder *recorder = recorder_of(space);
	struct record_call call;
	struct pieces pieces;
	int err = pieces_init(&pieces, list, count);

	if (err)
		return ctx_fail(space->ctx, err, "out of memory");
	err = recorder_begin(recorder, ULDF_RECORD_MAP_ANYWHERE, &call);
	if (err)
		goto out_fini;
	err = decorator_map_anywhere(space, list, count);
	if (!err)
		pieces_add(recorder, space, &pieces, list);
	pieces_write(&call, &pieces, list);
	recorder_write(&call, err, 1, recorder_number_of(space));
	recorder_end(&call);
out_fini:
	pieces_fini(&pieces);
	return err;
}

int record_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	struct recorder *recorder = recorder_of(space);
	uint8_t *rows = malloc(count * 16);
	struct record_call call;
	int err;

	if (!rows)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	err = recorder_begin(recorder, ULDF_RECORD_UNMAP, &call);
	if (err)
		goto out_free;
	err = decorator_unmap(space, list, count);
	for (size_t i = 0; i < count; i++) {
		record_word_set(rows, 2 * i, list[i].size);
		record_word_set(rows, 2 * i + 1, list[i].address);
	}
	call.record.data = rows;
	call.record.size = count * 16;
	recorder_write(&call, err, 1, recorder_number_of(space));
	/* The last look at them: what devices wrote before the unmapping ended. Of a batch that
	 * failed, what stands before the piece that was not mapped is gone.
	 */
	recorder_look(recorder, false);
	for (size_t i = 0; i < count; i++)
		if ((err && err != -ENOENT) ||
		    !record_window_drop(recorder, space, RECORD_BY_ADDRESS, list[i].address,
					list[i].size))
			break;
	recorder_end(&call);
out_free:
	free(rows);
	return err;
}

int record_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
			struct uldf_segment *list, size_t *count, uint64_t *handle)
{
	struct recorder *recorder = recorder_of(space);
	uint64_t room = *count, ends = 0;
	struct record_window *window;
	struct record_call call;
	uint8_t *rows;
	int err;

	if (room > ULDF_RECORD_DATA / 16)
		return ctx_fail(space->ctx, -E2BIG, "%zu segments are more than can be recorded",
				*count);
	rows = malloc(room * 16 + 1);
	err = rows ? record_window_create(piece, &window) : -ENOMEM;
	if (err) {
		ctx_fail(space->ctx, err, "out of memory");
		goto out_rows;
	}
	err = recorder_begin(recorder, ULDF_RECORD_SEGMENTS_MAP, &call);
	if (err)
		goto err_window;
	err = decorator_segments_map(space, piece, list, count, &ends);
	if (!err) {
		window->space = space;
		window->by = RECORD_BY_SEGMENTS;
		window->key = ends;
		window->memory = record_memory_number(recorder, piece->memory);
		record_window_add(recorder, window);
		*handle = ends;
		for (size_t i = 0; i < *count; i++) {
			record_word_set(rows, 2 * i, list[i].address);
			record_word_set(rows, 2 * i + 1, list[i].length);
		}
		call.record.data = rows;
		call.record.size = *count * 16;
	}
	recorder_write(&call, err, 8, recorder_number_of(space),
		       record_memory_number(recorder, piece->memory), piece->offset, piece->size,
		       (uint64_t)piece->access, room, (uint64_t)*count, ends);
	recorder_end(&call);
	if (!err)
		goto out_rows;
err_window:
	record_window_free(window);
out_rows:
	free(rows);
	return err;
}

void record_segments_unmap(struct uldf_space *space, uint64_t handle)
{
	struct recorder *recorder = recorder_of(space);
	struct record_call call;

	recorder_begin_always(recorder, ULDF_RECORD_SEGMENTS_UNMAP, &call);
	decorator_segments_unmap(space, handle);
	recorder_write(&call, 0, 2, recorder_number_of(space), handle);
	recorder_look(recorder, false);
	record_window_drop(recorder, space, RECORD_BY_SEGMENTS, handle, 0);
	recorder_end(&call);
}
