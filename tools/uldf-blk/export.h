/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's end: an nbd block device whose requests come through a socket. */
#ifndef ULDF_BLK_EXPORT_H
#define ULDF_BLK_EXPORT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct export
{
	const char *path;
	int fd;	    /* of the block device */
	int socket; /* our end */
	bool started;
	pthread_t thread; /* that lends itself to the kernel while the device lives */
	bool ending;
	pthread_t ender; /* that has it ended */
	int err;	 /* what has the host lose data; known when both threads have ended */
};

struct export_size {
	uint64_t blocks;
	uint32_t block_size;
	uint32_t most; /* bytes in a request */
	bool cached;
	bool fua;
	bool discards;
	bool read_only;
};

/*
 * Makes the device at @path have this size and send its requests to @export->socket, as soon as
 * export_ready() says so. Return: 0, or a negative errno after it was told on stderr.
 */
int export_open(struct export *export, const char *path, const struct export_size *size);
bool export_ready(const struct export *export);
/* Has the host write what it holds back, and then disconnect; the socket must still be served. */
int export_end(struct export *export);
/* Requests fail from now on. Return: 0, or a negative errno where the host has lost data, which was told. */
int export_close(struct export *export);

#endif
