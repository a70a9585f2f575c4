// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "record/recorder.h"

#define NS_PER_S 1000000000ULL

static uint64_t clock_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t recorder_now(const struct recorder *recorder)
{
	return clock_now(CLOCK_MONOTONIC) - recorder->began;
}

/* Room for @size bytes more, or NULL with the recorder's error set. */
static uint8_t *recorder_room(struct recorder *recorder, size_t size)
{
	size_t wanted = recorder->used + size;
	uint8_t *bytes;

	if (recorder->err)
		return NULL;
	if (wanted > recorder->room) {
		bytes = realloc(recorder->bytes, wanted + 4096);
		if (!bytes) {
			recorder->err = -ENOMEM;
			return NULL;
		}
		recorder->bytes = bytes;
		recorder->room = wanted + 4096;
	}
	bytes = recorder->bytes + recorder->used;
	recorder->used = wanted;
	return bytes;
}

/* One write for each call: what a killed program did is in the file up to its last call. */
void recorder_flush(struct recorder *recorder)
{
	const uint8_t *from = recorder->bytes;
	size_t left = recorder->used;

	while (left && !recorder->err) {
		ssize_t done = write(recorder->fd, from, left);

		if (done > 0) {
			from += done;
			left -= (size_t)done;
		} else if (done == 0 || errno != EINTR) {
			recorder->err = done ? -errno : -EIO;
		}
	}
	recorder->used = 0;
}

void recorder_add(struct recorder *recorder, const struct uldf_record *record)
{
	uint8_t *bytes = recorder_room(recorder, record_size(record));

	if (bytes)
		record_encode(record, bytes);
}

int recorder_create(struct uldf_ctx *ctx, const char *path, struct recorder **out)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	uint8_t *header;
	int err;

	if (!recorder)
		return ctx_fail(ctx, -ENOMEM, "out of memory");
	recorder->ctx = ctx;
	recorder->references = 1;
	recorder->began = clock_now(CLOCK_MONOTONIC);
	recorder->path = strdup(path);
	if (!recorder->path) {
		err = ctx_fail(ctx, -ENOMEM, "out of memory");
		goto err_free;
	}
	/* What goes to and from a device is not for everybody. */
	recorder->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (recorder->fd < 0) {
		err = ctx_fail(ctx, -errno, "cannot record to %s: %s", path, ctx_strerror(-errno));
		goto err_path;
	}
	pthread_mutex_init(&recorder->lock, NULL);
	LIST_INIT(&recorder->memories);
	LIST_INIT(&recorder->windows);
	header = recorder_room(recorder, RECORD_FILE_HEADER);
	if (header)
		record_encode_file(clock_now(CLOCK_REALTIME), header);
	*out = recorder;
	return 0;
err_path:
	free(recorder->path);
err_free:
	free(recorder);
	return err;
}

void recorder_put(struct recorder *recorder)
{
	struct record_memory *memory;
	struct record_window *window;
	bool last;

	pthread_mutex_lock(&recorder->lock);
	last = !--recorder->references;
	pthread_mutex_unlock(&recorder->lock);
	if (!last)
		return;
	recorder_flush(recorder);
	while ((window = LIST_FIRST(&recorder->windows))) {
		LIST_REMOVE(window, entry);
		free(window);
	}
	while ((memory = LIST_FIRST(&recorder->memories)))
		record_memory_drop(memory);
	close(recorder->fd);
	pthread_mutex_destroy(&recorder->lock);
	free(recorder->fired);
	free(recorder->old);
	free(recorder->runs);
	free(recorder->bytes);
	free(recorder->path);
	free(recorder);
}

void recorder_begin_always(struct recorder *recorder, enum uldf_record_kind kind,
			   struct record_call *call)
{
	caller_enter(&recorder->caller);
	pthread_mutex_lock(&recorder->lock);
	recorder_push(recorder);
	*call = (struct record_call){
		.recorder = recorder,
		.record = {.kind = kind,
			   .thread = (uint32_t)gettid(),
			   .time = recorder_now(recorder)},
	};
}

int recorder_begin(struct recorder *recorder, enum uldf_record_kind kind, struct record_call *call)
{
	int err;

	recorder_begin_always(recorder, kind, call);
	err = recorder->err;
	if (!err)
		return 0;
	caller_leave(&recorder->caller);
	pthread_mutex_unlock(&recorder->lock);
	return ctx_fail(recorder->ctx, err, "cannot record to %s: %s", recorder->path,
			ctx_strerror(err));
}

void recorder_write(struct record_call *call, int result, unsigned int count, ...)
{
	struct uldf_record *record = &call->record;
	va_list args;

	record->result = result;
	record->duration = recorder_now(call->recorder) - record->time;
	record->count = uldf_record_form(record->kind)->count;
	va_start(args, count);
	for (unsigned int i = 0; i < count; i++)
		record->args[i] = va_arg(args, uint64_t);
	va_end(args);
	recorder_add(call->recorder, record);
}

/* Interrupts are taken first: what the device wrote before them is found by the look that follows. */
static void find(struct recorder *recorder)
{
	if (recorder->relay)
		relay_collect(recorder->relay);
	recorder_find(recorder);
}

static void write_down(struct recorder *recorder)
{
	recorder_write_found(recorder);
	record_irqs_write(recorder);
}

static void give(struct recorder *recorder)
{
	recorder_give(recorder);
	recorder_flush(recorder);
	record_irqs_signal(recorder);
}

void recorder_show(struct recorder *recorder)
{
	find(recorder);
	write_down(recorder);
	give(recorder);
}

/* A driver that went on meanwhile has perhaps looked in vain already: it waits again, or calls. */
void recorder_show_waiting(struct recorder *recorder)
{
	const struct uldf_record wait = {.kind = ULDF_RECORD_WAIT, .time = recorder_now(recorder)};
	size_t before = recorder->used;

	recorder_push(recorder);
	find(recorder);
	if (!recorder->run_count && !recorder->pending)
		return;
	recorder_add(recorder, &wait);
	write_down(recorder);
	if (!caller_waits_still(&recorder->caller)) {
		recorder->used = before;
		recorder_forget(recorder);
		return;
	}
	give(recorder);
	caller_shown(&recorder->caller);
}

void recorder_end(struct record_call *call)
{
	struct recorder *recorder = call->recorder;

	recorder_show(recorder);
	recorder->called = recorder_now(recorder);
	caller_leave(&recorder->caller);
	pthread_mutex_unlock(&recorder->lock);
}
