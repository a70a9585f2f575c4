// SPDX-License-Identifier: MIT
/* Nodes and registers of a device that processes have open: a program, a VMM, a server of disks. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "detect/block.h"
#include "detect/detect.h"
#include "detect/files.h"
#include "detect/opener.h"

/* More are counted only. */
#define PROCESSES_TOLD 4

static bool number_equal(const struct detect_number *a, const struct detect_number *b)
{
	return a->type == b->type && a->major == b->major && a->minor == b->minor;
}

/* A mapping tells a path alone. */
static bool open_is_of(const struct open_file *file, const struct detect_number *number,
		       const char *dev)
{
	if (!number->type)
		return false;
	if (file->number.type)
		return number_equal(&file->number, number);
	return !strncmp(file->path, "/dev/", 5) && !strcmp(file->path + 5, dev);
}

/* Writes the name of the device's node, or of its registers, that is open; false where it is another's. */
static bool open_name(const struct detect *detect, const struct open_file *file, char *buf,
		      size_t size)
{
	size_t length = strlen(detect->path);

	for (size_t i = 0; i < detect->nodes.count; i++) {
		const struct node *node = &detect->nodes.list[i];

		if (!open_is_of(file, &node->number, node->dev))
			continue;
		snprintf(buf, size, "/dev/%s", node->dev);
		return true;
	}
	for (size_t i = 0; i < detect->blocks->count; i++) {
		const struct block *block = &detect->blocks->list[i];

		if (!open_is_of(file, &block->number, block->dev))
			continue;
		snprintf(buf, size, "/dev/%s", block->dev);
		return true;
	}
	if (file->number.type || strncmp(file->path, detect->path, length) ||
	    file->path[length] != '/')
		return false;
	snprintf(buf, size, "its file %s", file->path + length + 1);
	return true;
}

/* Opened by this library, for as long as it looks. */
static bool open_is_ours(const struct uldf_usage *usage, const struct open_file *file)
{
	if (file->pid != getpid())
		return false;
	for (size_t i = 0; i < usage->held_count; i++)
		if (!strcmp(usage->held_paths[i], file->path))
			return true;
	return false;
}

/* Adds a process that has the device's node, or its registers, open as @name. */
static void process_used(struct detect *detect, const struct open_file *file, const char *name)
{
	struct uldf_finding *finding;
	struct uldf_opener opener;
	char since[OPENER_SINCE];

	opener_find(detect->host, file->pid, file->command, &opener);
	opener_since(&opener, since);
	finding = detect_used(detect, "%s open in %s (process %d%s)", name, file->command,
			      (int)file->pid, since);
	detect_next(finding, "end process %d", (int)file->pid);
	if (finding)
		finding->opener = opener;
}

static bool detect_has_nodes(const struct detect *detect)
{
	for (size_t i = 0; i < detect->nodes.count; i++)
		if (detect->nodes.list[i].number.type)
			return true;
	return false;
}

/* A device without a driver is the kernel's to refuse: only a use that is seen counts. */
static void process_blind(struct detect *detect, const struct open_list *opens)
{
	if (!detect->driver[0] || !detect_has_nodes(detect))
		return;
	if (opens->contained)
		detect_next(detect_unknown(detect, "processes outside this container cannot be "
						   "looked at"),
			    "run it in the host's own namespace of processes");
	else if (opens->unseen)
		detect_next(detect_unknown(detect,
					   "what %zu processes have open cannot be looked at",
					   opens->unseen),
			    "be root");
}

void detect_process(struct detect *detect)
{
	struct uldf_usage *usage = detect->usage;
	size_t told = 0, more = 0;
	pid_t last = 0;

	if (!usage->opens)
		detect->err = open_list_read(detect->host, &usage->opens);
	for (size_t i = 0; !detect->err && i < usage->opens->count; i++) {
		const struct open_file *file = &usage->opens->list[i];
		char name[160];

		/* The files of a process follow each other. */
		if (file->pid == last || open_is_ours(usage, file))
			continue;
		if (!open_name(detect, file, name, sizeof(name)))
			continue;
		last = file->pid;
		if (told++ >= PROCESSES_TOLD) {
			more++;
			continue;
		}
		process_used(detect, file, name);
	}
	if (detect->err)
		return;
	if (more)
		detect_next(detect_used(detect, "%zu more processes", more), "end them");
	process_blind(detect, usage->opens);
}
