/* SPDX-License-Identifier: MIT */
/* Network interfaces in namespaces that this process is not in. */
#ifndef ULDF_SRC_DETECT_NETNS_H
#define ULDF_SRC_DETECT_NETNS_H

#include <stdbool.h>

/* Told of an interface: @parent is the name of its device on a bus, 0000:00:07.0 or virtio0. */
typedef void netns_found(void *data, const char *parent, const char *name, bool up);

/**
 * netns_links() - find the interfaces of devices in a network namespace
 * @netns: path of a file that stands for the namespace: /proc/PID/ns/net
 * @found: called for each
 * @data: for @found
 *
 * Enters the namespace with a thread of its own, which needs CAP_SYS_ADMIN.
 *
 * Return: 0 or a negative errno.
 */
int netns_links(const char *netns, netns_found *found, void *data);

#endif
