/* SPDX-License-Identifier: MIT */
/*
 * The replay backend: a recording that answers as the device did. The next record is always at hand.
 *
 * The rule of order: what the device did on its own between two calls, memory that it wrote and then
 * interrupts that tell of it, is done before the first of them returns, whether the driver was shown it
 * there or waited for it. What was recorded is in such an order that this is right (see recorder.h). So
 * memory is in place before an eventfd is signalled, before a register's value is returned, and before a
 * driver that polls memory has its first look.
 *
 * A driver may wait more than once between two calls. What behind a WAIT would change a byte or signal a
 * line that it was shown there before is done when it waits again (see caller.h), and at the latest when
 * it makes its next call; so is what follows that.
 */
#ifndef ULDF_SRC_REPLAY_REPLAY_H
#define ULDF_SRC_REPLAY_REPLAY_H

#include "backend.h"
#include "caller.h"
#include "record/codec.h"

/* Memory that the recorded device may have written. */
struct replay_memory {
	LIST_ENTRY(replay_memory) entry;
	uint64_t space;
	uint64_t number; /* in the recording; once in each space */
	uint64_t handle; /* of a coherent buffer */
	uint8_t *bytes;
	uint64_t size;
	bool coherent;
	bool writable;
};

/* Bytes of a memory, or a line, which is a byte of memory 0. */
struct replay_shown {
	uint64_t memory;
	uint64_t from;
	uint64_t end;
};

struct replay {
	struct uldf_ctx *ctx;
	struct uldf_recording *recording;
	char *path;
	pthread_mutex_t lock;	 /* protects all that follows */
	unsigned int references; /* the device and its spaces */
	struct uldf_record next; /* to come, if @ahead */
	bool ahead;
	bool diverged;	   /* for good: @reason says where */
	uint64_t position; /* number of the record to come */
	uint64_t at;	   /* and the byte where it begins */
	char reason[CTX_REASON];
	unsigned int event_line; /* behind the vectors' */
	int *lines;		 /* the driver's eventfds, -1 where none */
	LIST_HEAD(, replay_memory) memories;
	struct caller caller;
	struct replay_shown *shown; /* since the last call was made, or the driver waited */
	size_t shown_count, shown_room;
	size_t shown_before;	/* how many of them before the moment at hand */
	bool behind;		/* a WAIT, since the last call was made */
	pthread_cond_t changed; /* for the thread that sees the driver wait: */
	bool waited;		/* the next record is done when the driver waits */
	bool stopping;
	pthread_t watcher;
};

/* Behind a replayed space. A memory's handle is its number. */
struct replay_space {
	struct replay *replay;
	uint64_t number;
};

static inline struct replay *replay_of(const struct uldf_space *space)
{
	return ((const struct replay_space *)space->priv)->replay;
}

static inline uint64_t replay_number_of(const struct uldf_space *space)
{
	return ((const struct replay_space *)space->priv)->number;
}

/**
 * replay_create() - open a recording
 * @ctx: context
 * @path: file
 * @out: the replay with one reference; untouched on failure
 *
 * Return: 0, -EPROTO not a recording, and what open answers.
 */
int replay_create(struct uldf_ctx *ctx, const char *path, struct replay **out);

/**
 * replay_put() - drop a reference; the last one closes the recording
 * @replay: replay, not locked
 */
void replay_put(struct replay *replay);

/**
 * replay_start() - begin to see when the driver waits
 * @replay: replay
 *
 * Return: 0, -EAGAIN no thread.
 */
int replay_start(struct replay *replay);

/**
 * replay_stop() - end replay_start()
 * @replay: replay, not locked
 */
void replay_stop(struct replay *replay);

/**
 * replay_memory_find() - find a memory by its number in the recording
 * @replay: replay, locked
 * @number: number; all memories that have it share the same bytes
 *
 * Return: one of them; NULL if there is none.
 */
struct replay_memory *replay_memory_find(const struct replay *replay, uint64_t number);

/**
 * replay_fetch() - have the next record at hand
 * @replay: replay, locked
 *
 * Return: 0, -EPROTO the recording ends here or is damaged.
 */
int replay_fetch(struct replay *replay);

/**
 * replay_begin() - a call of the driver: lock, and compare it with the recorded one
 * @replay: replay
 * @kind: what is called
 * @out: the recorded call; its data is valid until replay_end()
 * @count: how many inputs follow
 *
 * Return: 0; -EPROTO, with nothing locked, when another call was recorded, or other inputs.
 */
int replay_begin(struct replay *replay, enum uldf_record_kind kind, struct uldf_record *out,
		 unsigned int count, ...);

/**
 * replay_expect() - one more input of a call
 * @replay: replay, locked
 * @record: the recorded call
 * @name: what it is
 * @given: by the driver
 * @recorded: in the recording
 *
 * Return: 0, -EPROTO: the call ends with replay_abort().
 */
int replay_expect(struct replay *replay, const struct uldf_record *record, const char *name,
		  uint64_t given, uint64_t recorded);

/**
 * replay_diverge() - say what differs; only the first difference is kept
 * @replay: replay, locked
 * @fmt: what, as for printf
 *
 * Return: -EPROTO.
 */
__attribute__((format(printf, 2, 3))) int replay_diverge(struct replay *replay, const char *fmt,
							 ...);

/**
 * replay_end() - end a call: do what the device did next, unlock
 * @replay: replay
 * @record: the recorded call
 *
 * Return: what the recorded call answered.
 */
int replay_end(struct replay *replay, const struct uldf_record *record);

/**
 * replay_abort() - end a call that differs
 * @replay: replay
 *
 * Return: -EPROTO.
 */
int replay_abort(struct replay *replay);

/* When the device acts. */
enum replay_when {
	REPLAY_RETURNS, /* a call is about to return */
	REPLAY_WAITS,	/* the driver waits */
	REPLAY_CALLS,	/* a call was made */
};

/**
 * replay_act() - do what the device did on its own
 * @replay: replay, locked
 * @when: when
 */
void replay_act(struct replay *replay, enum replay_when when);

int replay_space_create(struct uldf_device *device, struct uldf_space *space);
void replay_space_destroy(struct uldf_space *space);
int replay_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			  size_t *count);
int replay_memory_register(struct uldf_space *space, struct uldf_memory *memory);
int replay_memory_share(struct uldf_space *space, struct uldf_memory *memory,
			const struct uldf_memory *from);
int replay_memory_unregister(struct uldf_space *space, struct uldf_memory *memory);
int replay_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int replay_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count);
int replay_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int replay_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
		       struct uldf_unmapped *out);
int replay_revoke(struct uldf_space *space);
int replay_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
			struct uldf_segment *list, size_t *count, uint64_t *handle);
void replay_segments_unmap(struct uldf_space *space, uint64_t handle);
int replay_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle);
void replay_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t handle);
int replay_io_batch(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done);

#endif
