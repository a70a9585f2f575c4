/* SPDX-License-Identifier: MIT */
/*
 * The record decorator. Every call is made and written down under one lock, so that the file has
 * all that happened in one order, and an interrupt stands behind the call that caused it.
 *
 * The rule of order. What a device does on its own, writing memory and raising interrupts, is shown to
 * the driver at two moments only, and is then written down in the same order, memory before interrupts:
 *
 * 1. before a call returns;
 * 2. between two calls, when the driver waits: its thread that called last sleeps for a millisecond, or
 *    has run for one of its own time without a call (see caller.h). Then it has looked in vain for what it waits
 *    for. A thread that wakes before it is shown anything perhaps looks again, and is shown nothing; what may
 *    be missed is one that wakes in the middle. A WAIT record tells each such moment from what was shown before.
 *
 * So a replay may do what stands between two calls before the first of them returns: a driver that
 * waits finds it at its first look, one that does not wait was shown nothing there. Only what shows bytes
 * or a vector a second time has to wait for the driver in the same way (see replay.h).
 *
 * For that, and as no comparing tells who changed a byte, the device gets memory of the recorder's
 * (struct record_memory). What the driver changed is copied there before each call, what the device
 * changed is copied to the driver's at those moments. A driver that polls memory sees all of a moment's
 * changes once it has made its next call; until then larger pieces come before smaller ones, so data
 * before the entry of a queue that tells of it.
 */
#ifndef ULDF_SRC_RECORD_RECORDER_H
#define ULDF_SRC_RECORD_RECORDER_H

#include "caller.h"
#include "decorator.h"
#include "record/codec.h"
#include "relay.h"

/* What a mapping is ended by. */
enum record_key {
	RECORD_BY_ADDRESS,
	RECORD_BY_SEGMENTS,
	RECORD_BY_COHERENT,
};

/* Pages that the recorder makes for a memory, and for those of other spaces that share it. */
struct record_pages {
	unsigned int references; /* memories that use them; protected by the recorder's lock */
	uint64_t size;
	uint8_t *own;	 /* what the driver sees, or what the device reaches */
	uint8_t *agreed; /* what both held at the last look */
};

/* Memory that a device was given. All of its bytes that are mapped are the same on both sides, but for those changed
 * since the last look.
 */
struct record_memory {
	LIST_ENTRY(record_memory) entry;
	const struct uldf_space *space;
	const struct uldf_memory *registered; /* NULL for a coherent buffer */
	uint64_t number;		      /* in the recording; the same for all that share it */
	uint64_t size;
	uint8_t *driver; /* what the driver sees */
	uint8_t *device; /* what the device reaches */
	struct record_pages *pages;
};

/* A part of memory that is mapped. */
struct record_window {
	LIST_ENTRY(record_window) entry;
	struct record_memory *memory;
	enum record_key by;
	uint64_t key;	 /* bus address or handle */
	uint64_t offset; /* into the memory */
	uint64_t size;
	bool writable; /* by the device */
};

/* What a device changed. */
struct record_run {
	struct record_memory *memory;
	uint64_t at;
	uint64_t size;
	size_t old; /* where the recorder keeps what was there before */
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
	uint64_t *fired;	 /* of each line: how often, not yet shown */
	bool pending;		 /* any of them */
	struct caller caller;
	uint64_t called; /* when the last call was, since it began */
	struct record_run *runs;
	size_t run_count, run_room;
	uint8_t *old;
	size_t old_used, old_room;
	uint8_t *bytes; /* encoded and not yet written */
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
	/*
	 * The IOMMU failed to end mappings: some that have windows may have ended. Protected by
	 * the recorder's lock.
	 */
	bool unsure;
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
 * recorder_begin() - begin a call: lock, and give the device what the driver changed in memory
 * @recorder: recorder
 * @kind: what is called
 * @call: filled; its numbers and data are for the caller to fill
 *
 * Return: 0; or why nothing can be recorded any more: nothing is locked, and the call is not to be
 * made.
 */
int recorder_begin(struct recorder *recorder, enum uldf_record_kind kind, struct record_call *call);

/**
 * recorder_begin_always() - recorder_begin() of a call that ends something
 * @recorder: recorder
 * @kind: what is called
 * @call: filled
 *
 * It is made although nothing can be recorded any more: its caller goes on to free what the device could
 * reach.
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
 * recorder_end() - end a call: write it to the file, show the driver what its device did, unlock
 * @call: call
 */
void recorder_end(struct record_call *call);

/**
 * recorder_push() - give the device what the driver changed in memory
 * @recorder: recorder, locked
 */
void recorder_push(struct recorder *recorder);

/**
 * recorder_find() - find what the device changed in memory
 * @recorder: recorder, locked
 *
 * recorder_write_found() and recorder_give(), or recorder_forget() follow, and nothing before them.
 */
void recorder_find(struct recorder *recorder);

/**
 * recorder_forget() - leave what was found for the next time
 * @recorder: recorder, locked
 */
void recorder_forget(struct recorder *recorder);

/**
 * recorder_write_found() - write down what was found
 * @recorder: recorder, locked
 */
void recorder_write_found(struct recorder *recorder);

/**
 * recorder_give() - give the driver what was found
 * @recorder: recorder, locked
 */
void recorder_give(struct recorder *recorder);

/**
 * recorder_show() - show the driver all that its device did: memory, then interrupts
 * @recorder: recorder, locked
 */
void recorder_show(struct recorder *recorder);

/**
 * recorder_show_waiting() - recorder_show() to a driver that waits, and goes on waiting until it is shown
 * @recorder: recorder, locked
 */
void recorder_show_waiting(struct recorder *recorder);

/**
 * record_irqs_write() - write down interrupts that fired
 * @recorder: recorder, locked
 */
void record_irqs_write(struct recorder *recorder);

/**
 * record_irqs_signal() - tell the driver of them
 * @recorder: recorder, locked
 */
void record_irqs_signal(struct recorder *recorder);

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
 * record_memory_create() - make the other side of a memory
 * @space: its space
 * @size: bytes
 * @out: the memory; the caller sets @driver and @device, one of which is the pages' own
 *
 * Return: 0, -ENOMEM.
 */
int record_memory_create(const struct uldf_space *space, size_t size, struct record_memory **out);

/**
 * record_memory_free() - free a memory that is in no list
 * @memory: memory, or NULL
 */
void record_memory_free(struct record_memory *memory);

/**
 * record_memory_add() - give a memory its number
 * @recorder: recorder, locked
 * @memory: memory, which is the recorder's from now on
 */
void record_memory_add(struct recorder *recorder, struct record_memory *memory);

/**
 * record_memory_join() - make a memory share the pages and the number of another
 * @recorder: recorder, locked
 * @memory: zeroed but for its @space and @registered; the recorder's from now on
 * @other: memory that has a number
 */
void record_memory_join(struct recorder *recorder, struct record_memory *memory,
			const struct record_memory *other);

/**
 * record_memory_drop() - end record_memory_add() or record_memory_join(), and free it
 * @memory: memory, no part of which is mapped
 */
void record_memory_drop(struct record_memory *memory);

/**
 * record_memory_find() - a memory by the handle that the driver has of it
 * @recorder: recorder, locked
 * @registered: handle
 *
 * Return: the memory, or NULL.
 */
struct record_memory *record_memory_find(const struct recorder *recorder,
					 const struct uldf_memory *registered);

/**
 * record_memory_number() - the number of a memory
 * @recorder: recorder, locked
 * @registered: handle
 *
 * Return: its number; 0 for one that has none.
 */
uint64_t record_memory_number(const struct recorder *recorder,
			      const struct uldf_memory *registered);

/**
 * record_memory_push() - copy what the driver changed to the device's side
 * @memory: memory
 * @offset: where from, in bytes
 * @size: bytes; the part is inside
 */
void record_memory_push(struct record_memory *memory, uint64_t offset, uint64_t size);

/**
 * record_memory_look() - find what the device changed, which the driver's side does not have yet
 * @recorder: recorder, locked; its runs get longer
 * @memory: memory
 * @offset: where from, in bytes
 * @size: bytes; the part is inside
 */
void record_memory_look(struct recorder *recorder, struct record_memory *memory, uint64_t offset,
			uint64_t size);

/**
 * record_window_fits() - is there such a part of a memory?
 * @memory: memory, or NULL
 * @piece: the piece
 *
 * Return: whether there is; else the backend refuses it.
 */
bool record_window_fits(const struct record_memory *memory, const struct uldf_mapping *piece);

/**
 * record_window_add() - keep an eye on memory that was mapped
 * @recorder: recorder, locked
 * @window: from malloc, with what it is ended by; the recorder's from now on
 * @memory: memory
 * @piece: the piece, which fits
 */
void record_window_add(struct recorder *recorder, struct record_window *window,
		       struct record_memory *memory, const struct uldf_mapping *piece);

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
 * record_window_drop_range() - forget the windows of mappings in a range
 * @recorder: recorder, locked
 * @space: its space
 * @first: first bus address
 * @last: last bus address
 */
void record_window_drop_range(struct recorder *recorder, const struct uldf_space *space,
			      uint64_t first, uint64_t last);

/**
 * record_window_drop_memory() - forget the windows of a memory
 * @recorder: recorder, locked
 * @memory: memory without mappings
 */
void record_window_drop_memory(struct recorder *recorder, const struct record_memory *memory);

/**
 * record_window_drop_all() - forget the windows of a space
 * @recorder: recorder, locked
 * @space: space
 */
void record_window_drop_all(struct recorder *recorder, const struct uldf_space *space);

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
int record_tick(void *arg);

int record_space_create(struct uldf_device *device, struct uldf_space *space);
void record_space_destroy(struct uldf_space *space);
int record_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			  size_t *count);
int record_memory_register(struct uldf_space *space, struct uldf_memory *memory);
int record_memory_share(struct uldf_space *space, struct uldf_memory *memory,
			const struct uldf_memory *from);
int record_memory_unregister(struct uldf_space *space, struct uldf_memory *memory);
int record_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int record_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count);
int record_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int record_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
		       struct uldf_unmapped *out);
int record_revoke(struct uldf_space *space);
int record_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
			struct uldf_segment *list, size_t *count, uint64_t *handle);
void record_segments_unmap(struct uldf_space *space, uint64_t handle);
int record_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle);
void record_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t handle);

#endif
