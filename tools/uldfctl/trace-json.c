// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <inttypes.h>
#include <string.h>
#include "trace.h"

/* JSON's integers end where jansson's do: what is larger is text. */
static json_t *integer(uint64_t value)
{
	char text[24];

	if (value <= INT64_MAX)
		return json_integer((json_int_t)value);
	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return json_string(text);
}

static json_t *hex(const struct uldf_record *record)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(2 * record->size + 1);
	json_t *value;

	if (!text)
		return NULL;
	for (size_t i = 0; i < record->size; i++) {
		text[2 * i] = digits[record->data[i] >> 4];
		text[2 * i + 1] = digits[record->data[i] & 15];
	}
	value = json_stringn(text, 2 * record->size);
	free(text);
	return value;
}

static json_t *rows(const struct uldf_record_form *form, const struct uldf_record *record)
{
	json_t *list = json_array();
	uint64_t value;

	for (size_t i = 0; i < record->size / 8 / form->row; i++) {
		json_t *row = json_object();

		for (unsigned int j = 0; j < form->row; j++) {
			memcpy(&value, record->data + 8 * (i * form->row + j), 8);
			json_object_set_new(row, form->row_names[j], integer(le64toh(value)));
		}
		json_array_append_new(list, row);
	}
	return list;
}

/* Text that is no UTF-8 is none that JSON can say. */
static json_t *data(const struct uldf_record_form *form, const struct uldf_record *record)
{
	json_t *text;

	if (form->data == ULDF_RECORD_WORDS)
		return rows(form, record);
	if (form->data != ULDF_RECORD_TEXT)
		return hex(record);
	text = json_stringn((const char *)record->data, record->size);
	return text ? text : json_null();
}

/* A number that has a word is that word. */
static json_t *named(const char *name, uint64_t value)
{
	const char *word = trace_word(name, value);

	return word ? json_string(word) : integer(value);
}

static json_t *args(const struct uldf_record_form *form, const struct uldf_record *record)
{
	unsigned int known = record->result ? form->inputs : form->count;
	json_t *object = json_object();

	for (unsigned int i = 0; i < known; i++)
		json_object_set_new(object, form->names[i], named(form->names[i], record->args[i]));
	if (record->size)
		json_object_set_new(object, "data", data(form, record));
	return object;
}

static json_t *result(const struct uldf_record *record)
{
	const char *name = record->result ? strerrorname_np(-record->result) : NULL;

	if (!record->result)
		return json_null();
	return name ? json_string(name) : json_integer(record->result);
}

json_t *trace_json(uint64_t number, const struct uldf_record *record)
{
	const struct uldf_record_form *form = uldf_record_form(record->kind);

	return json_pack("{so, ss, sb, so, so, sI, so, so}", "record", integer(number), "kind",
			 form->name, "call", form->call, "time", integer(record->time), "duration",
			 integer(record->duration), "thread", (json_int_t)record->thread, "error",
			 result(record), "args", args(form, record));
}

static void event_name(const struct uldf_record_form *form, const struct uldf_record *record,
		       char *out, size_t size)
{
	bool access = record->kind == ULDF_RECORD_READ || record->kind == ULDF_RECORD_WRITE;
	const char *region = access ? trace_region(record->args[0]) : NULL;

	if (region)
		snprintf(out, size, "%s %s+0x%" PRIx64, form->name, region, record->args[1]);
	else
		snprintf(out, size, "%s", form->name);
}

json_t *trace_chrome(uint64_t number, const struct uldf_record *record)
{
	const struct uldf_record_form *form = uldf_record_form(record->kind);
	double time = (double)record->time / 1000;
	bool slice = form->call && record->kind != ULDF_RECORD_IO;
	char name[64];

	event_name(form, record, name, sizeof(name));
	if (slice)
		return json_pack("{ss, ss, ss, sf, sf, si, sI, s{so, so, so}}", "name", name, "cat",
				 "call", "ph", "X", "ts", time, "dur",
				 (double)record->duration / 1000, "pid", 1, "tid",
				 (json_int_t)record->thread, "args", "record", integer(number),
				 "error", result(record), "of", args(form, record));
	return json_pack("{ss, ss, ss, ss, sf, si, si, s{so, so}}", "name", name, "cat",
			 form->call ? "batch" : "device", "ph", "i", "s", "t", "ts", time, "pid", 1,
			 "tid", 0, "args", "record", integer(number), "of", args(form, record));
}

json_t *trace_chrome_name(const char *event, const char *name)
{
	return json_pack("{ss, ss, si, si, s{ss}}", "name", event, "ph", "M", "pid", 1, "tid", 0,
			 "args", "name", name);
}
