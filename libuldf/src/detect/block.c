// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "detect/block.h"
#include "detect/detect.h"

/* A name in sysfs has '!' for '/'. */
static void block_read(const struct detect_host *host, const char *name, struct block *out)
{
	char line[64];

	snprintf(out->name, sizeof(out->name), "%s", name);
	snprintf(out->dev, sizeof(out->dev), "%s", name);
	for (char *at = out->dev; (at = strchr(at, '!'));)
		*at = '/';
	if (host_line(host, line, sizeof(line), "/sys/class/block/%s/dev", name) &&
	    sscanf(line, "%u:%u", &out->number.major, &out->number.minor) == 2)
		out->number.type = S_IFBLK;
}

static int block_append(struct block_list *blocks, const struct block *block)
{
	struct block *more;

	for (size_t i = 0; i < blocks->count; i++)
		if (!strcmp(blocks->list[i].name, block->name))
			return 0;
	if (blocks->count == blocks->room) {
		size_t room = blocks->room ? 2 * blocks->room : 16;

		more = reallocarray(blocks->list, room, sizeof(*more));
		if (!more)
			return -ENOMEM;
		blocks->list = more;
		blocks->room = room;
	}
	blocks->list[blocks->count++] = *block;
	return 0;
}

/* Adds the sets of device-mapper, RAID and their like that have a block device as a part. */
static int block_add_sets(const struct detect_host *host, struct block_list *blocks, size_t below)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = NULL;
	int err = 0;

	if (host_path(host, path, "/sys/class/block/%s/holders", blocks->list[below].name))
		dir = opendir(path);
	if (!dir)
		return 0;
	while (!err && (entry = readdir(dir))) {
		struct block set = {.below = below};

		if (entry->d_name[0] == '.')
			continue;
		block_read(host, entry->d_name, &set);
		err = block_append(blocks, &set);
	}
	closedir(dir);
	return err;
}

/* Does a path name a block device, under whatever name? */
static bool block_is_at(const struct detect_host *host, const struct block *block, const char *path)
{
	struct detect_number number;
	char whole[PATH_MAX];

	if (!strncmp(path, "/dev/", 5) && !strcmp(path + 5, block->dev))
		return true;
	return host_path(host, whole, "%s", path) && !host->number(whole, &number) &&
	       number.type == S_IFBLK && block->number.type == S_IFBLK &&
	       number.major == block->number.major && number.minor == block->number.minor;
}

/* Adds the partitions of a loop device, and itself, where it lies over a block device of the list. */
static int block_add_loop(const struct detect_host *host, struct block_list *blocks,
			  const char *name, const char *backing)
{
	struct block loop = {.loop = true};
	char path[PATH_MAX];
	struct dirent *entry;
	size_t above;
	DIR *dir = NULL;
	int err;

	while (loop.below < blocks->count && !block_is_at(host, &blocks->list[loop.below], backing))
		loop.below++;
	if (loop.below == blocks->count)
		return 0;
	block_read(host, name, &loop);
	above = blocks->count;
	err = block_append(blocks, &loop);
	if (err || above == blocks->count)
		return err;
	if (host_path(host, path, "/sys/class/block/%s", name))
		dir = opendir(path);
	while (!err && dir && (entry = readdir(dir))) {
		struct block part = {.below = above, .loop = true};

		if (strncmp(entry->d_name, name, strlen(name)))
			continue;
		block_read(host, entry->d_name, &part);
		err = block_append(blocks, &part);
	}
	if (dir)
		closedir(dir);
	return err;
}

static int block_add_loops(const struct detect_host *host, struct block_list *blocks)
{
	char path[PATH_MAX], backing[PATH_MAX];
	struct dirent *entry;
	DIR *dir = NULL;
	int err = 0;

	if (host_path(host, path, "/sys/block"))
		dir = opendir(path);
	while (!err && dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "loop", 4) &&
		    host_line(host, backing, sizeof(backing), "/sys/block/%s/loop/backing_file",
			      entry->d_name))
			err = block_add_loop(host, blocks, entry->d_name, backing);
	if (dir)
		closedir(dir);
	return err;
}

/* Of paths to an NVMe disk that controllers share, the disk is the one without a controller's number. */
static bool block_is_path(const char *name)
{
	unsigned int subsystem, controller, disk;

	return sscanf(name, "nvme%uc%un%u", &subsystem, &controller, &disk) == 3;
}

static int block_add_own(struct detect *detect, struct block_list *blocks)
{
	const struct node *node = NULL;
	int err = 0;

	while (!err && (node = nodes_next(&detect->nodes, "block", node))) {
		struct block own = {.below = blocks->count};
		char line[16];

		if (block_is_path(node->name))
			continue;
		block_read(detect->host, node->name, &own);
		own.whole = !host_line(detect->host, line, sizeof(line),
				       "/sys/class/block/%s/partition", node->name);
		err = block_append(blocks, &own);
	}
	return err;
}

int blocks_find(struct detect *detect, struct block_list **out)
{
	struct block_list *blocks = calloc(1, sizeof(*blocks));
	size_t done = 0, count;
	int err;

	if (!blocks)
		return -ENOMEM;
	err = block_add_own(detect, blocks);
	/* What stands on a loop device stands on the disk; a loop device may lie over a set. */
	do {
		count = blocks->count;
		for (; !err && done < blocks->count; done++)
			err = block_add_sets(detect->host, blocks, done);
		if (!err && blocks->count)
			err = block_add_loops(detect->host, blocks);
	} while (!err && blocks->count != count);
	if (err)
		blocks_free(blocks);
	else
		*out = blocks;
	return err;
}

void blocks_free(struct block_list *blocks)
{
	if (blocks)
		free(blocks->list);
	free(blocks);
}
