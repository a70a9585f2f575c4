// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/pci_regs.h>
#include <poll.h>
#include <time.h>
#include <uldf/config.h>
#include "disk-ops.h"

/* A request that somebody waits for is looked after when it took WAIT_MS, then every second, WAIT_AGE times. */
#define WAIT_MS	 5000
#define WAIT_AGE 25

void uldf_disk_close(struct uldf_disk *disk)
{
	if (disk)
		disk->ops->close(disk);
}

const struct uldf_disk_info *uldf_disk_info(const struct uldf_disk *disk)
{
	return &disk->info;
}

int uldf_disk_submit(struct uldf_disk *disk, const struct uldf_disk_request *list, size_t count,
		     size_t *done)
{
	return disk->ops->submit(disk, list, count, done);
}

int uldf_disk_poll(struct uldf_disk *disk, struct uldf_disk_completion *list, size_t room,
		   size_t *count)
{
	return disk->ops->poll(disk, list, room, count);
}

int uldf_disk_fd(const struct uldf_disk *disk)
{
	return disk->fd;
}

int uldf_disk_expire(struct uldf_disk *disk, unsigned int age)
{
	return disk->ops->expire(disk, age);
}

bool disk_segments_add_up(const struct uldf_disk_request *request, uint64_t bytes)
{
	for (size_t i = 0; i < request->count; i++) {
		if (!request->list[i].length || request->list[i].length > bytes)
			return false;
		bytes -= request->list[i].length;
	}
	return !bytes;
}

int disk_master(struct uldf_device *device, bool on)
{
	uint32_t command;
	int err = uldf_config_read(device, PCI_COMMAND, 2, &command);

	if (err)
		return err;
	command &= ~(uint32_t)PCI_COMMAND_MASTER;
	return uldf_config_write(device, PCI_COMMAND, 2,
				 on ? command | PCI_COMMAND_MASTER : command);
}

/* Of commands without memory. */
static int check_range(const struct uldf_disk_info *info, const struct uldf_disk_request *request,
		       uint32_t most)
{
	if (!most)
		return -ENOTSUP;
	if (!request->blocks)
		return -EINVAL;
	if (request->blocks > most)
		return -E2BIG;
	return request->block >= info->blocks || request->blocks > info->blocks - request->block
		       ? -ERANGE
		       : 0;
}

int disk_check_rare(const struct uldf_disk_info *info, const struct uldf_disk_request *request)
{
	if (request->command == ULDF_DISK_FLUSH)
		return request->blocks ? -EINVAL : 0;
	if (request->command > ULDF_DISK_WRITE_FUA)
		return -EINVAL;
	if (info->read_only)
		return -EROFS;
	switch (request->command) {
	case ULDF_DISK_DISCARD:
		return check_range(info, request, info->most_discarded);
	case ULDF_DISK_ZERO:
		return check_range(info, request, info->most_zeroed);
	default:
		return info->fua ? disk_check_blocks(info, request) : -ENOTSUP;
	}
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Waits for the only request there is. None that is done in WAIT_MS depends on the clock. */
static int wait_one(struct uldf_disk *disk)
{
	struct pollfd waiting = {.fd = disk->fd, .events = POLLIN};
	struct uldf_disk_completion completion;
	uint64_t next = now_ms() + WAIT_MS;
	size_t count = 0;

	for (;;) {
		int err = uldf_disk_poll(disk, &completion, 1, &count);

		if (count)
			return completion.status;
		if (err)
			return err;
		if (disk->fd >= 0)
			poll(&waiting, 1, 1000);
		if (now_ms() < next)
			continue;
		uldf_disk_expire(disk, WAIT_AGE);
		next = now_ms() + 1000;
	}
}

static int do_one(struct uldf_disk *disk, const struct uldf_disk_request *template,
		  enum uldf_disk_command command)
{
	struct uldf_disk_request request = *template;
	size_t done = 0;
	int err;

	/* The next completion must be this request's, as its memory is the caller's again afterwards. */
	if (disk->ops->pending(disk))
		return -EBUSY;
	request.command = command;
	err = uldf_disk_submit(disk, &request, 1, &done);
	if (err)
		return err;
	return done ? wait_one(disk) : -EBUSY;
}

int uldf_disk_read(struct uldf_disk *disk, const struct uldf_disk_request *request)
{
	return do_one(disk, request, ULDF_DISK_READ);
}

int uldf_disk_write(struct uldf_disk *disk, const struct uldf_disk_request *request)
{
	return do_one(disk, request, ULDF_DISK_WRITE);
}

int uldf_disk_flush(struct uldf_disk *disk)
{
	return do_one(disk, &(struct uldf_disk_request){.command = ULDF_DISK_FLUSH},
		      ULDF_DISK_FLUSH);
}
