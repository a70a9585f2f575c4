// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ioctl.h"

static unsigned int failures;

static void print(bool good, const char *format, va_list list)
{
	fputs(good ? "ok " : "not ok ", stdout);
	vprintf(format, list);
	if (!good)
		failures++;
}

bool check(bool good, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	print(good, format, list);
	va_end(list);
	putchar('\n');
	fflush(stdout);
	return good;
}

bool check_equal(long wanted, long found, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	print(wanted == found, format, list);
	va_end(list);
	if (wanted != found)
		printf(": %ld, wanted %ld%s%s", found, wanted, found < 0 ? ", " : "",
		       found < 0 ? strerror(-found) : "");
	putchar('\n');
	fflush(stdout);
	return wanted == found;
}

unsigned int check_failures(void)
{
	return failures;
}

void need(bool good, const char *what)
{
	if (good)
		return;
	printf("not ok %s: nothing more can be tested\n", what);
	exit(1);
}
