// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "detect/files.h"

/* The first namespace of processes has this number on every kernel (PROC_PID_INIT_INO). */
#define FIRST_NAMESPACE "pid:[4026531836]"

/* One process being looked at. */
struct process {
	const struct detect_host *host;
	struct open_list *opens;
	const char *name; /* its number as text */
	char command[32];
};

static int open_add(struct process *process, const char *path, const struct detect_number *number)
{
	struct open_list *opens = process->opens;
	struct open_file *more;
	char *copy;

	if (opens->count == opens->room) {
		size_t room = opens->room ? 2 * opens->room : 64;

		more = reallocarray(opens->list, room, sizeof(*more));
		if (!more)
			return -ENOMEM;
		opens->list = more;
		opens->room = room;
	}
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	opens->list[opens->count] = (struct open_file){
		.pid = (pid_t)atoi(process->name), .number = *number, .path = copy};
	snprintf(opens->list[opens->count].command, sizeof(process->command), "%s",
		 process->command);
	opens->count++;
	return 0;
}

/* Registers of a PCI function, or its configuration space. */
static bool path_is_registers(const char *path)
{
	const char *name = strrchr(path, '/');

	return name && strstr(path, "/sys/devices/") &&
	       (!strncmp(name, "/resource", 9) || !strcmp(name, "/config"));
}

/* The process's file with this number; what the process itself ended meanwhile is nothing. */
static int process_add_fd(struct process *process, const char *fd)
{
	struct detect_number number;
	char link[PATH_MAX], path[PATH_MAX];
	ssize_t length;

	if (!host_path(process->host, link, "/proc/%s/fd/%s", process->name, fd))
		return 0;
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return 0;
	path[length] = '\0';
	if (process->host->number(link, &number))
		return 0;
	if (number.type == S_IFCHR || number.type == S_IFBLK)
		return open_add(process, path, &number);
	return path_is_registers(path) ? open_add(process, path, &(struct detect_number){0}) : 0;
}

static bool process_is_gone(int err)
{
	return err == ENOENT || err == ESRCH;
}

static int process_add_fds(struct process *process)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = NULL;
	int err = 0;

	if (host_path(process->host, path, "/proc/%s/fd", process->name))
		dir = opendir(path);
	if (!dir) {
		process->opens->unseen += !process_is_gone(errno);
		return 0;
	}
	while (!err && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			err = process_add_fd(process, entry->d_name);
	closedir(dir);
	return err;
}

/* "7f00-7f01 rw-s 00000000 00:13 123   /sys/devices/.../resource0": a mapping stays when its fd is closed. */
static int process_add_maps(struct process *process)
{
	const struct detect_number none = {.type = 0};
	char path[PATH_MAX], *line = NULL, *name, *last = NULL;
	FILE *file = NULL;
	size_t size = 0;
	int err = 0;

	if (host_path(process->host, path, "/proc/%s/maps", process->name))
		file = fopen(path, "re");
	if (!file)
		return 0;
	while (!err && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		name = strchr(line, '/');
		/* Neighbouring lines are often of one file. */
		if (!name || (last && !strcmp(name, last)) ||
		    (strncmp(name, "/dev/", 5) && !path_is_registers(name)))
			continue;
		err = open_add(process, name, &none);
		if (!err)
			last = process->opens->list[process->opens->count - 1].path;
	}
	free(line);
	fclose(file);
	return err;
}

static int process_add(const struct detect_host *host, struct open_list *opens, const char *name)
{
	struct process process = {.host = host, .opens = opens, .name = name};
	int err;

	host_line(host, process.command, sizeof(process.command), "/proc/%s/comm", name);
	err = process_add_fds(&process);
	return err ? err : process_add_maps(&process);
}

int open_list_read(const struct detect_host *host, struct open_list **out)
{
	struct open_list *opens = calloc(1, sizeof(*opens));
	char path[PATH_MAX], namespace[32];
	struct dirent *entry;
	DIR *dir = NULL;
	int err = 0;

	if (!opens)
		return -ENOMEM;
	/* Init must be seen: with hidepid of proc, the processes of others are not. */
	opens->contained = !host_link(host, namespace, sizeof(namespace), "/proc/self/ns/pid") ||
			   strcmp(namespace, FIRST_NAMESPACE) ||
			   !host_line(host, path, sizeof(path), "/proc/1/comm");
	if (host_path(host, path, "/proc"))
		dir = opendir(path);
	while (!err && dir && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			err = process_add(host, opens, entry->d_name);
	if (dir)
		closedir(dir);
	else
		opens->contained = true;
	if (err)
		open_list_free(opens);
	else
		*out = opens;
	return err;
}

void open_list_free(struct open_list *opens)
{
	if (!opens)
		return;
	for (size_t i = 0; i < opens->count; i++)
		free(opens->list[i].path);
	free(opens->list);
	free(opens);
}
