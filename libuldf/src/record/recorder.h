/* SPDX-License-Identifier: MIT */
/*
 * The record decorator. Every call is made and written down under one lock, so that the file has
 * all that happened in one order, and an interrupt stands behind the call that caused it.
 */
#ifndef ULDF_SRC_RECORD_RECORDER_H
#define ULDF_SRC_RECORD_RECORDER_H

#include "decorator.h"
#include "record/codec.h"
#include "relay.h"

/* What a mapping is ended by. */
enum record_key {
	RECORD_BY_ADDRESS,
	RECORD_BY_SEGMENTS,
	RECORD_BY_COHERENT,
};

/* A part of memory that is mapped. */
struct record_window {
	LIST_ENTRY(record_window) entry;
	const struct uldf_space *space;
	enum record_key by;
	uint64_t key;	      /* bus address or handle */
	uint64_t memory;      /* its number in the recording */
	uint64_t offset;      /* into the memory */
	const uint8_t *bytes; /* where it is */
	uint64_t size;
	uint8_t *shadow; /* what it held when last looked at; NULL where the device may not write */
};

/* A memory's number in the recording. */
struct record_memory {
	LIST_ENTRY(record_memory) entry;
	const struct uldf_space *space;
	const struct uldf_memory *memory;
	uint64_t number;
};

struct recorder {
	struct decorator decorator;
	struct uldf_ctx *ctx;
	pthread_mutex_t lock;	 /* protects all that follows */
	unsigned int references; /* the device and its spaces */
	int err;		 /* why writing failed; no call is made any more */
	int fd;
	char *path;
	uint64_t began; /* CLOCK_MONOTONIC */
	struct relay *relay;
	unsigned int event_line; /* of the relay; those before it are the vectors' */
	uint8_t *bytes;		 /* encoded and not yet written */
	size_t used, room;
	uint64_t spaces, numbers; /* handed out */
	LIST_HEAD(, record_memory) memories;
	LIST_HEAD(, record_window) windows;
};

/* Behind a recorded space. */
struct record_space {
	struct decorator_space decorated;
	struct recorder *recorder;
	uint64_t number;
};

static inline struct recorder *recorder_of(const struct uldf_space *space)
{
	return ((const struct record_space *)space->priv)->recorder;
}

static inline uint64_t recorder_number_of(const struct uldf_space *space)
{
	return ((const struct record_space *)space->priv)->number;
}

/* A call that is being recorded. */
struct record_call {
	struct recorder *recorder;
	struct uldf_record record;
};

/**
 * recorder_create() - begin a file
 * @ctx: context
 * @path: the file; what is there is replaced
 * @out: the recorder, with one reference and no device; untouched on failure
 *
 * Return: 0, -ENOMEM, and what open answers.
 */
int recorder_create(struct uldf_ctx *ctx, const char *path, struct recorder **out);

/**
 * recorder_put() - drop a reference; the last one ends the file
 * @recorder: recorder
 */
void recorder_put(struct recorder *recorder);

/**
 * recorder_begin() - begin a call: lock, and write down what memory changed since the last
 * @recorder: recorder
 * @kind: what is called
 * @call: filled; its numbers and data are for the caller to fill
 *
 * Return: 0; or why nothing can be recorded any more: nothing is locked, and the call is not to be
 * made.
 */
int recorder_begin(struct recorder *recorder, enum uldf_record_kind kind, struct record_call *call);

/**
 * recorder_begin_always() - recorder_begin() of a call that cannot fail
 * @recorder: recorder
 * @kind: what is called
 * @call: filled
 */
void recorder_begin_always(struct recorder *recorder, enum uldf_record_kind kind,
			   struct record_call *call);

/**
 * recorder_write() - write a call down once it was made
 * @call: call
 * @result: what it answers
 * @count: how many numbers follow; the rest are 0
 *
 * Follow-up records may be added by recorder_add() before recorder_end().
 */
void recorder_write(struct record_call *call, int result, unsigned int count, ...);

/**
 * recorder_look() - write down what memory changed
 * @recorder: recorder, locked
 * @before: the driver may have made the changes, before the call that is being recorded
 */
void recorder_look(struct recorder *recorder, bool before);

/**
 * recorder_end() - end a call: look at the memory, write to the file, unlock
 * @call: call
 */
void recorder_end(struct record_call *call);

/**
 * recorder_add() - append a record
 * @recorder: recorder, locked
 * @record: record; its form says how many numbers it has
 */
void recorder_add(struct recorder *recorder, const struct uldf_record *record);

/**
 * recorder_flush() - write to the file what was added
 * @recorder: recorder, locked
 */
void recorder_flush(struct recorder *recorder);

/**
 * recorder_now() - the time
 * @recorder: recorder
 *
 * Return: nanoseconds since it began.
 */
uint64_t recorder_now(const struct recorder *recorder);

/**
 * record_window_create() - make ready to keep an eye on memory that is about to be mapped
 * @piece: the piece
 * @out: the window; the rest is for the caller to fill
 *
 * Return: 0, -ENOMEM.
 */
int record_window_create(const struct uldf_mapping *piece, struct record_window **out);

/**
 * record_window_add() - keep an eye on memory that was mapped
 * @recorder: recorder, locked
 * @window: window, which is the recorder's from now on
 */
void record_window_add(struct recorder *recorder, struct record_window *window);

/**
 * record_window_free() - free a window that is in no list
 * @window: window, or NULL
 */
void record_window_free(struct record_window *window);

/**
 * record_window_drop() - forget a window
 * @recorder: recorder, locked
 * @space: its space
 * @by: what ends it
 * @key: which
 * @size: bytes; 0 for any
 *
 * Return: whether there was one.
 */
bool record_window_drop(struct recorder *recorder, const struct uldf_space *space,
			enum record_key by, uint64_t key, uint64_t size);

/**
 * record_memory_number() - the number of a memory
 * @recorder: recorder, locked
 * @memory: memory
 *
 * Return: its number; 0 for one that has none.
 */
uint64_t record_memory_number(const struct recorder *recorder, const struct uldf_memory *memory);

/**
 * record_wrap() - decorate a device
 * @outer: handle to fill
 * @inner: device inside
 * @path: file
 *
 * Return: 0, or as recorder_create(); @inner is then the caller's still.
 */
int record_wrap(struct uldf_device *outer, struct uldf_device *inner, const char *path);

int record_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count);
int record_irq_disable(struct uldf_device *device);
int record_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		    const int *fds);
int record_irq_bind_unmask(struct uldf_device *device, int fd);
int record_irq_mask(struct uldf_device *device);
int record_irq_unmask(struct uldf_device *device);
int record_irq_counts(struct uldf_device *device, const volatile struct uldf_irq_count **out);
int record_event_bind(struct uldf_device *device, int fd);
int record_event_read(struct uldf_device *device, unsigned int *events);
uint64_t record_fired(void *arg, unsigned int line, uint64_t count);

int record_space_create(struct uldf_device *device, struct uldf_space *space);
void record_space_destroy(struct uldf_space *space);
int record_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			  size_t *count);
int record_memory_register(struct uldf_space *space, struct uldf_memory *memory);
int record_memory_unregister(struct uldf_space *space, struct uldf_memory *memory);
int record_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int record_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count);
int record_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int record_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
			struct uldf_segment *list, size_t *count, uint64_t *handle);
void record_segments_unmap(struct uldf_space *space, uint64_t handle);
int record_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle);
void record_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t handle);

#endif
