/* SPDX-License-Identifier: MIT */
/*
 * The file format of recordings, version 3. Version 2 has the same form and lacks the kinds from
 * MOVE on. All numbers are little-endian; the file is a header and then records up to its end,
 * each a multiple of 8 bytes:
 *
 *   header, 32 bytes            record, 40 bytes and more
 *    0  8  "uldf-rec"            0  4  size of the whole record
 *    8  4  version               4  2  kind (enum uldf_record_kind)
 *   12  4  size of the header    6  2  how many numbers
 *   16  8  time it began: ns     8  4  result: 0 or a negative errno
 *          since 1970 (UTC)     12  4  thread
 *   24  8  0                    16  8  time: ns since it began
 *                               24  8  duration: ns
 *                               32  4  bytes of data
 *                               36  4  0
 *                               40     numbers, 8 bytes each; data; zeros up to a multiple of 8
 *
 * The numbers and the data of each kind are in form.c. The first record is DEVICE, and as many REGION
 * records as there are regions follow it. The operations of a batch follow its record at once.
 *
 * Calls stand in the order in which they were made. What the device did on its own, CONTENT, IRQ and
 * EVENT, stands behind the call before whose return the driver was shown it, in the order in which it was
 * shown: memory first, then the interrupts that tell of it. What it was shown later, while it waited,
 * stands behind a WAIT there. CONTENT holds what the device wrote, never what the driver did.
 *
 * Who plays it back shows what precedes the next call before the call returns, up to what is behind a
 * WAIT and shows bytes or a vector a second time: that is for a driver that waits again.
 *
 * Any change of this, also a new kind, is a new version. Kinds keep their numbers.
 */
#ifndef ULDF_SRC_RECORD_CODEC_H
#define ULDF_SRC_RECORD_CODEC_H

#include <uldf/record.h>

#define RECORD_VERSION	   3
#define RECORD_VERSION_MIN 2 /* the oldest that is read */
#define RECORD_FILE_HEADER 32
#define RECORD_HEADER	   40
#define RECORD_MAX	   (RECORD_HEADER + 8 * ULDF_RECORD_ARGS + ULDF_RECORD_DATA)

/**
 * record_encode_file() - the header of a file
 * @started: ns since 1970
 * @out: where it goes
 */
void record_encode_file(uint64_t started, uint8_t out[RECORD_FILE_HEADER]);

/**
 * record_decode_file() - read the header of a file
 * @bytes: at least %RECORD_FILE_HEADER
 * @started: out: when it began; untouched on failure
 *
 * Return: NULL, or what is wrong with it.
 */
const char *record_decode_file(const uint8_t *bytes, uint64_t *started);

/**
 * record_size() - bytes that a record takes
 * @record: record
 *
 * Return: bytes, at most %RECORD_MAX for one whose data is within its limit.
 */
size_t record_size(const struct uldf_record *record);

/**
 * record_encode() - write a record
 * @record: record
 * @out: record_size() bytes
 */
void record_encode(const struct uldf_record *record, uint8_t *out);

/**
 * record_decode_size() - how long the record is that begins here
 * @bytes: at least %RECORD_HEADER
 * @size: out: its bytes, at most %RECORD_MAX; untouched on failure
 *
 * Return: NULL, or what is wrong with it.
 */
const char *record_decode_size(const uint8_t *bytes, size_t *size);

/**
 * record_decode() - read a record
 * @bytes: as many as record_decode_size() says
 * @out: the record, its data in @bytes; untouched on failure
 *
 * Return: NULL, or what is wrong with it.
 */
const char *record_decode(const uint8_t *bytes, struct uldf_record *out);

/**
 * record_word() - a word of a record's rows
 * @data: the rows
 * @index: which word
 *
 * Return: its value.
 */
uint64_t record_word(const uint8_t *data, size_t index);

/**
 * record_word_set() - write a word of a record's rows
 * @data: the rows
 * @index: which word
 * @value: its value
 */
void record_word_set(uint8_t *data, size_t index, uint64_t value);

/**
 * recording_offset() - where the next record begins
 * @recording: recording that is being read
 *
 * Return: bytes from the file's beginning.
 */
uint64_t recording_offset(const struct uldf_recording *recording);

#endif
