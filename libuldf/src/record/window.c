// SPDX-License-Identifier: MIT
/* What devices write to memory, seen by comparing it with a copy. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "record/recorder.h"

#define LINE 64

/* A look that finds changes is followed by another: what a device wrote before the last change that
 * was found is found, too, whatever the order in which memory is gone through. No more often than
 * this: a device that never rests must not hold the driver up.
 */
#define LOOKS 16

int record_window_create(const struct uldf_mapping *piece, struct record_window **out)
{
	struct record_window *window = calloc(1, sizeof(*window));
	const struct uldf_memory *memory = piece->memory;
	uint64_t end;

	if (!window)
		return -ENOMEM;
	window->key = piece->address;
	window->offset = piece->offset;
	window->size = piece->size;
	/* What lies outside the memory is the backend's to refuse. */
	if (piece->access & ULDF_DMA_WRITE &&
	    !__builtin_add_overflow(piece->offset, piece->size, &end) && end <= memory->size) {
		window->bytes = (const uint8_t *)memory->address + piece->offset;
		window->shadow = malloc(piece->size);
		if (!window->shadow) {
			free(window);
			return -ENOMEM;
		}
	}
	*out = window;
	return 0;
}

void record_window_add(struct recorder *recorder, struct record_window *window)
{
	if (window->shadow)
		memcpy(window->shadow, window->bytes, window->size);
	LIST_INSERT_HEAD(&recorder->windows, window, entry);
}

void record_window_free(struct record_window *window)
{
	if (window)
		free(window->shadow);
	free(window);
}

bool record_window_drop(struct recorder *recorder, const struct uldf_space *space,
			enum record_key by, uint64_t key, uint64_t size)
{
	struct record_window *window;

	LIST_FOREACH(window, &recorder->windows, entry) {
		if (window->space != space || window->by != by || window->key != key ||
		    (size && window->size != size))
			continue;
		LIST_REMOVE(window, entry);
		record_window_free(window);
		return true;
	}
	return false;
}

uint64_t record_memory_number(const struct recorder *recorder, const struct uldf_memory *memory)
{
	struct record_memory *known;

	LIST_FOREACH(known, &recorder->memories, entry)
		if (known->memory == memory)
			return known->number;
	return 0;
}

/* Writes down @size bytes of the shadow from @at on. */
static void window_write(struct recorder *recorder, const struct record_window *window, uint64_t at,
			 uint64_t size, bool before)
{
	struct uldf_record record = {
		.kind = ULDF_RECORD_CONTENT,
		.time = recorder_now(recorder),
		.count = 3,
	};

	while (size) {
		record.size = size < ULDF_RECORD_DATA ? size : ULDF_RECORD_DATA;
		record.data = window->shadow + at;
		record.args[0] = window->memory;
		record.args[1] = window->offset + at;
		record.args[2] = before;
		recorder_add(recorder, &record);
		at += record.size;
		size -= record.size;
	}
}

static uint64_t line_length(const struct record_window *window, uint64_t at)
{
	return window->size - at < LINE ? window->size - at : LINE;
}

/* Runs of lines that changed, each copied before it is written: it may change again meanwhile. */
static bool window_look(struct recorder *recorder, struct record_window *window, bool before)
{
	uint64_t run = 0, from = 0, length;
	bool changed = false;

	if (!memcmp(window->shadow, window->bytes, window->size))
		return false;
	for (uint64_t at = 0; at < window->size; at += length) {
		length = line_length(window, at);
		if (memcmp(window->shadow + at, window->bytes + at, length)) {
			memcpy(window->shadow + at, window->bytes + at, length);
			from = run ? from : at;
			run += length;
			changed = true;
		} else if (run) {
			window_write(recorder, window, from, run, before);
			run = 0;
		}
	}
	if (run)
		window_write(recorder, window, from, run, before);
	return changed;
}

void recorder_look(struct recorder *recorder, bool before)
{
	struct record_window *window;
	bool changed = true;

	for (unsigned int i = 0; i < LOOKS && changed; i++) {
		changed = false;
		LIST_FOREACH(window, &recorder->windows, entry)
			if (window->shadow && window_look(recorder, window, before))
				changed = true;
	}
}
