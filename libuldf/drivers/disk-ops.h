/* SPDX-License-Identifier: MIT */
/* What a disk's driver fills in: the ops behind the functions of <uldf/drivers/disk.h>. */
#ifndef ULDF_DRIVERS_DISK_OPS_H
#define ULDF_DRIVERS_DISK_OPS_H

#include <errno.h>
#include <uldf/drivers/disk.h>

/**
 * struct disk_ops - what a driver guarantees
 *
 * @submit: As uldf_disk_submit(), of requests that disk_check() accepts; the driver calls it.
 * @poll: As uldf_disk_poll().
 * @pending: How many requests were submitted and are not yet collected.
 * @expire: As uldf_disk_expire().
 * @close: As uldf_disk_close(), and free the disk. Its device may be gone.
 */
struct disk_ops {
	int (*submit)(struct uldf_disk *disk, const struct uldf_disk_request *list, size_t count,
		      size_t *done);
	int (*poll)(struct uldf_disk *disk, struct uldf_disk_completion *list, size_t room,
		    size_t *count);
	size_t (*pending)(const struct uldf_disk *disk);
	int (*expire)(struct uldf_disk *disk, unsigned int age);
	void (*close)(struct uldf_disk *disk);
};

/* The first member of every driver's own structure. */
struct uldf_disk {
	const struct disk_ops *ops;
	struct uldf_device *device;
	struct uldf_disk_info info;
	int fd; /* eventfd that is signalled with completions, -1 when polled */
};

/* Are all of a request's segments as long as its @bytes, and none of them empty? */
bool disk_segments_add_up(const struct uldf_disk_request *request, uint64_t bytes);

static inline bool disk_segments_fit(const struct uldf_disk_request *request, uint64_t bytes)
{
	return request->count == 1 ? request->list->length == bytes
				   : disk_segments_add_up(request, bytes);
}

/* disk_check() for commands other than plain reads and writes. */
int disk_check_rare(const struct uldf_disk_info *info, const struct uldf_disk_request *request);

/* Do blocks and memory of a read or write suit the disk? */
static inline int disk_check_blocks(const struct uldf_disk_info *info,
				    const struct uldf_disk_request *request)
{
	uint64_t bytes = (uint64_t)request->blocks * info->block_size;

	if (!request->blocks)
		return -EINVAL;
	if (request->blocks > info->most_blocks)
		return -E2BIG;
	if (request->block >= info->blocks || request->blocks > info->blocks - request->block)
		return -ERANGE;
	if (info->bounced)
		return request->data ? 0 : -EINVAL;
	return disk_segments_fit(request, bytes) ? 0 : -EINVAL;
}

/**
 * disk_check() - what is wrong with a request, whatever the disk
 * @info: the disk
 * @request: the request
 *
 * Return: 0, -EINVAL command, or segments that are not as long as the blocks, -EROFS, -ERANGE, -E2BIG, -ENOTSUP.
 */
static inline int disk_check(const struct uldf_disk_info *info,
			     const struct uldf_disk_request *request)
{
	if (request->command > ULDF_DISK_WRITE)
		return disk_check_rare(info, request);
	if (request->command == ULDF_DISK_WRITE && info->read_only)
		return -EROFS;
	return disk_check_blocks(info, request);
}

/**
 * disk_master() - switch bus mastering (PCI 3.0 section 6.2.2)
 * @device: device
 * @on: or off
 *
 * Return: 0, or what reaching the configuration space answers.
 */
int disk_master(struct uldf_device *device, bool on);

#endif
