// SPDX-License-Identifier: MIT
/* How much memory the kernel has for itself, to be compared between rounds. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "storm.h"

#define MOST_KB	   4096 /* growth that is no leak */
#define MOST_FILES 100

static long meminfo(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	return line ? strtol(line + strlen(name), NULL, 10) : 0;
}

static void slabs_shrink(void)
{
	DIR *folder = opendir("/sys/kernel/slab");
	struct dirent *entry;
	char path[300];

	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", entry->d_name);
		file_write(path, "1");
	}
	if (folder)
		closedir(folder);
}

static void text_read(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t length;

	need(file, path);
	length = fread(text, 1, size - 1, file);
	text[length] = '\0';
	fclose(file);
}

/* Free pages that each processor keeps for itself, many megabytes, are counted as used. */
static long kept_by_processors(void)
{
	char text[65536];
	long pages = 0;

	text_read("/proc/zoneinfo", text, sizeof(text));
	for (const char *at = text; (at = strstr(at, " count:")); at++)
		pages += strtol(at + strlen(" count:"), NULL, 10);
	return pages * (long)(PAGE / 1024);
}

/* What is neither free, nor a process's, nor a file's. */
static void meminfo_read(struct ledger *out)
{
	char text[4096];

	text_read("/proc/meminfo", text, sizeof(text));
	out->slab = meminfo(text, "SUnreclaim:");
	out->other = meminfo(text, "MemTotal:") - meminfo(text, "MemFree:") -
		     meminfo(text, "Buffers:") - meminfo(text, "\nCached:") -
		     meminfo(text, "AnonPages:") - meminfo(text, "Slab:") - kept_by_processors();
}

void ledger_take(struct ledger *out)
{
	file_write("/proc/sys/vm/drop_caches", "3");
	slabs_shrink();
	/* what RCU and workers still free */
	sleep(1);
	meminfo_read(out);
	out->files = file_number("/proc/sys/fs/file-nr");
}

bool ledger_compare(const struct ledger *before, const struct ledger *after)
{
	long grown = after->slab - before->slab + after->other - before->other;

	say("memory of the kernel: %ld kB in slabs (%+ld), %ld kB of other kinds (%+ld), %ld files "
	    "(%+ld)",
	    after->slab, after->slab - before->slab, after->other, after->other - before->other,
	    after->files, after->files - before->files);
	if (grown <= MOST_KB && after->files - before->files <= MOST_FILES)
		return true;
	say("that is more than there should be");
	return false;
}
