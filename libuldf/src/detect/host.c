// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "detect/host.h"

static int machine_open(const char *path, int flags)
{
	int fd = open(path, flags);

	return fd < 0 ? -errno : fd;
}

/* AT_STATX_DONT_SYNC: a file of a process may lie on a server that does not answer. */
static int machine_number(const char *path, struct detect_number *out)
{
	struct statx st;

	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &st))
		return -errno;
	*out = (struct detect_number){st.stx_mode & S_IFMT, st.stx_rdev_major, st.stx_rdev_minor};
	return 0;
}

const struct detect_host detect_machine = {
	.root = "",
	.open = machine_open,
	.number = machine_number,
	.links = netns_links,
};

static bool path_format(const struct detect_host *host, char out[PATH_MAX], const char *fmt,
			va_list args)
{
	size_t used = strlen(host->root);
	int length;

	if (used >= PATH_MAX)
		return false;
	memcpy(out, host->root, used);
	length = vsnprintf(out + used, PATH_MAX - used, fmt, args);
	return length >= 0 && (size_t)length < PATH_MAX - used;
}

bool host_path(const struct detect_host *host, char out[PATH_MAX], const char *fmt, ...)
{
	va_list args;
	bool fits;

	va_start(args, fmt);
	fits = path_format(host, out, fmt, args);
	va_end(args);
	return fits;
}

char *host_text(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t size = 0;
	char *text = NULL;

	if (!file)
		return NULL;
	errno = 0;
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = errno ? NULL : strdup("");
	}
	fclose(file);
	return text;
}

bool host_line(const struct detect_host *host, char *buf, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX], *text = NULL;
	va_list args;
	bool readable;

	va_start(args, fmt);
	if (path_format(host, path, fmt, args))
		text = host_text(path);
	va_end(args);
	snprintf(buf, size, "%.*s", text ? (int)strcspn(text, "\n") : 0, text ? text : "");
	readable = text;
	free(text);
	return readable;
}

bool host_link(const struct detect_host *host, char *buf, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t length = -1;
	const char *word;
	va_list args;

	va_start(args, fmt);
	if (path_format(host, path, fmt, args))
		length = readlink(path, target, sizeof(target) - 1);
	va_end(args);
	target[length < 0 ? 0 : length] = '\0';
	word = strrchr(target, '/');
	snprintf(buf, size, "%s", word ? word + 1 : target);
	return length >= 0;
}
