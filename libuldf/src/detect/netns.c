// SPDX-License-Identifier: MIT
/*
 * Network interfaces that were moved to another network namespace, for a container. That one was moved
 * sysfs tells by an empty folder, but not where a function has another interface in this namespace.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "detect/detect.h"
#include "detect/files.h"

/* A host may have thousands of processes, and as many namespaces. */
#define NAMESPACES 256

/* The namespaces that were looked into, and where the interface was found. */
struct search {
	struct detect *detect;
	char own[32];
	char seen[NAMESPACES][32];
	size_t count;
	const char *where;   /* the namespace that is looked into, in words */
	const char *command; /* begins a command that is to run there */
	size_t found;
	size_t unseen; /* namespaces that could not be looked into */
};

/* An interface's device is the function itself, or one that its driver made, as virtio0. */
static bool search_is_ours(const struct detect *detect, const char *parent)
{
	if (!strcmp(parent, detect->address))
		return true;
	for (size_t i = 0; i < detect->nodes.count; i++)
		if (!strcmp(parent, detect->nodes.list[i].name))
			return true;
	return false;
}

static void search_found(void *data, const char *parent, const char *name, bool up)
{
	struct search *search = data;

	if (!search_is_ours(search->detect, parent))
		return;
	search->found++;
	detect_next(detect_used(search->detect, "%s is %s in the network namespace of %s", name,
				up ? "up" : "there", search->where),
		    "%s ip link set %s netns 1", search->command, name);
}

/* Is it to be looked into? Each namespace once, and not the one that this process is in. */
static bool search_is_new(struct search *search, const char *namespace)
{
	if (!strcmp(namespace, search->own))
		return false;
	for (size_t i = 0; i < search->count; i++)
		if (!strcmp(search->seen[i], namespace))
			return false;
	if (search->count == NAMESPACES) {
		search->unseen++;
		return false;
	}
	strcpy(search->seen[search->count++], namespace);
	return true;
}

/* Looks into the namespace that a file stands for. One that ended meanwhile has no interfaces. */
static void search_look(struct search *search, const char *path)
{
	int err = search->detect->host->links(path, search_found, search);

	search->unseen += err && err != -ENOENT && err != -ESRCH;
}

static void search_process(struct search *search, const char *pid)
{
	const struct detect_host *host = search->detect->host;
	char namespace[32], path[PATH_MAX], comm[32], where[80], command[80];

	if (!host_link(host, namespace, sizeof(namespace), "/proc/%s/ns/net", pid) ||
	    !search_is_new(search, namespace) || !host_path(host, path, "/proc/%s/ns/net", pid))
		return;
	host_line(host, comm, sizeof(comm), "/proc/%s/comm", pid);
	snprintf(where, sizeof(where), "%s (process %.16s)", comm, pid);
	snprintf(command, sizeof(command), "nsenter -t %.16s -n", pid);
	search->where = where;
	search->command = command;
	search_look(search, path);
}

static void search_named(struct search *search, const char *name)
{
	const struct detect_host *host = search->detect->host;
	char path[PATH_MAX], command[300];

	if (!host_path(host, path, "/run/netns/%s", name))
		return;
	snprintf(command, sizeof(command), "ip netns exec %s", name);
	search->where = name;
	search->command = command;
	search_look(search, path);
}

static void search_folder(struct search *search, const char *folder,
			  void (*look)(struct search *search, const char *name))
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = NULL;

	if (host_path(search->detect->host, path, "%s", folder))
		dir = opendir(path);
	while (dir && !search->found && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			look(search, entry->d_name);
	if (dir)
		closedir(dir);
}

void detect_netns(struct detect *detect)
{
	struct search *search;

	if (!detect->nodes.hidden_net && !nodes_next(&detect->nodes, "net", NULL))
		return;
	search = calloc(1, sizeof(*search));
	if (!search) {
		detect->err = -ENOMEM;
		return;
	}
	search->detect = detect;
	host_link(detect->host, search->own, sizeof(search->own), "/proc/self/ns/net");
	search_folder(search, "/run/netns", search_named);
	search_folder(search, "/proc", search_process);
	if (!search->found && detect->nodes.hidden_net)
		detect_next(detect_used(detect, "its network interface is in another network "
						"namespace"),
			    "give it back to the host: ip link set NAME netns 1");
	else if (!search->found && search->unseen)
		detect_next(detect_unknown(detect,
					   "%zu of the network namespaces cannot be looked into",
					   search->unseen),
			    "be root");
	free(search);
}
