// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include "usage.h"

/* snprintf() tells what it would have written, cut off or not. */
static void usage_advance(struct usage *usage, int length)
{
	if (length > 0)
		usage->used += (size_t)length;
	if (usage->used >= sizeof(usage->text))
		usage->used = sizeof(usage->text) - 1;
}

void usage_add(struct usage *usage, const char *fmt, ...)
{
	size_t size = sizeof(usage->text), item;
	va_list args;

	if (usage->used >= size - 1)
		return;
	if (usage->used)
		usage_advance(usage, snprintf(usage->text + usage->used, size - usage->used, ", "));
	item = usage->used;
	va_start(args, fmt);
	usage_advance(usage, vsnprintf(usage->text + usage->used, size - usage->used, fmt, args));
	va_end(args);
	ctx_printable(usage->text + item);
}
