// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "detect/node.h"

/* A disk behind hubs is some 20 folders below its controller. */
#define NODE_DEPTH 32

/* Reads a folder's file relative to itself: the root is in the path already. */
static const struct detect_host plain = {.root = ""};

static void node_read_number(struct node *node)
{
	char line[128], path[PATH_MAX], *text = NULL;
	const char *name;

	if (!host_line(&plain, line, sizeof(line), "%s/dev", node->path) ||
	    sscanf(line, "%u:%u", &node->number.major, &node->number.minor) != 2)
		return;
	node->number.type = strcmp(node->subsystem, "block") ? S_IFCHR : S_IFBLK;
	if (host_path(&plain, path, "%s/uevent", node->path))
		text = host_text(path);
	name = text ? strstr(text, "DEVNAME=") : NULL;
	if (name)
		sscanf(name, "DEVNAME=%127s", node->dev);
	else
		snprintf(node->dev, sizeof(node->dev), "%s", node->name);
	free(text);
}

static int node_append(struct node_list *nodes, const char *path, const char *subsystem)
{
	struct node *node, *more;

	if (nodes->count == nodes->room) {
		size_t room = nodes->room ? 2 * nodes->room : 16;

		more = reallocarray(nodes->list, room, sizeof(*more));
		if (!more)
			return -ENOMEM;
		nodes->list = more;
		nodes->room = room;
	}
	node = &nodes->list[nodes->count];
	*node = (struct node){.path = strdup(path)};
	if (!node->path)
		return -ENOMEM;
	snprintf(node->subsystem, sizeof(node->subsystem), "%s", subsystem);
	snprintf(node->name, sizeof(node->name), "%s", strrchr(path, '/') + 1);
	host_link(&plain, node->driver, sizeof(node->driver), "%s/driver", path);
	node_read_number(node);
	nodes->count++;
	return 0;
}

static bool entry_is_folder(const char *path, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_name[0] == '.')
		return false;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return !lstat(path, &st) && S_ISDIR(st.st_mode);
}

static int folder_walk(const char *path, struct node_list *nodes, unsigned int depth);

/* A folder is a node where it tells its subsystem. */
static int folder_visit(const char *path, struct node_list *nodes, unsigned int depth)
{
	char subsystem[32];
	int err = 0;

	if (host_link(&plain, subsystem, sizeof(subsystem), "%s/subsystem", path)) {
		if (!strcmp(subsystem, "pci"))
			return 0;
		err = node_append(nodes, path, subsystem);
	}
	return err || depth >= NODE_DEPTH ? err : folder_walk(path, nodes, depth + 1);
}

static int folder_walk(const char *path, struct node_list *nodes, unsigned int depth)
{
	unsigned int folders = 0;
	struct dirent *entry;
	DIR *dir = opendir(path);
	char *below;
	int err = 0;

	/* It went away. */
	if (!dir)
		return 0;
	while (!err && (entry = readdir(dir))) {
		if (asprintf(&below, "%s/%s", path, entry->d_name) < 0) {
			err = -ENOMEM;
			break;
		}
		if (entry_is_folder(below, entry)) {
			folders++;
			err = folder_visit(below, nodes, depth);
		}
		free(below);
	}
	closedir(dir);
	/* The folder of a class belongs to the device; what is in it, to a namespace. */
	if (!folders && !strcmp(strrchr(path, '/') + 1, "net"))
		nodes->hidden_net = true;
	return err;
}

int nodes_walk(const char *path, struct node_list *nodes)
{
	return folder_walk(path, nodes, 0);
}

int nodes_add(const struct detect_host *host, struct node_list *nodes, const char *fmt, ...)
{
	char name[PATH_MAX], path[PATH_MAX], folder[PATH_MAX];
	va_list args;
	int length;

	va_start(args, fmt);
	length = vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	if (length < 0 || (size_t)length >= sizeof(name) || !host_path(host, path, "%s", name) ||
	    !realpath(path, folder))
		return 0;
	for (size_t i = 0; i < nodes->count; i++)
		if (!strcmp(nodes->list[i].path, folder))
			return 0;
	return folder_visit(folder, nodes, 0);
}

const struct node *nodes_next(const struct node_list *nodes, const char *subsystem,
			      const struct node *after)
{
	size_t i = after ? (size_t)(after - nodes->list) + 1 : 0;

	for (; i < nodes->count; i++)
		if (!strcmp(nodes->list[i].subsystem, subsystem))
			return &nodes->list[i];
	return NULL;
}

void nodes_fini(struct node_list *nodes)
{
	for (size_t i = 0; i < nodes->count; i++)
		free(nodes->list[i].path);
	free(nodes->list);
}
