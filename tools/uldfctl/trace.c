// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include "output.h"
#include "trace.h"
#include "verbs.h"

/* Where records go: as they are read, for a recording may be longer than memory. */
struct sink {
	FILE *json; /* NULL: lines */
	FILE *chrome;
	bool first;
	uint64_t number; /* of the record */
	bool failed;
};

static void dump(struct sink *sink, FILE *out, const char *before, json_t *value)
{
	if (!value || fputs(before, out) == EOF || json_dumpf(value, out, JSON_COMPACT))
		sink->failed = true;
	json_decref(value);
}

static void sink_chrome(struct sink *sink, const struct uldf_record *record)
{
	char name[96];

	if (sink->first) {
		snprintf(name, sizeof(name), "%.*s", (int)record->size,
			 record->kind == ULDF_RECORD_DEVICE ? (const char *)record->data : "");
		dump(sink, sink->chrome, "", trace_chrome_name("process_name", name));
		dump(sink, sink->chrome, ",\n", trace_chrome_name("thread_name", "device"));
	}
	if (record->kind != ULDF_RECORD_DEVICE && record->kind != ULDF_RECORD_REGION)
		dump(sink, sink->chrome, ",\n", trace_chrome(sink->number, record));
}

static void sink_put(struct sink *sink, const struct uldf_record *record)
{
	sink->number++;
	if (sink->chrome)
		sink_chrome(sink, record);
	if (sink->json)
		dump(sink, sink->json, sink->first ? "" : ",\n", trace_json(sink->number, record));
	else if (!sink->chrome)
		trace_print(stdout, sink->number, record);
	sink->first = false;
}

static int sink_read(struct sink *sink, struct uldf_recording *recording)
{
	struct uldf_record record;
	int err;

	for (;;) {
		err = uldf_recording_next(recording, &record);
		if (err)
			return err == -ENODATA ? 0 : err;
		sink_put(sink, &record);
	}
}

static int sink_open(struct sink *sink, const struct arguments *arguments)
{
	sink->first = true;
	sink->json = arguments->json ? stdout : NULL;
	if (arguments->chrome) {
		sink->chrome = fopen(arguments->chrome, "we");
		if (!sink->chrome)
			return -errno;
		fputs("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n", sink->chrome);
	}
	if (sink->json)
		output_json_open("records");
	return 0;
}

/* Ends the JSON also after a record that is damaged: what was read before it is good. */
static int sink_close(struct sink *sink, const struct arguments *arguments)
{
	if (sink->json ? output_json_close() : fflush(stdout) || ferror(stdout))
		sink->failed = true;
	if (sink->chrome) {
		fputs("\n]}\n", sink->chrome);
		if (ferror(sink->chrome))
			sink->failed = true;
		if (fclose(sink->chrome))
			sink->failed = true;
	}
	if (!sink->failed)
		return OUTPUT_DONE;
	output_error("cannot write %s", arguments->chrome ? arguments->chrome : "the answer");
	return OUTPUT_FAILED;
}

int verb_trace(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	struct uldf_recording *recording;
	struct sink sink = {0};
	int err, status;

	err = uldf_recording_open(ctx, arguments->file, &recording);
	if (err) {
		output_reason(ctx, err);
		return OUTPUT_FAILED;
	}
	err = sink_open(&sink, arguments);
	if (err) {
		output_error("cannot write %s: %s", arguments->chrome, strerror(-err));
		uldf_recording_close(recording);
		return OUTPUT_FAILED;
	}
	err = sink_read(&sink, recording);
	if (err)
		output_reason(ctx, err);
	status = sink_close(&sink, arguments);
	uldf_recording_close(recording);
	return err ? OUTPUT_FAILED : status;
}
