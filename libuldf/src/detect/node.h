/* SPDX-License-Identifier: MIT */
/* What stands below a device in sysfs: everything that its driver made of it, down to disks and interfaces. */
#ifndef ULDF_SRC_DETECT_NODE_H
#define ULDF_SRC_DETECT_NODE_H

#include "detect/host.h"

/**
 * struct node - a member of a class or a bus
 * @subsystem: the class or bus: "block", "net", "input"
 * @name: its name there
 * @path: its folder, root included
 * @driver: the driver bound to it, empty for none
 * @dev: below /dev, its name; empty where it has no node
 * @number: number of that node
 */
struct node {
	char subsystem[32];
	char name[128];
	char *path;
	char driver[32];
	char dev[128];
	struct detect_number number;
};

/**
 * struct node_list - nodes
 * @list: array
 * @count: how many
 * @room: that fit
 * @hidden_net: a folder "net" has no interface: it is in another network namespace
 */
struct node_list {
	struct node *list;
	size_t count;
	size_t room;
	bool hidden_net;
};

/**
 * nodes_walk() - add everything below a folder; PCI functions below a bridge are left out
 * @path: the folder, root included, links resolved
 * @nodes: list
 *
 * Return: 0, -ENOMEM.
 */
int nodes_walk(const char *path, struct node_list *nodes);

/**
 * nodes_add() - add the node of a folder, and what is below it
 * @host: host
 * @nodes: list
 * @fmt: the folder, or a link to it, below the root, as for printf()
 *
 * Return: 0, also when there is no such folder; -ENOMEM.
 */
__attribute__((format(printf, 3, 4))) int nodes_add(const struct detect_host *host,
						    struct node_list *nodes, const char *fmt, ...);

/**
 * nodes_next() - the next node of a subsystem
 * @nodes: list
 * @subsystem: its name
 * @after: where to go on, NULL to begin
 *
 * Return: the node, or NULL.
 */
const struct node *nodes_next(const struct node_list *nodes, const char *subsystem,
			      const struct node *after);

/**
 * nodes_fini() - free what the list holds
 * @nodes: list
 */
void nodes_fini(struct node_list *nodes);

#endif
