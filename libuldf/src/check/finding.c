// SPDX-License-Identifier: MIT
#include <execinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "check/checker.h"

void check_trace_take(struct check_trace *trace)
{
	trace->depth = (unsigned int)backtrace(trace->frame, ULDF_CHECK_DEPTH);
}

struct told_trace {
	struct source_place place[ULDF_CHECK_DEPTH];
	unsigned int depth;
	unsigned int driver; /* the innermost frame that is not this library's; @depth for none */
};

static void trace_find(struct source *source, const struct check_trace *trace,
		       struct told_trace *out)
{
	out->depth = trace ? trace->depth : 0;
	out->driver = out->depth;
	for (unsigned int i = 0; i < out->depth; i++) {
		source_find(source, trace->frame[i], &out->place[i]);
		if (i && out->driver == out->depth && !out->place[i].own)
			out->driver = i;
	}
}

static const char *trace_driver(const struct told_trace *trace)
{
	return trace->driver < trace->depth ? trace->place[trace->driver].text : NULL;
}

/* From the function of the library on that the driver called; where that is not known, all. */
static void trace_write(int fd, const char *title, const struct told_trace *trace)
{
	if (!trace->depth)
		return;
	dprintf(fd, "  %s\n", title);
	for (unsigned int i = trace->driver < trace->depth ? trace->driver - 1 : 0;
	     i < trace->depth; i++)
		dprintf(fd, "    %s\n", trace->place[i].text);
}

static const char *title_of_made(enum uldf_check_kind kind)
{
	if (kind == ULDF_CHECK_UNMAP_TWICE || kind == ULDF_CHECK_FAULT_ENDED)
		return "unmapped first in";
	return kind == ULDF_CHECK_NO_MASTER ? "bound in" : "made in";
}

static void tell(struct checker *checker, struct uldf_check_finding *finding,
		 const struct check_trace *call, const struct check_trace *made)
{
	struct told_trace *told = calloc(2, sizeof(*told));

	if (told) {
		trace_find(checker->source, call, &told[0]);
		trace_find(checker->source, made, &told[1]);
		finding->call_at = trace_driver(&told[0]);
		finding->made_at = trace_driver(&told[1]);
	}
	if (checker->fd >= 0)
		dprintf(checker->fd, "%s\n", finding->text);
	if (checker->fd >= 0 && told) {
		trace_write(checker->fd, "found in", &told[0]);
		trace_write(checker->fd, title_of_made(finding->kind), &told[1]);
	}
	if (checker->fn)
		checker->fn(finding, checker->arg);
	free(told);
}

void checker_find(struct checker *checker, enum uldf_check_kind kind,
		  const struct check_trace *made, const char *fmt, ...)
{
	struct check_trace call = {.depth = 0};
	char text[CTX_REASON];
	struct uldf_check_finding finding = {.kind = kind, .text = text};
	va_list args;
	int length;

	if (kind != ULDF_CHECK_NO_MASTER)
		check_trace_take(&call);
	length = snprintf(text, sizeof(text), "device %s: ", checker->address);
	va_start(args, fmt);
	vsnprintf(text + length, sizeof(text) - (size_t)length, fmt, args);
	va_end(args);
	finding.call = call.frame;
	finding.call_depth = call.depth;
	finding.made = made ? made->frame : NULL;
	finding.made_depth = made ? made->depth : 0;
	checker->found++;
	if (checker->fd >= 0 || checker->fn)
		tell(checker, &finding, &call, made);
	ctx_fail(checker->ctx, 0, "%s", text);
}
