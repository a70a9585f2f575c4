/* SPDX-License-Identifier: MIT */
/* What the processes of a host have open: nodes of devices, and registers of PCI functions, by fd or as memory. */
#ifndef ULDF_SRC_DETECT_FILES_H
#define ULDF_SRC_DETECT_FILES_H

#include <sys/types.h>
#include "detect/host.h"

/**
 * struct open_file - one thing that one process has open
 * @pid: the process
 * @command: its name
 * @number: of a node; type 0 for other files
 * @path: the file, as the process sees it
 */
struct open_file {
	pid_t pid;
	char command[32];
	struct detect_number number;
	char *path;
};

/**
 * struct open_list - what all processes have open
 * @list: array
 * @count: how many
 * @room: that fit
 * @unseen: processes that could not be looked at
 * @contained: processes outside a container, which this process is in, cannot be seen at all
 */
struct open_list {
	struct open_file *list;
	size_t count;
	size_t room;
	size_t unseen;
	bool contained;
};

/**
 * open_list_read() - look at all processes
 * @host: host
 * @out: out: the list, freed with open_list_free(); untouched on failure
 *
 * A file that is in no table of descriptors is not seen: on its way through a socket, or registered
 * with io_uring and closed.
 *
 * Return: 0, -ENOMEM.
 */
int open_list_read(const struct detect_host *host, struct open_list **out);

/**
 * open_list_free() - free a list
 * @opens: the list, or NULL
 */
void open_list_free(struct open_list *opens);

#endif
