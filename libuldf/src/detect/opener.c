// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "ctx.h"
#include "detect/opener.h"

/* The number behind @key, at the beginning of a line. */
static bool number_behind(const char *text, const char *key, uint64_t *out)
{
	size_t length = strlen(key);

	for (; text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL)
		if (!strncmp(text, key, length))
			return sscanf(text + length, " %" SCNu64, out) == 1;
	return false;
}

static bool number_read(const char *path, const char *key, uint64_t *out)
{
	char *text = host_text(path);
	bool found = text && number_behind(text, key, out);

	free(text);
	return found;
}

/*
 * Clock ticks from boot to the start of the process, field 22 of its stat (proc(5)). Field 2 is its name in
 * parentheses, which may hold blanks and parentheses.
 */
static bool ticks_read(const char *path, uint64_t *out)
{
	char *text = host_text(path), *field = text ? strrchr(text, ')') : NULL;
	bool found;

	for (unsigned int n = 2; field && n < 22; n++)
		field = strchr(field + 1, ' ');
	found = field && sscanf(field, " %" SCNu64, out) == 1;
	free(text);
	return found;
}

void opener_find(const struct detect_host *host, pid_t pid, const char *command,
		 struct uldf_opener *out)
{
	uint64_t user, ticks, boot;
	char path[PATH_MAX];

	*out = (struct uldf_opener){.pid = pid, .user = -1};
	snprintf(out->program, sizeof(out->program), "%s", command);
	ctx_printable(out->program);
	if (host_path(host, path, "/proc/%d/status", (int)pid) && number_read(path, "Uid:", &user))
		out->user = (int64_t)user;
	if (host_path(host, path, "/proc/%d/stat", (int)pid) && ticks_read(path, &ticks) &&
	    host_path(host, path, "/proc/stat") && number_read(path, "btime", &boot))
		out->started = (int64_t)(boot + ticks / (uint64_t)sysconf(_SC_CLK_TCK));
}

void opener_since(const struct uldf_opener *opener, char buf[OPENER_SINCE])
{
	time_t started = opener->started;
	struct tm tm;

	buf[0] = '\0';
	if (started && gmtime_r(&started, &tm))
		strftime(buf, OPENER_SINCE, ", started %F %T UTC", &tm);
}
