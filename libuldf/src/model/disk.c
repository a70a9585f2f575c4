// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>
#include "ctx.h"
#include "model/disk.h"

#define MEMORY (UINT64_C(64) << 20) /* bytes, if no size is given */

static int open_memory(const struct model_options *options, uint64_t size, int *out)
{
	int fd = memfd_create("model-disk", MFD_CLOEXEC), err;

	if (fd < 0 || ftruncate(fd, (off_t)size)) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return ctx_fail(options->ctx, err, "model:%s: no %" PRIu64 " bytes of memory: %s",
				options->model, size, ctx_strerror(err));
	}
	*out = fd;
	return 0;
}

/* Opens a file that nobody else stands a disk on. */
static int open_file(const struct model_options *options, const char *path, int *out)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), err;

	if (fd < 0) {
		err = -errno;
		return ctx_fail(options->ctx, err, "model:%s: cannot open file %s: %s%s",
				options->model, path, ctx_strerror(err),
				err == -ENOENT ? ": make it with truncate -s 64M, or leave the "
						 "option out for memory"
					       : "");
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
		close(fd);
		return ctx_fail(options->ctx, err, "model:%s: file %s is another model's: %s",
				options->model, path, ctx_strerror(err));
	}
	*out = fd;
	return 0;
}

/* The size of an open file, which is to be at least @size. */
static int file_size(const struct model_options *options, const char *path, int fd, uint64_t *size)
{
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < 0)
		return ctx_fail(options->ctx, -errno, "model:%s: file %s has no size: %s",
				options->model, path, ctx_strerror(-errno));
	if (!*size)
		*size = (uint64_t)end / MODEL_BLOCK * MODEL_BLOCK;
	if (!*size || *size > (uint64_t)end)
		return ctx_fail(options->ctx, -EINVAL,
				"model:%s: file %s has %" PRIu64 " bytes, %" PRIu64
				" are needed: truncate -s",
				options->model, path, (uint64_t)end, *size ? *size : MODEL_BLOCK);
	return 0;
}

int model_disk_open(struct model_disk *disk, const struct model_options *options, const char *file,
		    const char *size)
{
	const char *path = model_option_text(options, file);
	uint64_t bytes = 0;
	int fd = -1, err = model_option_size(options, size, &bytes);

	if (err)
		return err;
	if (model_option_text(options, size) &&
	    (!bytes || bytes % MODEL_BLOCK || bytes > INT64_MAX))
		return ctx_fail(options->ctx, -EINVAL,
				"model:%s: option %s: %" PRIu64
				" bytes are no whole blocks of %u bytes",
				options->model, size, bytes, MODEL_BLOCK);
	if (!path) {
		if (!bytes)
			bytes = MEMORY;
		err = open_memory(options, bytes, &fd);
	} else {
		err = open_file(options, path, &fd);
	}
	if (err)
		return err;
	if (path)
		err = file_size(options, path, fd, &bytes);
	if (err) {
		close(fd);
		return err;
	}
	*disk = (struct model_disk){.fd = fd, .blocks = bytes >> MODEL_BLOCK_SHIFT};
	return 0;
}

void model_disk_close(struct model_disk *disk)
{
	close(disk->fd);
}

int model_disk_read(const struct model_disk *disk, uint64_t block, void *data, size_t size)
{
	off_t at = (off_t)(block << MODEL_BLOCK_SHIFT);
	char *to = data;

	while (size) {
		ssize_t done = pread(disk->fd, to, size, at);

		if (done < 0 && errno == EINTR)
			continue;
		/* No bytes: the file was made shorter since. */
		if (done <= 0)
			return done ? -errno : -EIO;
		to += done;
		at += done;
		size -= (size_t)done;
	}
	return 0;
}

int model_disk_write(const struct model_disk *disk, uint64_t block, const void *data, size_t size)
{
	off_t at = (off_t)(block << MODEL_BLOCK_SHIFT);
	const char *from = data;

	while (size) {
		ssize_t done = pwrite(disk->fd, from, size, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -EIO;
		from += done;
		at += done;
		size -= (size_t)done;
	}
	return 0;
}

int model_disk_flush(const struct model_disk *disk)
{
	return fdatasync(disk->fd) ? -errno : 0;
}

int model_disk_zero(const struct model_disk *disk, uint64_t block, uint64_t count)
{
	static const char zeros[64 * 1024];

	if (!count ||
	    !fallocate(disk->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		       (off_t)(block << MODEL_BLOCK_SHIFT), (off_t)(count << MODEL_BLOCK_SHIFT)))
		return 0;
	while (count) {
		uint64_t some = sizeof(zeros) >> MODEL_BLOCK_SHIFT;
		int err;

		if (some > count)
			some = count;
		err = model_disk_write(disk, block, zeros, (size_t)some << MODEL_BLOCK_SHIFT);
		if (err)
			return err;
		block += some;
		count -= some;
	}
	return 0;
}
