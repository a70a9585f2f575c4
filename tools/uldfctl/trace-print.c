// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <inttypes.h>
#include <string.h>
#include "reset-how.h"
#include "trace.h"

#define BYTES_SHOWN 16
#define ROWS_SHOWN  4

const char *trace_region(uint64_t index)
{
	static const char *const names[ULDF_REGION_COUNT] = {"BAR0", "BAR1", "BAR2", "BAR3",
							     "BAR4", "BAR5", "ROM",  "config"};

	return index < ULDF_REGION_COUNT ? names[index] : NULL;
}

/* Counts and numbers of things are read best as they are counted. */
static bool is_decimal(const char *name)
{
	static const char *const names[] = {"width",  "count", "vector",   "space", "memory",
					    "done",   "room",  "first",	   "intx",  "msi",
					    "msix",   "isa",   "index",	   "state", "bound",
					    "region", "type",  "operation"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

const char *trace_word(const char *name, uint64_t value)
{
	static const char *const types[ULDF_IRQ_TYPES] = {"INTx", "MSI", "MSI-X", "ISA"};
	static const char *const operations[] = {"read", "write", "read-string", "write-string",
						 "poll"};
	static const struct {
		const char *name;
		const char *const *words;
		size_t count;
	} list[] = {
		{"type", types, sizeof(types) / sizeof(types[0])},
		{"operation", operations, sizeof(operations) / sizeof(operations[0])},
	};

	if (!strcmp(name, "how"))
		return reset_how_word(value);
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (!strcmp(name, list[i].name))
			return value < list[i].count ? list[i].words[value] : NULL;
	return NULL;
}

static void print_number(FILE *out, const char *name, uint64_t value)
{
	const char *region = strcmp(name, "region") ? NULL : trace_region(value);
	const char *word = trace_word(name, value);

	if (region)
		fprintf(out, " %s", region);
	else if (word)
		fprintf(out, " %s=%s", name, word);
	else if (is_decimal(name))
		fprintf(out, " %s=%" PRIu64, name, value);
	else
		fprintf(out, " %s=0x%" PRIx64, name, value);
}

static uint64_t data_word(const struct uldf_record *record, size_t index)
{
	uint64_t value;

	memcpy(&value, record->data + 8 * index, 8);
	return le64toh(value);
}

static void print_rows(FILE *out, const struct uldf_record_form *form,
		       const struct uldf_record *record)
{
	size_t rows = record->size / 8 / form->row;

	for (size_t i = 0; i < rows && i < ROWS_SHOWN; i++) {
		fputs(" (", out);
		for (unsigned int j = 0; j < form->row; j++)
			fprintf(out, "%s%s=0x%" PRIx64, j ? " " : "", form->row_names[j],
				data_word(record, i * form->row + j));
		fputc(')', out);
	}
	if (rows > ROWS_SHOWN)
		fprintf(out, " and %zu more", rows - ROWS_SHOWN);
}

static void print_bytes(FILE *out, const struct uldf_record *record)
{
	fprintf(out, " %zu bytes:", record->size);
	for (size_t i = 0; i < record->size && i < BYTES_SHOWN; i++)
		fprintf(out, " %02x", record->data[i]);
	if (record->size > BYTES_SHOWN)
		fputs(" ...", out);
}

/* A recording is anybody's: nothing that a terminal would act on. */
static void print_text(FILE *out, const struct uldf_record *record)
{
	fputc(' ', out);
	for (size_t i = 0; i < record->size; i++)
		fputc(record->data[i] < ' ' || record->data[i] >= 0x7f ? '?' : record->data[i],
		      out);
}

static void print_data(FILE *out, const struct uldf_record_form *form,
		       const struct uldf_record *record)
{
	if (!record->size)
		return;
	if (form->data == ULDF_RECORD_WORDS)
		print_rows(out, form, record);
	else if (form->data == ULDF_RECORD_TEXT)
		print_text(out, record);
	else
		print_bytes(out, record);
}

void trace_print(FILE *out, uint64_t number, const struct uldf_record *record)
{
	const struct uldf_record_form *form = uldf_record_form(record->kind);
	const char *error = record->result ? strerrorname_np(-record->result) : NULL;

	fprintf(out, "%6" PRIu64 " %14.3f us", number, (double)record->time / 1000);
	if (form->call && record->kind != ULDF_RECORD_IO)
		fprintf(out, " %10.3f  %s", (double)record->duration / 1000, form->name);
	else
		fprintf(out, " %10s  %s%s", "", record->kind == ULDF_RECORD_IO ? "  " : "* ",
			form->name);
	for (unsigned int i = 0; i < form->inputs; i++)
		print_number(out, form->names[i], record->args[i]);
	if (record->result) {
		fprintf(out, " = -%s", error ? error : "?");
	} else {
		fputs(form->call && form->inputs < form->count ? " ->" : "", out);
		for (unsigned int i = form->inputs; i < form->count; i++)
			print_number(out, form->names[i], record->args[i]);
	}
	print_data(out, form, record);
	fputc('\n', out);
}
