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

static void trace_write(int fd, const char *title, void *const *frame, unsigned int depth)
{
	if (!depth)
		return;
	dprintf(fd, "  %s\n", title);
	backtrace_symbols_fd(frame, (int)depth, fd);
}

void checker_find(struct checker *checker, enum uldf_check_kind kind,
		  const struct check_trace *made, const char *fmt, ...)
{
	struct check_trace call;
	char text[CTX_REASON];
	struct uldf_check_finding finding = {.kind = kind, .text = text};
	va_list args;
	int length;

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
	if (checker->fd >= 0) {
		dprintf(checker->fd, "%s\n", text);
		trace_write(checker->fd, "found in", finding.call, finding.call_depth);
		trace_write(checker->fd,
			    kind == ULDF_CHECK_UNMAP_TWICE || kind == ULDF_CHECK_FAULT_ENDED
				    ? "unmapped first in"
				    : "made in",
			    finding.made, finding.made_depth);
	}
	if (checker->fn)
		checker->fn(&finding, checker->arg);
	ctx_fail(checker->ctx, 0, "%s", text);
}
