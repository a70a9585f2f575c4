// SPDX-License-Identifier: MIT
#include <string.h>
#include "record/codec.h"

static const char magic[8] = {'u', 'l', 'd', 'f', '-', 'r', 'e', 'c'};

static void put(uint8_t *out, unsigned int width, uint64_t value)
{
	for (unsigned int i = 0; i < width; i++)
		out[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *bytes, unsigned int width)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value |= (uint64_t)bytes[i] << 8 * i;
	return value;
}

uint64_t record_word(const uint8_t *data, size_t index)
{
	return get(data + 8 * index, 8);
}

void record_word_set(uint8_t *data, size_t index, uint64_t value)
{
	put(data + 8 * index, 8, value);
}

void record_encode_file(uint64_t started, uint8_t out[RECORD_FILE_HEADER])
{
	memset(out, 0, RECORD_FILE_HEADER);
	memcpy(out, magic, sizeof(magic));
	put(out + 8, 4, RECORD_VERSION);
	put(out + 12, 4, RECORD_FILE_HEADER);
	put(out + 16, 8, started);
}

const char *record_decode_file(const uint8_t *bytes, uint64_t *started)
{
	if (memcmp(bytes, magic, sizeof(magic)))
		return "not a recording";
	if (get(bytes + 8, 4) < RECORD_VERSION_MIN || get(bytes + 8, 4) > RECORD_VERSION)
		return "a recording of another version of libuldf";
	if (get(bytes + 12, 4) != RECORD_FILE_HEADER || get(bytes + 24, 8))
		return "its header is malformed";
	*started = get(bytes + 16, 8);
	return NULL;
}

size_t record_size(const struct uldf_record *record)
{
	return RECORD_HEADER + 8 * (size_t)record->count + ((record->size + 7) & ~(size_t)7);
}

void record_encode(const struct uldf_record *record, uint8_t *out)
{
	size_t size = record_size(record);

	put(out, 4, size);
	put(out + 4, 2, record->kind);
	put(out + 6, 2, record->count);
	put(out + 8, 4, (uint32_t)record->result);
	put(out + 12, 4, record->thread);
	put(out + 16, 8, record->time);
	put(out + 24, 8, record->duration);
	put(out + 32, 4, record->size);
	put(out + 36, 4, 0);
	for (unsigned int i = 0; i < record->count; i++)
		record_word_set(out + RECORD_HEADER, i, record->args[i]);
	out += RECORD_HEADER + 8 * (size_t)record->count;
	if (record->size)
		memcpy(out, record->data, record->size);
	memset(out + record->size, 0, -record->size & 7);
}

const char *record_decode_size(const uint8_t *bytes, size_t *size)
{
	uint64_t value = get(bytes, 4);

	if (value < RECORD_HEADER || value > RECORD_MAX || value % 8)
		return "no record has such a size";
	*size = value;
	return NULL;
}

static const char *check_data(const struct uldf_record_form *form, const struct uldf_record *record)
{
	if (form->data == ULDF_RECORD_NONE && record->size)
		return "its kind has no data";
	if (form->data == ULDF_RECORD_WORDS && record->size % (8 * (size_t)form->row))
		return "its data is not whole rows";
	if (form->data == ULDF_RECORD_TEXT && memchr(record->data, '\0', record->size))
		return "its text has a NUL";
	return NULL;
}

const char *record_decode(const uint8_t *bytes, struct uldf_record *out)
{
	struct uldf_record record = {
		.kind = (enum uldf_record_kind)get(bytes + 4, 2),
		.count = (unsigned int)get(bytes + 6, 2),
		.result = (int32_t)(uint32_t)get(bytes + 8, 4),
		.thread = (uint32_t)get(bytes + 12, 4),
		.time = get(bytes + 16, 8),
		.duration = get(bytes + 24, 8),
		.size = get(bytes + 32, 4),
	};
	const struct uldf_record_form *form = uldf_record_form(record.kind);
	const char *wrong;

	if (!form)
		return "its kind is unknown";
	if (record.count != form->count)
		return "its kind has another count of numbers";
	if (record.size > ULDF_RECORD_DATA || get(bytes, 4) != record_size(&record))
		return "its data does not fill it";
	if (record.result > 0 || record.result < -4095 || get(bytes + 36, 4))
		return "its header is malformed";
	record.data = bytes + RECORD_HEADER + 8 * (size_t)record.count;
	wrong = check_data(form, &record);
	if (wrong)
		return wrong;
	for (unsigned int i = 0; i < record.count; i++)
		record.args[i] = record_word(bytes + RECORD_HEADER, i);
	*out = record;
	return NULL;
}
