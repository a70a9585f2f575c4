// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "replay/replay.h"

/* How often a driver that is to wait is looked at. */
#define LOOK_NS 1000000

int replay_diverge(struct replay *replay, const char *fmt, ...)
{
	char text[CTX_REASON / 2];
	va_list args;

	if (!replay->diverged) {
		va_start(args, fmt);
		vsnprintf(text, sizeof(text), fmt, args);
		va_end(args);
		snprintf(replay->reason, sizeof(replay->reason),
			 "replay %.80s: record %" PRIu64 ", byte %" PRIu64 ": %s", replay->path,
			 replay->position, replay->at, text);
		replay->diverged = true;
	}
	return ctx_fail(replay->ctx, -EPROTO, "%s", replay->reason);
}

int replay_fetch(struct replay *replay)
{
	char reason[CTX_REASON];
	int err;

	if (replay->ahead)
		return 0;
	if (replay->diverged)
		return -EPROTO;
	replay->at = recording_offset(replay->recording);
	err = uldf_recording_next(replay->recording, &replay->next);
	if (err == -ENODATA)
		return -EPROTO;
	if (err) {
		uldf_reason(replay->ctx, reason, sizeof(reason));
		return replay_diverge(replay, "%.100s", reason);
	}
	replay->position++;
	replay->ahead = true;
	return 0;
}

static void signal_line(struct replay *replay, uint64_t line, uint64_t count)
{
	if (line <= replay->event_line && replay->lines[line] >= 0 && count)
		(void)!write(replay->lines[line], &count, sizeof(count));
}

struct replay_memory *replay_memory_find(const struct replay *replay, uint64_t number)
{
	struct replay_memory *memory;

	LIST_FOREACH(memory, &replay->memories, entry)
		if (memory->number == number)
			break;
	return memory;
}

static void restore_content(struct replay *replay)
{
	const struct uldf_record *record = &replay->next;
	struct replay_memory *memory = replay_memory_find(replay, record->args[0]);
	uint64_t end;

	if (!memory || !memory->writable ||
	    __builtin_add_overflow(record->args[1], record->size, &end) || end > memory->size)
		replay_diverge(replay, "content for memory %" PRIu64 " that is not there",
			       record->args[0]);
	else if (record->size)
		memcpy(memory->bytes + record->args[1], record->data, record->size);
}

/* What a record that is no call shows the driver. */
static struct replay_shown shows(const struct replay *replay, const struct uldf_record *record)
{
	uint64_t line = record->kind == ULDF_RECORD_EVENT ? replay->event_line : record->args[0];

	if (record->kind == ULDF_RECORD_CONTENT)
		return (struct replay_shown){record->args[0], record->args[1],
					     record->args[1] + record->size};
	return (struct replay_shown){0, line, line + 1};
}

/* Before the moment at hand: the same one may show bytes twice. */
static bool was_shown(const struct replay *replay, const struct replay_shown *what)
{
	for (size_t i = 0; i < replay->shown_before; i++)
		if (replay->shown[i].memory == what->memory && replay->shown[i].from < what->end &&
		    what->from < replay->shown[i].end)
			return true;
	return false;
}

/* Without memory for it nothing is done before its time: the driver has to wait. */
static bool shown_add(struct replay *replay, const struct replay_shown *what)
{
	struct replay_shown *shown = replay->shown;

	if (replay->shown_count == replay->shown_room) {
		shown = realloc(shown, (2 * replay->shown_room + 16) * sizeof(*shown));
		if (!shown)
			return false;
		replay->shown = shown;
		replay->shown_room = 2 * replay->shown_room + 16;
	}
	shown[replay->shown_count++] = *what;
	return true;
}

/* Whether the record that is at hand is no call, and was played. */
static bool play(struct replay *replay, enum replay_when when)
{
	const struct uldf_record *record = &replay->next;
	struct replay_shown what;

	if (record->kind == ULDF_RECORD_WAIT) {
		replay->behind = true;
		replay->shown_before = replay->shown_count;
		return true;
	}
	if (record->kind != ULDF_RECORD_IRQ && record->kind != ULDF_RECORD_EVENT &&
	    record->kind != ULDF_RECORD_CONTENT)
		return false;
	what = shows(replay, record);
	replay->waited = when != REPLAY_CALLS && replay->behind && was_shown(replay, &what);
	if (replay->waited || (!shown_add(replay, &what) && when != REPLAY_CALLS))
		return false;
	if (record->kind == ULDF_RECORD_CONTENT)
		restore_content(replay);
	else
		signal_line(replay, what.from,
			    record->args[record->kind == ULDF_RECORD_EVENT ? 0 : 1]);
	return true;
}

void replay_act(struct replay *replay, enum replay_when when)
{
	replay->waited = false;
	if (when == REPLAY_WAITS)
		replay->shown_count = replay->shown_before = 0;
	while (!replay_fetch(replay) && play(replay, when))
		replay->ahead = false;
	if (replay->waited)
		pthread_cond_signal(&replay->changed);
}

int replay_expect(struct replay *replay, const struct uldf_record *record, const char *name,
		  uint64_t given, uint64_t recorded)
{
	if (given == recorded)
		return 0;
	return replay_diverge(replay,
			      "%s: the driver's %s is 0x%" PRIx64 ", the recorded one 0x%" PRIx64,
			      uldf_record_form(record->kind)->name, name, given, recorded);
}

/* Compares, having locked. */
static int match(struct replay *replay, enum uldf_record_kind kind, unsigned int count,
		 va_list args)
{
	const struct uldf_record_form *form = uldf_record_form(kind);
	const struct uldf_record *record = &replay->next;
	int err;

	if (replay->diverged)
		return ctx_fail(replay->ctx, -EPROTO, "%s", replay->reason);
	replay_act(replay, REPLAY_CALLS);
	replay->shown_count = replay->shown_before = 0;
	replay->behind = false;
	if (replay->diverged)
		return ctx_fail(replay->ctx, -EPROTO, "%s", replay->reason);
	if (!replay->ahead)
		return replay_diverge(replay, "the recording ends, the driver goes on with %s",
				      form->name);
	if (record->kind != kind)
		return replay_diverge(replay, "the driver calls %s, recorded is %s", form->name,
				      uldf_record_form(record->kind)->name);
	for (unsigned int i = 0; i < count; i++) {
		err = replay_expect(replay, record, form->names[i], va_arg(args, uint64_t),
				    record->args[i]);
		if (err)
			return err;
	}
	return 0;
}

int replay_begin(struct replay *replay, enum uldf_record_kind kind, struct uldf_record *out,
		 unsigned int count, ...)
{
	va_list args;
	int err;

	caller_enter(&replay->caller);
	pthread_mutex_lock(&replay->lock);
	va_start(args, count);
	err = match(replay, kind, count, args);
	va_end(args);
	if (err)
		return replay_abort(replay);
	*out = replay->next;
	replay->ahead = false;
	return 0;
}

int replay_end(struct replay *replay, const struct uldf_record *record)
{
	replay_act(replay, REPLAY_RETURNS);
	caller_leave(&replay->caller);
	pthread_mutex_unlock(&replay->lock);
	if (record->result)
		ctx_fail(replay->ctx, record->result, "replay %s: %s failed when recorded: %s",
			 replay->path, uldf_record_form(record->kind)->name,
			 ctx_strerror(record->result));
	return record->result;
}

int replay_abort(struct replay *replay)
{
	caller_leave(&replay->caller);
	pthread_mutex_unlock(&replay->lock);
	return -EPROTO;
}

static void *watch(void *arg)
{
	struct replay *replay = arg;
	struct timespec until;

	pthread_mutex_lock(&replay->lock);
	while (!replay->stopping) {
		if (!replay->waited) {
			pthread_cond_wait(&replay->changed, &replay->lock);
			continue;
		}
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += LOOK_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		pthread_cond_clockwait(&replay->changed, &replay->lock, CLOCK_MONOTONIC, &until);
		if (replay->waited && !replay->stopping && caller_waits(&replay->caller) &&
		    (replay->next.kind != ULDF_RECORD_CONTENT || caller_is_due(&replay->caller))) {
			replay_act(replay, REPLAY_WAITS);
			caller_shown(&replay->caller);
		}
	}
	pthread_mutex_unlock(&replay->lock);
	return NULL;
}

int replay_start(struct replay *replay)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&replay->watcher, NULL, watch, replay);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

void replay_stop(struct replay *replay)
{
	pthread_mutex_lock(&replay->lock);
	replay->stopping = true;
	pthread_cond_signal(&replay->changed);
	pthread_mutex_unlock(&replay->lock);
	pthread_join(replay->watcher, NULL);
}

int replay_create(struct uldf_ctx *ctx, const char *path, struct replay **out)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	int err;

	if (!replay)
		return ctx_fail(ctx, -ENOMEM, "out of memory");
	replay->ctx = ctx;
	replay->references = 1;
	replay->path = strdup(path);
	if (!replay->path) {
		err = ctx_fail(ctx, -ENOMEM, "out of memory");
		goto err_free;
	}
	err = uldf_recording_open(ctx, path, &replay->recording);
	if (err)
		goto err_path;
	LIST_INIT(&replay->memories);
	pthread_mutex_init(&replay->lock, NULL);
	pthread_cond_init(&replay->changed, NULL);
	*out = replay;
	return 0;
err_path:
	free(replay->path);
err_free:
	free(replay);
	return err;
}

void replay_put(struct replay *replay)
{
	struct replay_memory *memory;
	bool last;

	pthread_mutex_lock(&replay->lock);
	last = !--replay->references;
	pthread_mutex_unlock(&replay->lock);
	if (!last)
		return;
	while ((memory = LIST_FIRST(&replay->memories))) {
		LIST_REMOVE(memory, entry);
		free(memory);
	}
	for (unsigned int i = 0; replay->lines && i <= replay->event_line; i++)
		if (replay->lines[i] >= 0)
			close(replay->lines[i]);
	free(replay->lines);
	free(replay->shown);
	uldf_recording_close(replay->recording);
	pthread_cond_destroy(&replay->changed);
	pthread_mutex_destroy(&replay->lock);
	free(replay->path);
	free(replay);
}
