/* SPDX-License-Identifier: MIT */
/* The disks of a device, their partitions, and the block devices that the host built on these. */
#ifndef ULDF_SRC_DETECT_BLOCK_H
#define ULDF_SRC_DETECT_BLOCK_H

#include "detect/host.h"

struct detect;

/**
 * struct block - a block device that depends on the device looked at
 * @name: its name in sysfs
 * @dev: its name below /dev
 * @number: its number
 * @whole: it is a disk of the device itself, and no partition
 * @below: index of the block device that it stands on; its own where it belongs to the device itself
 * @loop: it is a loop device over that one; otherwise a set that has it as a part
 */
struct block {
	char name[64];
	char dev[128];
	struct detect_number number;
	bool whole;
	size_t below;
	bool loop;
};

/**
 * struct block_list - block devices, each behind the one that it stands on
 * @list: array
 * @count: how many
 * @room: that fit
 */
struct block_list {
	struct block *list;
	size_t count;
	size_t room;
};

/**
 * blocks_find() - list a device's block devices
 * @detect: device, whose nodes are known
 * @out: out: the list, to be freed with blocks_free(); untouched on failure
 *
 * Return: 0, -ENOMEM.
 */
int blocks_find(struct detect *detect, struct block_list **out);

/**
 * blocks_free() - free a list
 * @blocks: the list, or NULL
 */
void blocks_free(struct block_list *blocks);

#endif
