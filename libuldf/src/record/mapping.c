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
		free(pieces->windows[i]);
	free(pieces->windows);
	free(pieces->rows);
}

static int pieces_init(struct pieces *pieces, size_t count)
{
	pieces->count = count;
	pieces->rows = malloc(count * 40);
	pieces->windows = calloc(count, sizeof(struct record_window *));
	for (size_t i = 0; pieces->windows && i < count; i++) {
		pieces->windows[i] = calloc(1, sizeof(struct record_window));
		if (!pieces->windows[i])
			break;
	}
	if (pieces->rows && pieces->windows && pieces->windows[count - 1])
		return 0;
	pieces_fini(pieces);
	return -ENOMEM;
}

/* The device is to find in a piece what the driver put there, from the first moment on. */
static void piece_push(const struct recorder *recorder, const struct uldf_mapping *piece)
{
	struct record_memory *memory = record_memory_find(recorder, piece->memory);

	if (record_window_fits(memory, piece))
		record_memory_push(memory, piece->offset, piece->size);
}

static void pieces_add(struct recorder *recorder, struct pieces *pieces,
		       const struct uldf_mapping *list)
{
	for (size_t i = 0; i < pieces->count; i++) {
		struct record_window *window = pieces->windows[i];

		window->by = RECORD_BY_ADDRESS;
		window->key = list[i].address;
		record_window_add(recorder, window, record_memory_find(recorder, list[i].memory),
				  &list[i]);
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

/* Either has filled in the addresses of @list when it returns. */
static int record_batch(struct uldf_space *space, enum uldf_record_kind kind,
			struct uldf_mapping *list, size_t count)
{
	struct recorder *recorder = recorder_of(space);
	struct record_call call;
	struct pieces pieces;
	int err = pieces_init(&pieces, count);

	if (err)
		return ctx_fail(space->ctx, err, "out of memory");
	err = recorder_begin(recorder, kind, &call);
	if (err)
		goto out_fini;
	for (size_t i = 0; i < count; i++)
		piece_push(recorder, &list[i]);
	if (kind == ULDF_RECORD_MAP)
		err = decorator_map(space, list, count);
	else
		err = decorator_map_anywhere(space, list, count);
	if (!err)
		pieces_add(recorder, &pieces, list);
	pieces_write(&call, &pieces, list);
	recorder_write(&call, err, 1, recorder_number_of(space));
	recorder_end(&call);
out_fini:
	pieces_fini(&pieces);
	return err;
}

int record_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	/* Not written to: the addresses are the driver's. */
	return record_batch(space, ULDF_RECORD_MAP, (struct uldf_mapping *)list, count);
}

int record_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	return record_batch(space, ULDF_RECORD_MAP_ANYWHERE, list, count);
}

int record_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	struct record_space *recorded = space->priv;
	struct recorder *recorder = recorded->recorder;
	uint8_t *rows = malloc(count * 16);
	struct record_call call;
	int err;

	if (!rows)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	recorder_begin_always(recorder, ULDF_RECORD_UNMAP, &call);
	err = decorator_unmap(space, list, count);
	for (size_t i = 0; i < count; i++) {
		record_word_set(rows, 2 * i, list[i].size);
		record_word_set(rows, 2 * i + 1, list[i].address);
	}
	call.record.data = rows;
	call.record.size = count * 16;
	recorder_write(&call, err, 1, recorder_number_of(space));
	/* The last look at them: what devices wrote before the unmapping ended. */
	recorder_show(recorder);
	if (err == -EIO)
		recorded->unsure = true;
	/*
	 * Of a batch that failed, what stands before the piece that was not mapped is gone. Which
	 * piece that was is known only while just the mappings there are have windows.
	 */
	for (size_t i = 0; i < count; i++)
		if ((err && (err != -ENOENT || recorded->unsure)) ||
		    !record_window_drop(recorder, space, RECORD_BY_ADDRESS, list[i].address,
					list[i].size))
			break;
	recorder_end(&call);
	free(rows);
	return err;
}

int record_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
		       struct uldf_unmapped *out)
{
	struct record_space *recorded = space->priv;
	struct recorder *recorder = recorded->recorder;
	struct uldf_unmapped unmapped = {};
	struct record_call call;
	int err;

	recorder_begin_always(recorder, ULDF_RECORD_UNMAP_RANGE, &call);
	err = decorator_unmap_range(space, first, last, &unmapped);
	recorder_write(&call, err, 5, recorder_number_of(space), first, last, unmapped.mappings,
		       unmapped.bytes);
	/* Shows the driver what devices wrote before the mappings ended. */
	recorder_show(recorder);
	/* After -EIO record_memory_unregister() drops the windows of mappings that have ended. */
	if (err == -EIO)
		recorded->unsure = true;
	if (!err)
		record_window_drop_range(recorder, space, first, last);
	recorder_end(&call);
	if (!err)
		*out = unmapped;
	return err;
}

int record_revoke(struct uldf_space *space)
{
	struct recorder *recorder = recorder_of(space);
	struct record_call call;
	int err;

	recorder_begin_always(recorder, ULDF_RECORD_REVOKE, &call);
	err = decorator_revoke(space);
	recorder_write(&call, err, 1, recorder_number_of(space));
	/* Shows the driver what devices wrote before the mappings ended. */
	recorder_show(recorder);
	/* After -EIO the space is revoked, though mappings are left. */
	if (!err || err == -EIO)
		record_window_drop_range(recorder, space, 0, UINT64_MAX);
	recorder_end(&call);
	return err;
}

int record_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
			struct uldf_segment *list, size_t *count, uint64_t *handle)
{
	struct recorder *recorder = recorder_of(space);
	uint64_t room = *count;
	struct record_window *window = calloc(1, sizeof(*window));
	struct record_call call;
	uint8_t *rows = NULL;
	int err;

	if (room > ULDF_RECORD_DATA / 16) {
		err = ctx_fail(space->ctx, -E2BIG, "%zu segments are more than can be recorded",
			       *count);
		goto out_free;
	}
	rows = malloc(room * 16 + 1);
	if (!rows || !window) {
		err = ctx_fail(space->ctx, -ENOMEM, "out of memory");
		goto out_free;
	}
	err = recorder_begin(recorder, ULDF_RECORD_SEGMENTS_MAP, &call);
	if (err)
		goto out_free;
	window->by = RECORD_BY_SEGMENTS;
	piece_push(recorder, piece);
	err = decorator_segments_map(space, piece, list, count, &window->key);
	for (size_t i = 0; !err && i < *count; i++) {
		record_word_set(rows, 2 * i, list[i].address);
		record_word_set(rows, 2 * i + 1, list[i].length);
	}
	call.record.data = rows;
	call.record.size = err ? 0 : *count * 16;
	recorder_write(&call, err, 8, recorder_number_of(space),
		       record_memory_number(recorder, piece->memory), piece->offset, piece->size,
		       (uint64_t)piece->access, room, (uint64_t)*count, window->key);
	if (!err) {
		*handle = window->key;
		record_window_add(recorder, window, record_memory_find(recorder, piece->memory),
				  piece);
		window = NULL;
	}
	recorder_end(&call);
out_free:
	free(window);
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
	recorder_show(recorder);
	record_window_drop(recorder, space, RECORD_BY_SEGMENTS, handle, 0);
	recorder_end(&call);
}
