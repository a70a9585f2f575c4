// SPDX-License-Identifier: MIT
/* What devices reach of memory: the parts that are mapped, looked at together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "record/recorder.h"

/*
 * A look that finds changes is followed by another: what a device wrote before the last change that
 * was found is found, too, whatever the order in which memory is gone through. No more often than
 * this: a device that never rests must not hold the driver up.
 */
#define LOOKS 16

bool record_window_fits(const struct record_memory *memory, const struct uldf_mapping *piece)
{
	uint64_t end;

	return memory && !__builtin_add_overflow(piece->offset, piece->size, &end) &&
	       end <= memory->size;
}

void record_window_add(struct recorder *recorder, struct record_window *window,
		       struct record_memory *memory, const struct uldf_mapping *piece)
{
	window->memory = memory;
	window->offset = piece->offset;
	window->size = piece->size;
	window->writable = piece->access & ULDF_DMA_WRITE;
	LIST_INSERT_HEAD(&recorder->windows, window, entry);
}

bool record_window_drop(struct recorder *recorder, const struct uldf_space *space,
			enum record_key by, uint64_t key, uint64_t size)
{
	struct record_window *window;

	LIST_FOREACH(window, &recorder->windows, entry) {
		if (window->memory->space != space || window->by != by || window->key != key ||
		    (size && window->size != size))
			continue;
		LIST_REMOVE(window, entry);
		free(window);
		return true;
	}
	return false;
}

void record_window_drop_range(struct recorder *recorder, const struct uldf_space *space,
			      uint64_t first, uint64_t last)
{
	struct record_window *window, *next;

	for (window = LIST_FIRST(&recorder->windows); window; window = next) {
		next = LIST_NEXT(window, entry);
		if (window->memory->space != space || window->by != RECORD_BY_ADDRESS ||
		    window->key < first || window->key > last)
			continue;
		LIST_REMOVE(window, entry);
		free(window);
	}
}

void record_window_drop_memory(struct recorder *recorder, const struct record_memory *memory)
{
	struct record_window *window, *next;

	for (window = LIST_FIRST(&recorder->windows); window; window = next) {
		next = LIST_NEXT(window, entry);
		if (window->memory == memory) {
			LIST_REMOVE(window, entry);
			free(window);
		}
	}
}

void record_window_drop_all(struct recorder *recorder, const struct uldf_space *space)
{
	struct record_window *window, *next;

	for (window = LIST_FIRST(&recorder->windows); window; window = next) {
		next = LIST_NEXT(window, entry);
		if (window->memory->space == space) {
			LIST_REMOVE(window, entry);
			free(window);
		}
	}
}

void recorder_push(struct recorder *recorder)
{
	struct record_window *window;

	LIST_FOREACH(window, &recorder->windows, entry)
		record_memory_push(window->memory, window->offset, window->size);
}

static void look(struct recorder *recorder)
{
	struct record_window *window;

	LIST_FOREACH(window, &recorder->windows, entry)
		if (window->writable)
			record_memory_look(recorder, window->memory, window->offset, window->size);
}

static int larger_first(const void *a, const void *b)
{
	const struct record_run *one = a, *other = b;

	return (one->size < other->size) - (one->size > other->size);
}

/* Two looks may have found the same bytes. */
static int latest_first(const void *a, const void *b)
{
	const struct record_run *one = a, *other = b;

	return (one->old < other->old) - (one->old > other->old);
}

/* In pieces that a record can have. */
static void run_write(struct recorder *recorder, const struct record_run *run)
{
	struct uldf_record record = {
		.kind = ULDF_RECORD_CONTENT,
		.time = recorder_now(recorder),
		.count = 2,
		.args = {run->memory->number, run->at},
	};
	uint64_t left = run->size;

	while (left) {
		record.size = left < ULDF_RECORD_DATA ? left : ULDF_RECORD_DATA;
		record.data = run->memory->pages->agreed + record.args[1];
		recorder_add(recorder, &record);
		record.args[1] += record.size;
		left -= record.size;
	}
}

void recorder_find(struct recorder *recorder)
{
	size_t before;

	recorder->run_count = recorder->old_used = 0;
	for (unsigned int i = 0; i < LOOKS; i++) {
		before = recorder->run_count;
		look(recorder);
		if (recorder->run_count == before)
			break;
		qsort(recorder->runs + before, recorder->run_count - before,
		      sizeof(*recorder->runs), larger_first);
	}
}

void recorder_forget(struct recorder *recorder)
{
	if (!recorder->run_count)
		return;
	qsort(recorder->runs, recorder->run_count, sizeof(*recorder->runs), latest_first);
	for (size_t i = 0; i < recorder->run_count; i++) {
		const struct record_run *run = &recorder->runs[i];

		memcpy(run->memory->pages->agreed + run->at, recorder->old + run->old, run->size);
	}
}

void recorder_write_found(struct recorder *recorder)
{
	for (size_t i = 0; i < recorder->run_count; i++)
		run_write(recorder, &recorder->runs[i]);
}

void recorder_give(struct recorder *recorder)
{
	for (size_t i = 0; i < recorder->run_count; i++) {
		const struct record_run *run = &recorder->runs[i];

		/* Whole, so that nobody sees half a register. */
		memcpy(run->memory->driver + run->at, run->memory->pages->agreed + run->at,
		       run->size);
	}
}
