// SPDX-License-Identifier: MIT
#include "reason.h"

#include <stdarg.h>
#include <stdio.h>

int vmm_fail(struct vmm_reason *reason, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason->text, sizeof(reason->text), format, arguments);
	va_end(arguments);
	return error;
}

/* In one piece: threads warn at once. */
void vmm_warn(const char *format, ...)
{
	char text[sizeof(((struct vmm_reason *)0)->text)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fprintf(stderr, "uldf-vmm: %s\n", text);
}
