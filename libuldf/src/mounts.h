/* SPDX-License-Identifier: MIT */
/* Pure readers of the kernel's tables of mounts, swap and routes: text in, answers out. */
#ifndef ULDF_SRC_MOUNTS_H
#define ULDF_SRC_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct mounts_block - a block device
 * @name: its name below /dev
 * @major: its number
 * @minor: its number
 */
struct mounts_block {
	const char *name;
	unsigned int major;
	unsigned int minor;
};

/**
 * mounts_find() - where a block device is mounted
 * @mountinfo: the text of a /proc/PID/mountinfo (proc(5))
 * @block: the block device; found by its number, or by name for file systems that show a number of
 *         their own, as btrfs does
 * @path: out: the first mount point, escapes undone; untouched when there is none
 * @size: bytes at @path
 *
 * Return: whether it is mounted.
 */
bool mounts_find(const char *mountinfo, const struct mounts_block *block, char *path, size_t size);

/**
 * mounts_find_swap() - is a block device in use as swap
 * @swaps: the text of /proc/swaps
 * @name: its name below /dev
 *
 * Return: whether it is.
 */
bool mounts_find_swap(const char *swaps, const char *name);

/**
 * mounts_find_route() - does the IPv4 default route lead through an interface
 * @routes: the text of /proc/net/route
 * @interface: its name
 *
 * Return: whether it does.
 */
bool mounts_find_route(const char *routes, const char *interface);

/**
 * mounts_find_route6() - does the IPv6 default route lead through an interface
 * @routes: the text of /proc/net/ipv6_route
 * @interface: its name
 *
 * Return: whether it does.
 */
bool mounts_find_route6(const char *routes, const char *interface);

#endif
