// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "refusal.h"

bool refusal_due(const struct uldf_finding *list, size_t count, bool held)
{
	for (size_t i = 0; i < count; i++)
		if (held || list[i].verdict == ULDF_USED)
			return true;
	return false;
}

char *refusal_what(const struct uldf_finding *list, size_t count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s%s", i ? ", " : "",
			list[i].verdict == ULDF_UNKNOWN ? "unknown: " : "", list[i].what);
	if (fclose(out)) {
		free(text);
		text = NULL;
	}
	return text;
}

static bool next_is_told(const struct uldf_finding *list, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(list[i].next, list[index].next))
			return true;
	return false;
}

char *refusal_next(const struct uldf_finding *list, size_t count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!next_is_told(list, i))
			fprintf(out, "%s%s", i ? "; " : "", list[i].next);
	if (fclose(out)) {
		free(text);
		text = NULL;
	}
	return text;
}
