/* SPDX-License-Identifier: MIT */
/* The files in which a host tells what it does: /sys, /proc, /dev and /run below a root of the caller's choice. */
#ifndef ULDF_SRC_DETECT_HOST_H
#define ULDF_SRC_DETECT_HOST_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "detect/netns.h"

/**
 * struct detect_number - what kind of node a file is
 * @type: S_IFBLK, S_IFCHR, or another type of a file
 * @major: its number, of a node
 * @minor: its number, of a node
 */
struct detect_number {
	mode_t type;
	unsigned int major;
	unsigned int minor;
};

/**
 * struct detect_host - where detectors look
 * @root: text before /sys, /proc, /dev and /run; "" for the machine's own
 * @open: opens a node as open(2) does; the descriptor, or a negative errno
 * @number: finds the number of the node that a path leads to; 0 or a negative errno
 * @links: finds the network interfaces in another network namespace, as netns_links()
 */
struct detect_host {
	const char *root;
	int (*open)(const char *path, int flags);
	int (*number)(const char *path, struct detect_number *out);
	int (*links)(const char *netns, netns_found *found, void *data);
};

/** detect_machine - the machine that the process runs on */
extern const struct detect_host detect_machine;

/**
 * host_path() - make a path
 * @host: host
 * @out: out: the path
 * @fmt: path below the root, as for printf()
 *
 * Return: whether it fits.
 */
__attribute__((format(printf, 3, 4))) bool host_path(const struct detect_host *host,
						     char out[PATH_MAX], const char *fmt, ...);

/**
 * host_text() - read all of a file
 * @path: the file
 *
 * Return: text to be freed; NULL with errno when it cannot be read.
 */
char *host_text(const char *path);

/**
 * host_line() - read the first line of a file
 * @host: host
 * @buf: out: the line; empty when it cannot be read
 * @size: bytes at @buf; what does not fit is cut off
 * @fmt: path below the root, as for printf()
 *
 * Return: whether the file can be read.
 */
__attribute__((format(printf, 4, 5))) bool host_line(const struct detect_host *host, char *buf,
						     size_t size, const char *fmt, ...);

/**
 * host_link() - read the last word of a link's target
 * @host: host
 * @buf: out: the word; empty when there is no link
 * @size: bytes at @buf; what does not fit is cut off
 * @fmt: path below the root, as for printf()
 *
 * Return: whether there is a link.
 */
__attribute__((format(printf, 4, 5))) bool host_link(const struct detect_host *host, char *buf,
						     size_t size, const char *fmt, ...);

#endif
