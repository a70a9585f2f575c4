// SPDX-License-Identifier: GPL-2.0-or-later
#include "export.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nbd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define REQUESTS 128	       /* that the nbd module has under way at most */
#define REPLIES	 (1024 * 1024) /* bytes that the socket takes at once, to save wake-ups */

static const char *name_of(const struct export *export)
{
	const char *slash = strrchr(export->path, '/');

	return slash ? slash + 1 : export->path;
}

/* NBD_DO_IT returns when the device has come to its end. */
static void *lend(void *arg)
{
	struct export *export = arg;

	if (ioctl(export->fd, NBD_DO_IT) && errno != EPIPE)
		fprintf(stderr, "uldf-blk: %s: %s\n", export->path, strerror(errno));
	ioctl(export->fd, NBD_CLEAR_QUE);
	ioctl(export->fd, NBD_CLEAR_SOCK);
	/* Whoever still reads our end is told. */
	shutdown(export->socket, SHUT_RDWR);
	return NULL;
}

static void *end(void *arg)
{
	struct export *export = arg;

	if (fsync(export->fd)) {
		export->err = -errno;
		fprintf(stderr, "uldf-blk: %s: writing back: %s\n", export->path, strerror(errno));
	}
	if (ioctl(export->fd, NBD_DISCONNECT))
		shutdown(export->socket, SHUT_RDWR);
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
	if (size->fua)
		flags |= NBD_FLAG_SEND_FUA;
	if (size->discards)
		flags |= NBD_FLAG_SEND_TRIM;
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

/*
 * The host's end takes all its requests at once, so that the host never waits for this process with its
 * socket locked. If the process were killed then, lend() would wait for that lock; and as long as it
 * waits, the process has our end open, and the host waits on.
 */
static int make_room(const int ends[2], const struct export_size *size)
{
	/* The kernel doubles it. A piece in a buffer of its own costs less than three times its size. */
	const int requests = 2 * REQUESTS * (int)size->most, replies = REPLIES;

	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &replies, sizeof(replies));
	return setsockopt(ends[1], SOL_SOCKET, SO_SNDBUFFORCE, &requests, sizeof(requests)) ? -errno
											    : 0;
}

int export_open(struct export *export, const char *path, const struct export_size *size)
{
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
	err = make_room(ends, size);
	if (err) {
		fprintf(stderr, "uldf-blk: room in a socket: %s: run it as root\n", strerror(-err));
		close(ends[1]);
		goto err_close;
	}
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

int export_close(struct export *export)
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
	return export->err;
}
