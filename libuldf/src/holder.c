// SPDX-License-Identifier: MIT
/* What the host has on top of a device: block devices in use, network interfaces that are up. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uldf/discover.h>
#include "ctx.h"
#include "mounts.h"
#include "usage.h"

/* Sets on sets: LVM on RAID on partitions is three. */
#define HOLDER_DEPTH 8

struct holder {
	struct usage usage;
	char *mounts;	   /* seen by this process */
	char *init_mounts; /* seen by init, which a service may not share */
	char *swaps;
	char *routes;
};

/* All of a file whose size cannot be known beforehand; an empty text when it cannot be read. */
static char *file_read(const char *path)
{
	size_t size = 0, length = 0;
	FILE *file = fopen(path, "re");
	char *text = NULL;

	if (!file)
		return strdup("");
	if (getdelim(&text, &size, '\0', file) < 0)
		length = 0;
	else
		length = strlen(text);
	fclose(file);
	if (!length) {
		free(text);
		return strdup("");
	}
	return text;
}

/* Does a /sys/class link lead to, or below, a folder of this name? */
static bool link_is_below(const char *class, const char *name, const char *folder)
{
	char path[PATH_MAX], target[PATH_MAX];
	size_t size = strlen(folder);
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/class/%s/%s", class, name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	for (const char *at = target; (at = strchr(at, '/')); at++)
		if (!strncmp(at + 1, folder, size) && (!at[1 + size] || at[1 + size] == '/'))
			return true;
	return false;
}

/*
 * Exclusive opening fails while a mount anywhere, swap, a set or another program holds the block
 * device; it catches what the tables that this process can read do not show. Whoever tries to take
 * the block device at that moment fails.
 */
static bool block_is_held(const char *name)
{
	char path[PATH_MAX];
	int fd, err;

	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
	err = fd < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	return err == EBUSY;
}

static bool block_usage(struct holder *holder, const char *name, unsigned int depth);

/* What device-mapper, RAID and their like built on a block device, and what is done with that. */
static bool block_usage_sets(struct holder *holder, const char *name, unsigned int depth)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool used = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/block/%s/holders", name);
	dir = opendir(path);
	if (!dir)
		return false;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		used = true;
		if (depth >= HOLDER_DEPTH || !block_usage(holder, entry->d_name, depth + 1))
			usage_add(&holder->usage, "/dev/%s part of /dev/%s", name, entry->d_name);
	}
	closedir(dir);
	return used;
}

static bool block_usage(struct holder *holder, const char *name, unsigned int depth)
{
	struct mounts_block block = {.name = name};
	char path[PATH_MAX], point[PATH_MAX];
	char *number;
	int fields;

	snprintf(path, sizeof(path), "/sys/class/block/%s/dev", name);
	number = file_read(path);
	fields = number ? sscanf(number, "%u:%u", &block.major, &block.minor) : 0;
	free(number);
	if (fields != 2)
		return false;
	if (mounts_find(holder->mounts, &block, point, sizeof(point)) ||
	    mounts_find(holder->init_mounts, &block, point, sizeof(point))) {
		usage_add(&holder->usage, "/dev/%s mounted on %s", name, point);
		return true;
	}
	if (mounts_find_swap(holder->swaps, name)) {
		usage_add(&holder->usage, "/dev/%s used as swap", name);
		return true;
	}
	return block_usage_sets(holder, name, depth);
}

static void net_usage(struct holder *holder, const char *name)
{
	char path[PATH_MAX];
	unsigned long flags;
	char *text;

	snprintf(path, sizeof(path), "/sys/class/net/%s/flags", name);
	text = file_read(path);
	flags = text ? strtoul(text, NULL, 16) : 0;
	free(text);
	if (!(flags & IFF_UP))
		return;
	if (mounts_find_route(holder->routes, name))
		usage_add(&holder->usage, "%s is up and has the default route", name);
	else
		usage_add(&holder->usage, "%s is up", name);
}

/* Calls for each member of a class that lies below a folder: a device's, or a disk's. */
static int class_walk(struct holder *holder, const char *class, const char *folder,
		      void (*fn)(struct holder *holder, const char *name))
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/%s", class);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && link_is_below(class, entry->d_name, folder))
			fn(holder, entry->d_name);
	closedir(dir);
	return 0;
}

/*
 * Below an NVMe controller that could share its disks there are hidden paths (nvme0c0n1) only; what
 * is mounted is the head of all paths to a disk (nvme0n1), and that stands below no device.
 */
static bool block_is_path(const char *name, char *head, size_t size)
{
	unsigned int subsystem, controller, disk;

	if (sscanf(name, "nvme%uc%un%u", &subsystem, &controller, &disk) != 3)
		return false;
	snprintf(head, size, "nvme%un%u", subsystem, disk);
	return true;
}

static void walk_block(struct holder *holder, const char *name)
{
	char head[64];

	if (block_is_path(name, head, sizeof(head)))
		class_walk(holder, "block", head, walk_block);
	else
		block_usage(holder, name, 0);
}

static void walk_block_held(struct holder *holder, const char *name)
{
	char head[64];

	if (block_is_path(name, head, sizeof(head)))
		class_walk(holder, "block", head, walk_block_held);
	else if (block_is_held(name))
		usage_add(&holder->usage, "/dev/%s in use", name);
}

static int holder_find(struct holder *holder, const char *address, bool probe)
{
	int err = class_walk(holder, "block", address, walk_block);

	if (!err && probe && !holder->usage.used)
		err = class_walk(holder, "block", address, walk_block_held);
	return err ? err : class_walk(holder, "net", address, net_usage);
}

static int holder_tell(struct uldf_ctx *ctx, const struct uldf_address *address, bool probe,
		       char *buf, size_t size)
{
	struct holder holder = {
		.mounts = file_read("/proc/self/mountinfo"),
		.init_mounts = file_read("/proc/1/mountinfo"),
		.swaps = file_read("/proc/swaps"),
		.routes = file_read("/proc/net/route"),
	};
	char text[ULDF_ADDRESS_TEXT];
	int err = -ENOMEM;

	uldf_address_format(address, text);
	if (!size)
		err = -EINVAL;
	else if (holder.mounts && holder.init_mounts && holder.swaps && holder.routes)
		err = holder_find(&holder, text, probe);
	free(holder.mounts);
	free(holder.init_mounts);
	free(holder.swaps);
	free(holder.routes);
	if (err)
		return ctx_fail(ctx, err, "device %s: cannot find what it is used for: %s", text,
				ctx_strerror(err));
	snprintf(buf, size, "%s", holder.usage.text);
	return 0;
}

int uldf_discover_usage(struct uldf_ctx *ctx, const struct uldf_address *address, char *buf,
			size_t size)
{
	return holder_tell(ctx, address, false, buf, size);
}

int uldf_discover_probe(struct uldf_ctx *ctx, const struct uldf_address *address, char *buf,
			size_t size)
{
	return holder_tell(ctx, address, true, buf, size);
}
