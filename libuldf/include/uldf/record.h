/* SPDX-License-Identifier: MIT */
#ifndef ULDF_RECORD_H
#define ULDF_RECORD_H

#include <uldf/ctx.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: recordings - what went on between a driver and its device
 *
 * A device opened as "record=FILE:ADDRESS" writes one; "replay:FILE" plays it back as a device (see
 * uldf_device_open()); the functions here read it, whatever wrote it.
 */

/**
 * enum uldf_record_kind - what a record tells
 * @ULDF_RECORD_DEVICE: the device's address and what it offers; the first of all
 * @ULDF_RECORD_REGION: one of its regions; one for each follows
 * @ULDF_RECORD_READ: uldf_region_read() or uldf_config_read()
 * @ULDF_RECORD_WRITE: uldf_region_write() or uldf_config_write()
 * @ULDF_RECORD_BATCH: uldf_io_batch(); its operations follow
 * @ULDF_RECORD_IO: an operation of a batch
 * @ULDF_RECORD_RESET: uldf_device_reset()
 * @ULDF_RECORD_POWER: uldf_device_power()
 * @ULDF_RECORD_FUNCTIONS: uldf_device_functions()
 * @ULDF_RECORD_ATTACH: uldf_device_attach()
 * @ULDF_RECORD_DETACH: uldf_device_detach()
 * @ULDF_RECORD_IRQ_ENABLE: uldf_irq_enable()
 * @ULDF_RECORD_IRQ_DISABLE: uldf_irq_disable()
 * @ULDF_RECORD_IRQ_BIND: uldf_irq_bind(); a byte for each vector, 1 where it has an eventfd
 * @ULDF_RECORD_IRQ_BIND_UNMASK: uldf_irq_bind_unmask()
 * @ULDF_RECORD_IRQ_MASK: uldf_irq_mask()
 * @ULDF_RECORD_IRQ_UNMASK: uldf_irq_unmask()
 * @ULDF_RECORD_IRQ: a vector fired, not a call
 * @ULDF_RECORD_EVENT_BIND: uldf_event_bind()
 * @ULDF_RECORD_EVENT_READ: uldf_event_read()
 * @ULDF_RECORD_EVENT: something happened to the device, not a call
 * @ULDF_RECORD_SPACE_CREATE: uldf_space_create_masked() or uldf_space_create_bare()
 * @ULDF_RECORD_SPACE_DESTROY: uldf_space_destroy()
 * @ULDF_RECORD_SPACE_RESERVED: uldf_space_reserved(); first and last address of each range
 * @ULDF_RECORD_MEMORY_REGISTER: uldf_memory_register()
 * @ULDF_RECORD_MEMORY_UNREGISTER: uldf_memory_unregister()
 * @ULDF_RECORD_MAP: uldf_space_map(); memory, offset, size, access and address of each piece
 * @ULDF_RECORD_MAP_ANYWHERE: uldf_space_map_anywhere(), or what stands on it; pieces likewise
 * @ULDF_RECORD_UNMAP: uldf_space_unmap(); size and address of each piece
 * @ULDF_RECORD_SEGMENTS_MAP: uldf_dma_map() in a bare space; address and length of each segment
 * @ULDF_RECORD_SEGMENTS_UNMAP: uldf_dma_unmap() in a bare space
 * @ULDF_RECORD_COHERENT_ALLOC: uldf_buffer_create() in a bare space
 * @ULDF_RECORD_COHERENT_FREE: uldf_buffer_destroy() in a bare space
 * @ULDF_RECORD_CONTENT: what the device wrote to memory, not a call
 * @ULDF_RECORD_WAIT: the driver waited, and was shown what follows then, not a call
 * @ULDF_RECORD_CLOSE: uldf_device_close(); the spaces of the device may go on
 * @ULDF_RECORD_MOVE: uldf_device_move()
 * @ULDF_RECORD_MEMORY_SHARE: uldf_memory_share(); the memory has the same number in both spaces
 * @ULDF_RECORD_UNMAP_RANGE: uldf_space_unmap_range()
 * @ULDF_RECORD_REVOKE: uldf_space_revoke()
 * @ULDF_RECORD_KINDS: the number after the last kind
 *
 * Recordings hold these numbers: a kind keeps its number, and a new one has the next.
 */
enum uldf_record_kind {
	ULDF_RECORD_DEVICE = 1,
	ULDF_RECORD_REGION = 2,
	ULDF_RECORD_READ = 3,
	ULDF_RECORD_WRITE = 4,
	ULDF_RECORD_BATCH = 5,
	ULDF_RECORD_IO = 6,
	ULDF_RECORD_RESET = 7,
	ULDF_RECORD_POWER = 8,
	ULDF_RECORD_FUNCTIONS = 9,
	ULDF_RECORD_ATTACH = 10,
	ULDF_RECORD_DETACH = 11,
	ULDF_RECORD_IRQ_ENABLE = 12,
	ULDF_RECORD_IRQ_DISABLE = 13,
	ULDF_RECORD_IRQ_BIND = 14,
	ULDF_RECORD_IRQ_BIND_UNMASK = 15,
	ULDF_RECORD_IRQ_MASK = 16,
	ULDF_RECORD_IRQ_UNMASK = 17,
	ULDF_RECORD_IRQ = 18,
	ULDF_RECORD_EVENT_BIND = 19,
	ULDF_RECORD_EVENT_READ = 20,
	ULDF_RECORD_EVENT = 21,
	ULDF_RECORD_SPACE_CREATE = 22,
	ULDF_RECORD_SPACE_DESTROY = 23,
	ULDF_RECORD_SPACE_RESERVED = 24,
	ULDF_RECORD_MEMORY_REGISTER = 25,
	ULDF_RECORD_MEMORY_UNREGISTER = 26,
	ULDF_RECORD_MAP = 27,
	ULDF_RECORD_MAP_ANYWHERE = 28,
	ULDF_RECORD_UNMAP = 29,
	ULDF_RECORD_SEGMENTS_MAP = 30,
	ULDF_RECORD_SEGMENTS_UNMAP = 31,
	ULDF_RECORD_COHERENT_ALLOC = 32,
	ULDF_RECORD_COHERENT_FREE = 33,
	ULDF_RECORD_CONTENT = 34,
	ULDF_RECORD_WAIT = 35,
	ULDF_RECORD_CLOSE = 36,
	ULDF_RECORD_MOVE = 37,
	ULDF_RECORD_MEMORY_SHARE = 38,
	ULDF_RECORD_UNMAP_RANGE = 39,
	ULDF_RECORD_REVOKE = 40,
	ULDF_RECORD_KINDS,
};

/** ULDF_RECORD_ARGS - the most numbers in a record */
#define ULDF_RECORD_ARGS 8

/** ULDF_RECORD_ROW - the most words in a row of a record's data */
#define ULDF_RECORD_ROW 5

/** ULDF_RECORD_DATA - the most bytes behind the numbers */
#define ULDF_RECORD_DATA 262144

/**
 * enum uldf_record_data - what stands behind a record's numbers
 * @ULDF_RECORD_NONE: nothing
 * @ULDF_RECORD_BYTES: bytes
 * @ULDF_RECORD_TEXT: text without a NUL
 * @ULDF_RECORD_WORDS: rows of little-endian 64-bit words, as many in each as the form says
 */
enum uldf_record_data {
	ULDF_RECORD_NONE,
	ULDF_RECORD_BYTES,
	ULDF_RECORD_TEXT,
	ULDF_RECORD_WORDS,
};

/**
 * struct uldf_record_form - what records of one kind look like
 * @name: one word
 * @call: the driver called; otherwise the device acted, or the recorder tells
 * @inputs: how many of the numbers the driver gave; the others were answered
 * @count: how many numbers there are
 * @names: what they are
 * @data: what stands behind them
 * @row: ULDF_RECORD_WORDS: how many words a row has
 * @row_inputs: how many of them the driver gave
 * @row_names: what they are
 */
struct uldf_record_form {
	const char *name;
	uint8_t call;
	uint8_t inputs;
	uint8_t count;
	const char *names[ULDF_RECORD_ARGS];
	enum uldf_record_data data;
	uint8_t row;
	uint8_t row_inputs;
	const char *row_names[ULDF_RECORD_ROW];
};

/**
 * struct uldf_record - one record
 * @kind: one of enum uldf_record_kind
 * @result: 0, or the negative errno that the call answered; its answers then mean nothing
 * @thread: who called
 * @time: nanoseconds from the recording's beginning to the call's
 * @duration: nanoseconds that it took
 * @count: how many of @args there are
 * @args: numbers; what they are: uldf_record_form()
 * @data: what stands behind them
 * @size: bytes at @data
 */
struct uldf_record {
	enum uldf_record_kind kind;
	int result;
	uint32_t thread;
	uint64_t time;
	uint64_t duration;
	unsigned int count;
	uint64_t args[ULDF_RECORD_ARGS];
	const uint8_t *data;
	size_t size;
};

/**
 * uldf_record_form() - what records of a kind look like
 * @kind: which
 *
 * Return: a constant; NULL for a kind that there is not.
 */
const struct uldf_record_form *uldf_record_form(enum uldf_record_kind kind);

/**
 * DOC: struct uldf_recording - a recording that is being read
 *
 * Opaque, for one thread at a time.
 */
struct uldf_recording;

/**
 * uldf_recording_open() - begin to read a recording
 * @ctx: context
 * @path: its file
 * @out: the recording, closed with uldf_recording_close(); untouched on failure
 *
 * Return: 0, -EPROTO not a recording, or of a version that this library does not read, -ENOMEM,
 * and what open answers.
 */
int uldf_recording_open(struct uldf_ctx *ctx, const char *path, struct uldf_recording **out);

/**
 * uldf_recording_close() - end reading
 * @recording: recording, or NULL
 */
void uldf_recording_close(struct uldf_recording *recording);

/**
 * uldf_recording_next() - read the next record
 * @recording: recording
 * @out: the record, its data valid until the next call; untouched on failure
 *
 * A recording whose writer was killed may end inside a record: that is its end.
 *
 * Return: 0, -ENODATA the end, -EPROTO what follows is no record (the context's reason says where),
 * -EIO.
 */
int uldf_recording_next(struct uldf_recording *recording, struct uldf_record *out);

/**
 * uldf_recording_started() - when the recording began
 * @recording: recording
 *
 * Return: nanoseconds since 1970 (UTC).
 */
uint64_t uldf_recording_started(const struct uldf_recording *recording);

#ifdef __cplusplus
}
#endif

#endif
