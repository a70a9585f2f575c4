// SPDX-License-Identifier: GPL-2.0-or-later
#include "export.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nbd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER (1024 * 1024) /* bytes that the socket takes at once, to save wake-ups */

static const char *name_of(const struct export *export)
{
	const char *slash = strrchr(export->path, '/');

	return slash ? slash + 1 : export->path;
}

/*
 * From here on this thread has the block device alone. If the process is killed while the socket is full, then a
 * thread that waits for the device in the kernel stays until our end of the socket is closed: it must not be
 * the one that has it open.
 */
static int have_alone(int fd)
{
	if (unshare(CLONE_FILES))
		return -errno;
	if (fd > STDERR_FILENO + 1 && close_range(STDERR_FILENO + 1, (unsigned int)fd - 1, 0))
		return -errno;
	return close_range((unsigned int)fd + 1, ~0U, 0) ? -errno : 0;
}

/* NBD_DO_IT returns when the device has come to its end; whoever reads our end of the socket is told. */
static void *lend(void *arg)
{
	struct export *export = arg;
	int err = have_alone(export->fd);

	if (!err && ioctl(export->fd, NBD_DO_IT) && errno != EPIPE)
		err = -errno;
	if (err)
		fprintf(stderr, "uldf-blk: %s: %s\n", export->path, strerror(-err));
	ioctl(export->fd, NBD_CLEAR_QUE);
	ioctl(export->fd, NBD_CLEAR_SOCK);
	return NULL;
}

static void *end(void *arg)
{
	struct export *export = arg;
	int err = have_alone(export->fd);

	if (!err && fsync(export->fd))
		err = -errno;
	if (err)
		fprintf(stderr, "uldf-blk: %s: writing back: %s\n", export->path, strerror(-err));
	ioctl(export->fd, NBD_DISCONNECT);
	return NULL;
}

/* Signals are for the main thread; one here would end the device. */
static int thread_start(pthread_t *thread, void *(*fn)(void *), struct export *export)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(thread, NULL, fn, export);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

/* The kernel may send larger requests than the disk takes, if it is not told. */
static int limit_requests(const struct export *export, uint32_t most)
{
	char path[128];
	FILE *file;
	int err = 0;

	snprintf(path, sizeof(path), "/sys/class/block/%s/queue/max_sectors_kb", name_of(export));
	file = fopen(path, "we");
	if (!file)
		return -errno;
	fprintf(file, "%u\n", most / 1024);
	if (fclose(file))
		err = -errno;
	return err;
}

static int tell_size(const struct export *export, const struct export_size *size)
{
	unsigned long flags = NBD_FLAG_HAS_FLAGS;

	if (size->cached)
		flags |= NBD_FLAG_SEND_FLUSH;
	if (size->read_only)
		flags |= NBD_FLAG_READ_ONLY;
	if (ioctl(export->fd, NBD_SET_BLKSIZE, (unsigned long)size->block_size) ||
	    ioctl(export->fd, NBD_SET_SIZE_BLOCKS, (unsigned long)size->blocks) ||
	    ioctl(export->fd, NBD_SET_FLAGS, flags))
		return -errno;
	return limit_requests(export, size->most);
}

static int device_open(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		int err = -errno;

		fprintf(stderr, "uldf-blk: %s: %s%s\n", path, strerror(errno),
			errno == ENOENT || errno == ENXIO ? ": modprobe nbd" : "");
		return err;
	}
	if (!fstat(fd, &status) && S_ISBLK(status.st_mode))
		return fd;
	fprintf(stderr, "uldf-blk: %s: not a block device\n", path);
	close(fd);
	return -ENOTBLK;
}

int export_open(struct export *export, const char *path, const struct export_size *size)
{
	const int buffer = BUFFER;
	int ends[2], err;

	*export = (struct export){.path = path, .socket = -1};
	export->fd = device_open(path);
	if (export->fd < 0)
		return export->fd;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		err = -errno;
		fprintf(stderr, "uldf-blk: socketpair: %s\n", strerror(errno));
		goto err_close;
	}
	export->socket = ends[0];
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	err = ioctl(export->fd, NBD_SET_SOCK, ends[1]) ? -errno : 0;
	close(ends[1]);
	if (err) {
		fprintf(stderr, "uldf-blk: %s: %s\n", path,
			err == -EBUSY || err == -EINVAL ? "in use: unmount it, or take another one"
							: strerror(-err));
		goto err_close;
	}
	err = tell_size(export, size);
	if (!err)
		err = thread_start(&export->thread, lend, export);
	if (err) {
		fprintf(stderr, "uldf-blk: %s: %s\n", path, strerror(-err));
		ioctl(export->fd, NBD_CLEAR_SOCK);
		goto err_close;
	}
	export->started = true;
	return 0;

err_close:
	export_close(export);
	return err;
}

bool export_ready(const struct export *export)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/class/block/%s/pid", name_of(export));
	return !access(path, F_OK);
}

int export_end(struct export *export)
{
	int err;

	if (export->ending)
		return 0;
	err = thread_start(&export->ender, end, export);
	export->ending = !err;
	return err;
}

void export_close(struct export *export)
{
	if (export->socket >= 0)
		shutdown(export->socket, SHUT_RDWR);
	if (export->started)
		pthread_join(export->thread, NULL);
	if (export->ending)
		pthread_join(export->ender, NULL);
	if (export->socket >= 0)
		close(export->socket);
	if (export->fd >= 0)
		close(export->fd);
}
